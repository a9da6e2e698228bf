"""What the commands that import and export share."""

import argparse
import gzip
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from .fields import moment_of


def moment(text: str) -> datetime:
    """A date or time of the command line; without an offset it is UTC."""
    value = None if text.replace(".", "").isdecimal() else moment_of(text)
    if value is None:
        raise argparse.ArgumentTypeError(f"{text!r} is no time such as 2026-05-01 or 2026-05-01T12:00:00Z")
    return value


@contextmanager
def reading_from(name: str) -> Iterator[IO[bytes]]:
    """The file, or standard input for `-`. Raises OSError."""
    if name == "-":
        yield sys.stdin.buffer
    else:
        with Path(name).open("rb") as file:
            yield file


@contextmanager
def writing_to(name: str | None, stdout: IO[str]) -> Iterator[Callable[[bytes], Any]]:
    """Writes to the file, packed where its name ends in `.gz`, or to standard output.

    The file has its name once it is whole; until then it is called `.partial`. Raises OSError.
    """
    if name is None:
        buffer = getattr(stdout, "buffer", None)
        yield buffer.write if buffer else lambda piece: stdout.write(piece.decode())
        return
    partial = Path(f"{name}.partial")
    try:
        with gzip.open(partial, "wb") if name.endswith(".gz") else partial.open("wb") as file:
            yield file.write
        partial.replace(name)
    finally:
        partial.unlink(missing_ok=True)


def told_now_and_then(tell: Callable[[str], Any], seconds: float = 1.0) -> Callable[[object], None]:
    """A function that tells what it is given, but not more often than this."""
    last = time.monotonic()

    def told(state: object) -> None:
        nonlocal last
        if time.monotonic() - last >= seconds:
            last = time.monotonic()
            tell(f"{state} ...")

    return told
