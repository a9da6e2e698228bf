"""A stored object as a download: entity tags and byte ranges of RFC 9110."""

import logging
from collections.abc import Iterator
from typing import IO

from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.http.request import HttpHeaders
from django.utils.http import parse_etags

from messaging.exceptions import ObjectNotFound
from messaging.models import StoredObject

from .ranges import requested_range

logger = logging.getLogger("messaging")

CHUNK = 64 * 1024


def download(stored: StoredObject, asked: HttpHeaders) -> HttpResponseBase:
    """The bytes of an object, or what the headers of a request ask for of them: 200, 206, 304 or 416.

    Raises ObjectNotFound where the file of the object is gone.
    """
    etag = f'"{stored.sha256}"'
    known = parse_etags(asked.get("If-None-Match", "").replace("W/", ""))
    if etag in known or "*" in known:  # the star stands for any version
        return HttpResponse(status=304, headers={"ETag": etag})
    try:
        wanted = _wanted_range(asked, etag, stored.size_bytes)
    except ValueError:
        refused = {"Content-Range": f"bytes */{stored.size_bytes}", "ETag": etag}
        return HttpResponse(status=416, headers=refused)
    return _file_response(stored, etag, wanted)


def _wanted_range(asked: HttpHeaders, etag: str, size: int) -> tuple[int, int] | None:
    """(first, last) byte; None for all, also where `If-Range` names another version."""
    if asked.get("If-Range", etag) != etag:
        return None
    return requested_range(asked.get("Range"), size)


def _file_response(stored: StoredObject, etag: str, wanted: tuple[int, int] | None) -> StreamingHttpResponse:
    first, last = wanted or (0, stored.size_bytes - 1)
    try:
        file = stored.open()
    except OSError:
        logger.exception("the file of %s is gone", stored.pk)
        raise ObjectNotFound from None
    file.seek(first)
    length = last - first + 1
    response = StreamingHttpResponse(_chunks(file, length), status=206 if wanted else 200)
    for name, value in _headers(stored, etag).items():
        response[name] = value
    response["Content-Length"] = str(length)
    if wanted:
        response["Content-Range"] = f"bytes {first}-{last}/{stored.size_bytes}"
    return response


def _headers(stored: StoredObject, etag: str) -> dict[str, str]:
    """No browser may run the file or guess its type, since a tool wrote it."""
    return {
        "Content-Type": stored.mime_type,
        "Content-Disposition": f'attachment; filename="{stored.pk}"',
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, max-age=31536000, immutable",
        "Accept-Ranges": "bytes",
        "ETag": etag,
    }


def _chunks(file: IO[bytes], length: int) -> Iterator[bytes]:
    with file:
        while length > 0 and (chunk := file.read(min(CHUNK, length))):
            length -= len(chunk)
            yield chunk
