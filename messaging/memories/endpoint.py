"""A server that speaks OpenAI's API, wherever it is: one POST, within a total time, with a bounded answer."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from http.client import HTTPException, HTTPResponse
from time import monotonic
from typing import Any

from messaging.values.addresses import AddressRefused, resolved, target_of
from messaging.values.exchange import Exchange
from messaging.values.json import decode, encode
from messaging.values.problems import ValueRefused
from messaging.waits import Closed, Gate

from .extracting import ModelUnavailable

__all__ = ["BadAnswer", "Endpoint", "require_model"]

MOST_BYTES = 4 * 1024 * 1024
"""Of an answer."""
AT_ONCE = 2
"""Threads of a process that wait for one server."""
PASSING = frozenset({401, 402, 403, 404, 408, 409, 425, 429})
"""Statuses that end when the operator or time does something about it, besides all of 500 and more."""


class BadAnswer(ValueError):
    """The server answered, and what it answered is of no use."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """Where it is, and who asks. The URL is the operator's own choice, so it may lead into any network."""

    url: str
    """Up to the version, such as `https://api.openai.com/v1` or `http://127.0.0.1:11434/v1`."""
    key: str = field(default="", repr=False)
    seconds: float = 60.0
    """From the connection to the end of the answer."""

    def post(self, path: str, body: Mapping[str, object]) -> dict[str, Any]:
        """Post an object and read the one that it is answered with.

        Raises ModelUnavailable where nothing answers, or not now, and BadAnswer.
        """
        try:
            with _gate_of(self.url).passed(answers=(BadAnswer,)):
                status, answer = self._exchanged(f"{self.url.rstrip('/')}{path}", encode(body))
        except (OSError, HTTPException, UnicodeError) as error:
            raise ModelUnavailable(f"{type(error).__name__}: {error}") from error
        except Closed:
            raise ModelUnavailable("Others wait for the server, or it failed just now") from None
        except AddressRefused as error:
            raise ModelUnavailable(str(error)) from error
        if status in PASSING or status >= 500:
            raise ModelUnavailable(f"The server answered {status}")
        if status != 200:
            raise BadAnswer(f"The server answered {status}")
        return _object(answer)

    def _exchanged(self, url: str, body: bytes) -> tuple[int, bytes]:
        target, deadline = target_of(url), monotonic() + self.seconds
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if self.key:
            headers["Authorization"] = f"Bearer {self.key}"
        with Exchange(target, resolved(target), deadline) as exchange:
            response = exchange.post(target, body, headers)
            return response.status, _whole(response)


def require_model(url: str, model: str) -> None:
    """Raise ValueError unless this is a URL, and the name of a model."""
    target_of(url)
    if not model:
        raise ValueError("a model is needed")


@cache
def _gate_of(url: str) -> Gate:
    """Requests of users may wait for a model, but never with all threads."""
    return Gate(at_once=AT_ONCE)


def _whole(response: HTTPResponse) -> bytes:
    answer = response.read(MOST_BYTES + 1)
    if len(answer) > MOST_BYTES:
        raise BadAnswer(f"The answer has more than {MOST_BYTES} bytes")
    return answer


def _object(answer: bytes) -> dict[str, Any]:
    try:
        value = decode(answer)
    except ValueRefused as error:
        raise BadAnswer("The answer is no JSON, or holds what cannot be stored") from error
    if not isinstance(value, dict):
        raise BadAnswer("The answer is no object")
    return value
