"""Kept answers without what their requests say: a retry repeats its request, and brings the texts along."""

import re
from collections.abc import Mapping

import orjson

from messaging.values.json import dumps

LEAST_BYTES = 256
"""A shorter text is kept: a reference would save little."""
LITERAL = re.compile(rb'"(?:[^"\\]++|\\.)*+"', re.DOTALL)
"""A text in JSON."""
# No text that is stored holds NUL, so that no answer holds such a text of its own.
REFERENCE = b'"\\u0000%d:%d"'
REFERENCES = re.compile(rb'"\\u0000(\d+):(\d+)"')


def references_to(request: bytes) -> Mapping[bytes, bytes]:
    """References to the long texts of a request, JSON or nothing, by what they are in an answer."""
    if len(request) < LEAST_BYTES:
        return {}
    spans = (match.span() for match in LITERAL.finditer(request))
    return {
        _encoded(request, start, end): REFERENCE % (start, end)
        for start, end in spans
        if end - start >= LEAST_BYTES
    }


def without_echoes(answer: bytes, references: Mapping[bytes, bytes]) -> bytes:
    """The answer, JSON, with references in place of the texts that `references_to` knows of its request."""
    return LITERAL.sub(lambda text: references.get(text[0], text[0]), answer) if references else answer


def with_echoes(kept: bytes, request: bytes) -> bytes:
    """The answer of which `without_echoes` kept this, byte for byte."""
    return REFERENCES.sub(lambda match: _encoded(request, int(match[1]), int(match[2])), kept)


def _encoded(request: bytes, start: int, end: int) -> bytes:
    """A text of the request as our answers write it: a client may have escaped more than is necessary."""
    literal = request[start:end]
    return dumps(orjson.loads(literal)) if b"\\" in literal else literal
