"""Byte ranges of RFC 9110, section 14: one range at a time."""

import re

RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})", re.ASCII | re.IGNORECASE)


def requested_range(header: str | None, size: int) -> tuple[int, int] | None:
    """(first, last) byte asked for, of `size`; None for all of them.

    A header that is not understood, several ranges included, asks for everything, as the RFC allows.
    Raises ValueError for a range that lies outside.
    """
    match = RANGE.fullmatch((header or "").strip())
    if match is None or match[1] == match[2] == "":
        return None
    if match[1] == "":  # the last so many bytes
        first, last = max(0, size - int(match[2])), size - 1
    else:
        first, last = int(match[1]), min(int(match[2] or size), size - 1)
        if match[2] and int(match[2]) < first:
            return None
    if first > last:
        raise ValueError(f"not within {size} bytes")
    return first, last
