"""Requests that come when they come, whether or not the earlier ones are answered: as users do.

A closed loop slows down with its server and so hides what waiting does; here a request's time counts from
the moment it was due.
"""

import asyncio
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from .client import CHUNK, Answer, split_answer
from .measuring import Sample

__all__ = ["Outcome", "offer"]

PATIENCE = 30.0
"""Seconds after which a client gives up."""


@dataclass
class Outcome:
    """What became of the requests of one run."""

    seconds: float
    served: Sample = field(default_factory=Sample)
    """Durations of the successes."""
    refused: Sample = field(default_factory=Sample)
    """Of answers 503 that say when to come back."""
    errors: Counter[str] = field(default_factory=Counter)
    """Anything else, by what it was."""

    @property
    def offered(self) -> int:
        return len(self.served.durations) + len(self.refused.durations) + self.errors.total()

    def note(self, answer: Answer, duration: float) -> None:
        if answer.status < 300:
            self.served.durations.append(duration)
        elif answer.status == 503 and b"\r\nretry-after: " in answer.head.lower():
            self.refused.durations.append(duration)
        else:
            self.errors[str(answer.status)] += 1


class _Pool:
    """Keep-alive connections; a request that finds none free opens one, as clients do."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.free: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []

    async def exchange(self, request: bytes) -> Answer:
        reader, writer = (
            self.free.pop() if self.free else await asyncio.open_connection("127.0.0.1", self.port)
        )
        try:
            writer.write(request)
            received = bytearray()
            while (answer := split_answer(received)) is None:
                piece = await reader.read(CHUNK)
                if not piece:
                    raise ConnectionResetError
                received += piece
        except BaseException:
            writer.close()
            raise
        if b"connection: close" in answer.head.lower():
            writer.close()
        else:
            self.free.append((reader, writer))
        return answer

    def close(self) -> None:
        for _, writer in self.free:
            writer.close()


def offer(
    port: int, requests: Iterator[bytes], *, per_second: float, seconds: float, seed: int = 1
) -> Outcome:
    """Send requests at random moments, on average so many a second, and wait for the last answer."""
    return asyncio.run(_offer(port, requests, per_second, seconds, random.Random(seed)))


async def _offer(
    port: int, requests: Iterator[bytes], per_second: float, seconds: float, chance: random.Random
) -> Outcome:
    loop, pool, outcome = asyncio.get_running_loop(), _Pool(port), Outcome(seconds)
    start = due = loop.time()
    async with asyncio.TaskGroup() as group:
        while (due := due + chance.expovariate(per_second)) < start + seconds:
            await asyncio.sleep(due - loop.time())
            group.create_task(_ask(pool, next(requests), due, outcome))
    pool.close()
    return outcome


async def _ask(pool: _Pool, request: bytes, due: float, outcome: Outcome) -> None:
    try:
        async with asyncio.timeout(PATIENCE):
            answer = await pool.exchange(request)
    except (OSError, TimeoutError) as error:
        outcome.errors[type(error).__name__] += 1
    else:
        outcome.note(answer, (asyncio.get_running_loop().time() - due) * 1_000)
