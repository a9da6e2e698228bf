"""Answers: encoded once, by us, so that no renderer of a host can touch them."""

from collections.abc import Mapping

from django.http import HttpResponse

from messaging.values.json import WriteMoment, encode


class WireResponse(HttpResponse):
    """`payload` as JSON; no body at all for 204. `moment` writes its times, in place of ISO 8601."""

    def __init__(
        self,
        payload: object = None,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        moment: WriteMoment | None = None,
    ) -> None:
        content = b"" if status == 204 else encode(payload, moment)
        super().__init__(content, status=status, content_type="application/json", headers=dict(headers or {}))
        if status == 204:
            del self["Content-Type"]
