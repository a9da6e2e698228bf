"""OpenAI's wire as a value: Conversations, and the Threads of its Assistants."""

from messaging.content.responses import DIALECT
from messaging.wire.dialect import AUTHORIZATION_SCHEME, BEARER_SCHEME, Dialect

from .errors import OPENAI_ERRORS

OPENAI = Dialect(
    name=DIALECT,
    prefix="openai/v1/",
    urls="threads.openai.urls",
    errors=OPENAI_ERRORS,
    tags={
        "OpenAI conversations": "Conversations and their items, as the Responses API has them.",
        "Assistants threads": "Threads, messages and runs, as the Assistants API had them until it was shut.",
    },
    security={"ApiKeyAuth": BEARER_SCHEME, "APIKeyHeader": AUTHORIZATION_SCHEME},
    # A key belongs to its workspace, whatever organization or project a client names.
    ignored_headers=("OpenAI-Organization", "OpenAI-Project", "OpenAI-Beta"),
    moment=lambda moment: int(moment.timestamp()),
)
