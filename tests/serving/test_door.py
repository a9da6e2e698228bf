"""Our protocol replaces what asyncio and httptools call, and nothing of uvicorn's own."""

import asyncio
import inspect
import re

from uvicorn import Server
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from config.serving.door import Door
from config.serving.process import Server as OurServer

OF_ASYNCIO = {name for name in dir(asyncio.Protocol) if not name.startswith("_")}
OF_HTTPTOOLS = {"on_message_begin", "on_url", "on_headers_complete"}


def names_of(door: type) -> set[str]:
    """What the class defines, and the attributes that its methods set."""
    return {name for name in vars(door) if not name.startswith("__")} | set(
        re.findall(r"self\.(\w+)(?::[^=\n]+)? =", inspect.getsource(door))
    )


def test_it_replaces_what_is_called_from_outside():
    replaced = {name for name in names_of(Door) if hasattr(HttpToolsProtocol, name)}
    assert replaced <= OF_ASYNCIO | OF_HTTPTOOLS


def test_its_own_names_are_none_of_uvicorns():
    own = {name for name in names_of(Door) if not hasattr(HttpToolsProtocol, name)}
    assert not own & names_of(HttpToolsProtocol)


def test_what_is_called_of_uvicorn_is_there():
    assert callable(HttpToolsProtocol.shutdown)
    for name in ("startup", "shutdown"):
        assert list(inspect.signature(getattr(OurServer, name)).parameters) == ["self", "sockets"]
        assert list(inspect.signature(getattr(Server, name)).parameters) == ["self", "sockets"]
