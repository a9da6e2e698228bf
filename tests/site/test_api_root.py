"""Beside and above the API of the service: 404 in JSON, and no redirect."""

import pytest
from django.test import Client


@pytest.mark.parametrize("path", ["/api/v1", "/api/v1/", "/api/v2/messages", "/api/docs/x"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_what_is_not_there_is_404_in_json(client: Client, path: str, method: str):
    response = client.generic(method, path)
    assert (response.status_code, response["Content-Type"]) == (404, "application/json")
    assert response.content == b'{"detail":"Not Found"}'
