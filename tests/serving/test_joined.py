"""A head and the body behind it leave together; nothing that is written is left behind."""

import asyncio
from typing import cast

import pytest

from config.serving.door import Joined


class Connection:
    """What a transport was told to do, in order."""

    def __init__(self) -> None:
        self.told: list[bytes | str] = []

    def write(self, data: bytes) -> None:
        self.told.append(data)

    def close(self) -> None:
        self.told.append("close")

    def is_closing(self) -> bool:
        return "close" in self.told


@pytest.fixture
def connection() -> Connection:
    return Connection()


@pytest.fixture
def joined(connection: Connection) -> Joined:
    return Joined(cast(asyncio.Transport, connection))


def test_what_is_kept_leaves_in_one_write(joined: Joined, connection: Connection):
    joined.keep()
    joined.write(b"head")
    joined.write(b"body")
    assert connection.told == []
    joined.let_go()
    assert connection.told == [b"headbody"]


def test_afterwards_each_write_leaves_at_once(joined: Joined, connection: Connection):
    joined.keep()
    joined.let_go()
    joined.write(b"first")
    joined.write(b"second")
    assert connection.told == [b"first", b"second"]


def test_a_close_leaves_nothing_behind(joined: Joined, connection: Connection):
    joined.keep()
    joined.write(b"head")
    joined.close()
    assert connection.told == [b"head", "close"]


def test_it_is_a_transport_otherwise(joined: Joined):
    assert not joined.is_closing()
