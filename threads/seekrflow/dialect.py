"""The SeekrFlow wire as a value."""

from messaging.wire.dialect import AUTHORIZATION_SCHEME, BEARER_SCHEME, Dialect
from messaging.wire.fastapi import FASTAPI_ERRORS

SEEKRFLOW = Dialect(
    name="seekrflow",
    prefix="v1/",
    urls="threads.seekrflow.urls",
    errors=FASTAPI_ERRORS,
    shows_columns=True,
    tags={
        "Threads": "Threads and their messages, whose content may be typed items. The Mielto wire calls them"
        " conversations.",
        "Runs": "An agent's turns: a run holds its thread, writes messages and ends.",
        "Parts": "Typed parts of a message: text, reasoning, tool calls and results, files, data.",
        "Objects": "Large values that are kept outside their messages.",
    },
    security={"APIKeyHeader": AUTHORIZATION_SCHEME, "DualAuthScheme": BEARER_SCHEME},
    # Threads belong to the workspace of the key, so the vendor's team header does not reach them either.
    ignored_headers=("x-team-id",),
    nouns={"Conversation": "Thread"},
)
