"""What the C library does with memory that is freed: large bodies must not stay the size of a process."""

import contextlib
import ctypes

__all__ = ["LARGE", "give_back_freed", "give_back_large_blocks"]

MMAP_THRESHOLD = -3
"""Of mallopt(3)."""
BLOCK = 1024 * 1024
LARGE = 4 * 1024 * 1024
"""Bytes of a body or an answer from which on it pays to give back what its making took."""


def give_back_large_blocks() -> None:
    """Have what a large block took go back to the system at once, in this process and those that it forks.

    The GNU library does that at first; then it learns from each such block that more will come, and keeps
    them. Other libraries have no such call.
    """
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).mallopt(MMAP_THRESHOLD, BLOCK)


def give_back_freed() -> None:
    """Have what many small blocks took, and are free, go back to the system. It takes some milliseconds."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)
