"""Answers: rendered once, by us, so that no renderer of a host can touch them."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse

from messaging.values.json import encode

__all__ = ["WireResponse"]


class WireResponse(HttpResponse):
    """`payload` as JSON; no body at all for 204."""

    def __init__(
        self, payload: Any = None, status: int = 200, headers: Mapping[str, str] | None = None
    ) -> None:
        content = b"" if status == 204 else encode(payload)
        super().__init__(content, status=status, content_type="application/json", headers=dict(headers or {}))
        if status == 204:
            del self["Content-Type"]

    @classmethod
    def of_bytes(cls, content: bytes, status: int) -> "WireResponse":
        """An answer that was rendered before."""
        response = cls(status=204)
        response.status_code = status
        if content:
            response.content = content
            response["Content-Type"] = "application/json"
        return response
