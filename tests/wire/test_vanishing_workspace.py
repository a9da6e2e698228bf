"""A workspace that is deleted while a request for it is under way: 404, and nothing half written."""

import pytest

from messaging.models import Conversation, Message, Workspace
from messaging.services import delete_workspace
from messaging.wire.view import WireViewSet
from tests.cast import Tenant
from tests.client import ApiClient

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def vanishing(acme: Tenant, monkeypatch) -> None:
    """The workspace goes as soon as the key has been read."""

    def delete_it(view: WireViewSet, request: object) -> None:
        if Workspace.objects.filter(pk=acme.workspace.pk).exists():
            delete_workspace(workspace_id=acme.workspace.pk, force=True)

    monkeypatch.setattr(WireViewSet, "check_throttles", delete_it)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("messages", {"content": {"content": "hi"}}),
        ("conversations", {"title": "x", "messages": [{"content": "hi"}]}),
        ("api-keys", {"label": "x"}),
    ],
)
@pytest.mark.parametrize("headers", [{}, {"idempotency_key": "k"}])
def test_a_write_into_it_is_not_found(api: ApiClient, vanishing: None, path, body, headers):
    response = api.post(f"/api/v1/{path}", body, **headers)
    assert (response.status_code, response.json()) == (404, {"detail": "Workspace not found"})
    assert not Message.objects.filter(content="hi").exists()
    assert not Conversation.objects.filter(title="x").exists()


def test_who_am_i_is_not_found(api: ApiClient, vanishing: None):
    assert api.get("/api/v1/auth/session").status_code == 404


@pytest.mark.parametrize("path", ["messages", "conversations", "workspaces", "api-keys"])
def test_a_list_of_it_is_empty(api: ApiClient, vanishing: None, path):
    assert api.get(f"/api/v1/{path}").json()["data"] == []
