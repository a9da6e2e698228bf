"""Which links and images of conversations a page of staff may offer: their authors are unknown."""

import base64
import binascii
import re
from urllib.parse import urlsplit

from messaging.values.media import image_type

IMAGE_TYPES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
"""Rasters alone: an SVG is a document with scripts and links."""
DATA_IMAGE = re.compile(r"data:(image/[a-z]+);base64,([A-Za-z0-9+/=]+)", re.ASCII)
MAX_DATA_IMAGE = 256 * 1024
"""Characters of a data URL that a page of many messages may carry."""

MAX_LINK = 2_000


def data_image(url: str, limit: int | None) -> bool:
    """Whether this is the data URL of an image of the declared type, and at most `limit` characters long."""
    if limit is not None and len(url) > limit:
        return False
    match = DATA_IMAGE.fullmatch(url)
    if not match:
        return False
    try:
        head = base64.b64decode(match[2][:16], validate=True)
        base64.b64decode(match[2], validate=True)
    except binascii.Error:
        return False
    return image_type(head) == match[1]


def web_link(url: str) -> bool:
    """Whether this is an address of the web, which a person may follow."""
    if len(url) > MAX_LINK or not url.isprintable() or " " in url:
        return False
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.netloc)
