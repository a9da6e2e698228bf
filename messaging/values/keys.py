"""The text of an API key: `parley_` + 8 public characters + `_` + 32 secret ones + 6 of checksum, all base62.

Secret scanners recognise a key by its prefix. The checksum tells a mistyped key without a query. A double
click selects the whole, because underscores join words.
"""

import hashlib
import hmac
import re
import secrets
import string
import zlib
from typing import NamedTuple

BASE62 = string.digits + string.ascii_uppercase + string.ascii_lowercase
PATTERN = re.compile(r"parley_([0-9A-Za-z]{8})_[0-9A-Za-z]{32}([0-9A-Za-z]{6})", re.ASCII)
CHECKSUM_LENGTH = 6


class KeyText(NamedTuple):
    text: str
    """The whole key, to be shown once."""
    public_prefix: str
    """Its eight public characters, by which the database looks it up."""


def make_key() -> KeyText:
    """A new key; 190 bits of it are secret."""
    public, secret = _random(8), _random(32)
    body = f"parley_{public}_{secret}"
    return KeyText(body + _checksum(body), public)


def public_prefix(text: str) -> str | None:
    """The public part of a well-formed key; None for anything else."""
    match = PATTERN.fullmatch(text)
    if match is None or _checksum(text[:-CHECKSUM_LENGTH]) != match[2]:
        return None
    return match[1]


def digest(text: str) -> str:
    """SHA-256 of a key, in hexadecimal: what the database keeps of it."""
    return hashlib.sha256(text.encode()).hexdigest()


def matches(text: str, stored_digest: str) -> bool:
    """Whether `text` is the key of this digest, in a time that does not depend on where they differ."""
    return hmac.compare_digest(digest(text), stored_digest)


def _random(length: int) -> str:
    return "".join(secrets.choice(BASE62) for _ in range(length))


def _checksum(body: str) -> str:
    number, characters = zlib.crc32(body.encode()), ""
    for _ in range(CHECKSUM_LENGTH):
        number, remainder = divmod(number, 62)
        characters = BASE62[remainder] + characters
    return characters
