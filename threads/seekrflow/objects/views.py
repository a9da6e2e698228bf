"""/v1/objects"""

import logging
from collections.abc import Iterator
from typing import IO, Any

from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.http import parse_etags

from messaging.exceptions import ObjectNotFound
from messaging.models import StoredObject
from messaging.values.choices import Permission
from messaging.wire.operations import operation
from threads.seekrflow.view import SeekrFlowViewSet

from .ranges import requested_range

logger = logging.getLogger("messaging")

CHUNK = 64 * 1024


class ObjectViewSet(SeekrFlowViewSet):
    queryset = StoredObject.objects.all()
    not_found = ObjectNotFound
    tag = "Objects"

    @operation(
        summary="Get object",
        permission=Permission.READ,
        answer=bytes,
        not_found="Object not found",
        further={
            "206": "The part that the `Range` header asks for",
            "304": "Unchanged since the answer whose `ETag` stands in `If-None-Match`",
            "416": "The `Range` header asks for bytes that are not there",
        },
    )
    def retrieve(self, object_id: str) -> HttpResponseBase:
        """The bytes of a large value, as a download."""
        stored: StoredObject = self.find(object_id)
        etag = f'"{stored.sha256}"'
        known = parse_etags(self.request.headers.get("If-None-Match", "").replace("W/", ""))
        if etag in known or "*" in known:  # the star stands for any version
            return HttpResponse(status=304, headers={"ETag": etag})
        try:
            wanted = self.wanted_range(etag, stored.size_bytes)
        except ValueError:
            refused = {"Content-Range": f"bytes */{stored.size_bytes}", "ETag": etag}
            return HttpResponse(status=416, headers=refused)
        return _file_response(stored, etag, wanted)

    def wanted_range(self, etag: str, size: int) -> tuple[int, int] | None:
        """(first, last) byte; None for all, also where `If-Range` names another version."""
        headers = self.request.headers
        if headers.get("If-Range", etag) != etag:
            return None
        return requested_range(headers.get("Range"), size)


def _file_response(stored: StoredObject, etag: str, wanted: tuple[int, int] | None) -> StreamingHttpResponse:
    first, last = wanted or (0, stored.size_bytes - 1)
    try:
        file: Any = stored.open()
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
    """Whatever the mime type says, no browser runs or guesses it: it came from a tool."""
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
