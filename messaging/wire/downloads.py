"""A stored object as a download: entity tags and byte ranges of RFC 9110."""

import logging
import re
from collections.abc import Generator, Iterator
from contextlib import closing

from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.http.request import HttpHeaders
from django.utils.http import parse_etags

from messaging.exceptions import ObjectNotFound
from messaging.models import StoredObject
from messaging.storage import storage_errors

from .responses import VARY

logger = logging.getLogger("messaging")

CHUNK = 64 * 1024
ANSWERS = {
    "206": "The part that the `Range` header asks for",
    "304": "Unchanged since the answer whose `ETag` stands in `If-None-Match`",
    "416": "The `Range` header asks for bytes that are not there",
}
"""What a download may answer but the whole."""
# A cache asks each time, so that it shows nothing that was redacted or deleted since.
CACHED = {"Cache-Control": "private, no-cache", **VARY}
RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})", re.ASCII | re.IGNORECASE)


def download(stored: StoredObject, asked: HttpHeaders) -> HttpResponseBase:
    """The bytes of an object, or what the headers of a request ask for of them: 200, 206, 304 or 416.

    Raises ObjectNotFound where the file of the object is gone.
    """
    etag = f'"{stored.sha256}"'
    known = parse_etags(asked.get("If-None-Match", "").replace("W/", ""))
    if etag in known or "*" in known:  # the star stands for any version
        return HttpResponse(status=304, headers={"ETag": etag, **CACHED})
    is_same = asked.get("If-Range", etag) == etag  # another version is asked for whole
    try:
        wanted = _requested_range(asked.get("Range") if is_same else None, stored.size_bytes)
    except ValueError:
        refused = {"Content-Range": f"bytes */{stored.size_bytes}", "ETag": etag, **CACHED}
        return HttpResponse(status=416, headers=refused)
    return _file_response(stored, etag, wanted)


def _requested_range(header: str | None, size: int) -> tuple[int, int] | None:
    """(first, last) byte asked for, of `size`; None for all of them. See RFC 9110, section 14.

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


def _file_response(stored: StoredObject, etag: str, wanted: tuple[int, int] | None) -> StreamingHttpResponse:
    first, last = wanted or (0, stored.size_bytes - 1)
    length = last - first + 1
    chunks = _chunks(stored, first, length)
    try:
        with storage_errors():
            begun = next(chunks, b"")  # while there is still an answer to choose
    except FileNotFoundError:
        logger.exception("the file of %s is gone", stored.pk)
        raise ObjectNotFound from None
    headers = _headers(stored, etag) | {"Content-Length": str(length)}
    if wanted:
        headers["Content-Range"] = f"bytes {first}-{last}/{stored.size_bytes}"
    return StreamingHttpResponse(_joined(begun, chunks), status=206 if wanted else 200, headers=headers)


def _headers(stored: StoredObject, etag: str) -> dict[str, str]:
    """No browser may run the file or guess its type, since a tool wrote it."""
    return {
        "Content-Type": stored.mime_type,
        "Content-Disposition": f'attachment; filename="{stored.pk}"',
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "X-Content-Type-Options": "nosniff",
        **CACHED,
        "Accept-Ranges": "bytes",
        "ETag": etag,
    }


def _joined(begun: bytes, chunks: Generator[bytes, None, None]) -> Iterator[bytes]:
    with closing(chunks):  # also where the client goes away
        yield begun
        yield from chunks


def _chunks(stored: StoredObject, first: int, length: int) -> Generator[bytes, None, None]:
    with stored.open() as file:
        file.seek(first)
        while length > 0 and (chunk := file.read(min(CHUNK, length))):
            length -= len(chunk)
            yield chunk
