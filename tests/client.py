"""The client of the API tests: every answer it gets is checked against the documented schema."""

import json
from typing import Any

from django.conf import settings
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.contract import check_answer, check_caching


class ApiClient:
    """Calls the API with one key. `prefix` is where the host mounts us, as the settings say."""

    def __init__(self, secret: str | None, *, prefix: str | None = None, **headers: str) -> None:
        self.prefix = getattr(settings, "API_PREFIX", "") if prefix is None else prefix
        self.headers = {"Authorization": f"Bearer {secret}"} if secret else {}
        self.headers |= {name.replace("_", "-"): value for name, value in headers.items()}
        self.client = Client(SERVER_NAME="localhost")

    def get(self, path: str, **headers: str) -> Any:
        return self.call("GET", path, **headers)

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        return self.call("POST", path, body, **headers)

    def put(self, path: str, body: Any = None, **headers: str) -> Any:
        return self.call("PUT", path, body, **headers)

    def patch(self, path: str, body: Any = None, **headers: str) -> Any:
        return self.call("PATCH", path, body, **headers)

    def delete(self, path: str, **headers: str) -> Any:
        return self.call("DELETE", path, **headers)

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """The response to this request, held against the contract."""
        response = self.send(method, path, body, **headers)
        if response.streaming:  # a file: read whole, for the check as for the test
            response.content_read = b"".join(response.streaming_content)
        content = response.content_read if response.streaming else response.content
        check_answer(method, self.prefix + path, response.status_code, content)
        check_caching(response.headers)
        return response

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """The same, unchecked: for HEAD and for faults of ours, which the document does not describe.

        A str or bytes body goes out as it is, anything else as JSON.
        """
        raw = body if isinstance(body, str | bytes) else b"" if body is None else json.dumps(body)
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        content_type = given.pop("content-type", "application/json")
        return self.client.generic(
            method, self.prefix + path, raw, content_type=content_type, headers=self.headers | given
        )


def statements(context: CaptureQueriesContext) -> list[str]:
    """The SQL that was run, without what begins and ends transactions."""
    frame = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE SAVEPOINT", "ROLLBACK")
    return [query["sql"] for query in context.captured_queries if not query["sql"].startswith(frame)]
