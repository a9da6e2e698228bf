"""The Mielto wire as a value."""

from messaging.wire.dialect import AUTHORIZATION_SCHEME, BEARER_SCHEME, Dialect
from messaging.wire.fastapi import FASTAPI_ERRORS

MIELTO = Dialect(
    name="mielto",
    prefix="api/v1/",
    urls="messaging.api.urls",
    errors=FASTAPI_ERRORS,
    security={"DualAuthScheme": BEARER_SCHEME, "APIKeyHeader": AUTHORIZATION_SCHEME},
)
