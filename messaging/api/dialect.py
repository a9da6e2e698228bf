"""The Mielto wire as a value."""

from messaging.wire.dialect import AUTHORIZATION_SCHEME, BEARER_SCHEME, Dialect
from messaging.wire.fastapi import FASTAPI_ERRORS

MIELTO = Dialect(
    name="mielto",
    prefix="api/v1/",
    urls="messaging.api.urls",
    errors=FASTAPI_ERRORS,
    shows_columns=True,
    tags={
        "Messages": "Messages of the workspace: one or many at once, in the order of their conversations.",
        "Conversations": "What messages belong to: title, status, data of your own. The SeekrFlow wire calls"
        " them threads.",
        "Memories": "What is known of end users: drawn from their messages, or written by a client.",
        "Changes": "What happened, in the order of its commits: by page or as server-sent events.",
        "Workspaces": "The tenants. A key sees one, or those that it was given.",
        "API keys": "Keys of the workspace; their secrets are shown once.",
        "Webhooks": "Where changes are posted to.",
        "Authentication": "Who the caller is.",
    },
    security={"DualAuthScheme": BEARER_SCHEME, "APIKeyHeader": AUTHORIZATION_SCHEME},
)
