"""A request as WSGI names it, from what ASGI says of it."""

import sys
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import IO, Any
from urllib.parse import unquote_to_bytes

from messaging.wire.events import SERVES_ASYNC

__all__ = ["environ_of"]

Environ = dict[str, Any]
Header = tuple[bytes, bytes]

OF_THE_BODY = {b"content-type": "CONTENT_TYPE", b"content-length": "CONTENT_LENGTH"}
COOKIE = "HTTP_COOKIE"
FORWARDED_PROTO = "HTTP_X_FORWARDED_PROTO"


def environ_of(scope: Mapping[str, Any], body: IO[bytes]) -> Environ:
    """The environment of PEP 3333; `body` is complete, so that no read of it ever waits."""
    server, client = scope.get("server") or ("", None), scope.get("client") or ("", 0)
    return {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(scope["raw_path"]).decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_NAME": server[0],
        "SERVER_PORT": str(server[1] or ""),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "REMOTE_ADDR": client[0],
        "REMOTE_PORT": str(client[1]),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope["scheme"],
        "wsgi.input": body,
        "wsgi.input_terminated": True,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
        SERVES_ASYNC: True,
        **_headers(scope["headers"]),
    }


def _headers(headers: Iterable[Header]) -> dict[str, str]:
    """The headers by their names in an environment; one that is repeated is joined to one.

    A name with an underscore is dropped: it would pass for another, which a proxy sets or strips.
    """
    named: dict[str, str] = {}
    for raw_name, raw_value in headers:
        name = _variable(raw_name)
        if name is None:
            continue
        value = raw_value.decode("latin-1")
        if name == FORWARDED_PROTO:  # the last is that of the proxy next to us, others anybody can send
            value = value.rpartition(",")[2].strip()
        elif name in named:
            value = f"{named[name]}{'; ' if name == COOKIE else ','}{value}"
        named[name] = value
    return named


@lru_cache(maxsize=256)
def _variable(name: bytes) -> str | None:
    if b"_" in name:
        return None
    name = name.lower()
    return OF_THE_BODY.get(name) or f"HTTP_{name.decode('latin-1').upper().replace('-', '_')}"
