"""A thread writes as fast as it can, a reader reads as fast as it likes, and neither needs memory for it."""

import asyncio
import threading
from collections.abc import Iterator

import pytest

from config.serving import spool as module
from config.serving.reasons import TooSlowToRead
from config.serving.spool import Budget, Spool

PIECE = b"x" * 1000


async def read(spool: Spool) -> bytes:
    """All of it, after which the spool is closed."""
    try:
        return b"".join([piece async for piece in spool.pieces()])
    finally:
        spool.close()


def fill(spool: Spool, pieces: Iterator[bytes]) -> threading.Thread:
    thread = threading.Thread(target=spool.fill, args=[pieces], daemon=True)
    thread.start()
    return thread


async def test_it_hands_on_what_is_written():
    spool = Spool(Budget(10**6))
    fill(spool, (b"%d," % number for number in range(1000)))
    assert await read(spool) == b"".join(b"%d," % number for number in range(1000))


async def test_a_thread_is_free_before_the_reader_has_begun():
    spool = Spool(Budget(10**6))
    thread = fill(spool, iter([PIECE] * 100))
    thread.join(10)
    assert not thread.is_alive()
    assert len(await read(spool)) == 100 * len(PIECE)


async def test_a_thread_waits_once_the_budget_is_spent_and_goes_on_with_the_reader():
    budget = Budget(10 * len(PIECE))
    spool = Spool(budget)
    thread = fill(spool, iter([PIECE] * 100))
    thread.join(0.2)
    assert thread.is_alive()
    assert len(await read(spool)) == 100 * len(PIECE)
    assert budget.left == 10 * len(PIECE)


async def test_a_spool_gets_on_when_others_hold_the_budget():
    budget = Budget(len(PIECE))
    other, spool = Spool(budget), Spool(budget)
    fill(other, iter([PIECE])).join(10)
    fill(spool, iter([PIECE] * 20))
    assert len(await read(spool)) == 20 * len(PIECE)
    other.close()
    assert budget.left == len(PIECE)


async def test_a_thread_stops_when_the_reader_has_gone():
    spool = Spool(Budget(len(PIECE)))
    thread = fill(spool, iter([PIECE] * 100))
    await spool.begun.wait()
    spool.close()
    await asyncio.to_thread(thread.join, 10)
    assert not thread.is_alive()


async def test_a_thread_waits_for_no_reader_without_end(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "PATIENCE_SECONDS", 0.2)
    spool = Spool(Budget(10 * len(PIECE)))
    thread = fill(spool, iter([PIECE] * 100))
    await asyncio.to_thread(thread.join, 10)
    assert not thread.is_alive()
    with pytest.raises(TooSlowToRead):
        await read(spool)


async def test_what_the_iterator_raises_reaches_the_reader():
    def failing() -> Iterator[bytes]:
        yield PIECE
        raise ZeroDivisionError

    spool = Spool(Budget(10**6))
    fill(spool, failing())
    with pytest.raises(ZeroDivisionError):
        await read(spool)
