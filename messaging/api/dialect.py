"""The Mielto wire as a value."""

from messaging.wire.dialect import AUTHORIZATION_SCHEME, BEARER_SCHEME, Dialect
from messaging.wire.fastapi import FastAPIErrors

MIELTO = Dialect(
    name="mielto",
    title="Mielto",
    prefix="api/v1/",
    urls="messaging.api.urls",
    errors=FastAPIErrors(),
    security={"DualAuthScheme": BEARER_SCHEME, "APIKeyHeader": AUTHORIZATION_SCHEME},
)
