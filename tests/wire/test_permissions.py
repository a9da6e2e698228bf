"""What a key may do: one permission an operation, none includes another."""

import pytest

from messaging.api.dialect import MIELTO
from messaging.models import Message
from tests.cast import Tenant
from tests.wires import documented

OPERATIONS = [
    ("GET", "messages", "read"),
    ("POST", "messages", "write"),
    ("GET", "messages/{message}", "read"),
    ("PUT", "messages/{message}", "write"),
    ("PATCH", "messages/{message}", "write"),
    ("DELETE", "messages/{message}", "write"),
    ("GET", "conversations", "read"),
    ("POST", "conversations", "write"),
    ("PUT", "conversations", "write"),
    ("GET", "conversations/{conversation}", "read"),
    ("PUT", "conversations/{conversation}", "write"),
    ("PATCH", "conversations/{conversation}", "write"),
    ("DELETE", "conversations/{conversation}", "write"),
    ("GET", "conversations/{conversation}/messages", "read"),
    ("POST", "conversations/{conversation}/messages", "write"),
    ("POST", "conversations/{conversation}/fork", "write"),
    ("GET", "conversations/{conversation}/transcript", "read"),
    ("POST", "conversations/{conversation}/transcript", "write"),
    ("GET", "messages/{message}/feedback", "read"),
    ("POST", "messages/{message}/feedback", "write"),
    ("GET", "feedback", "read"),
    ("GET", "feedback/x", "read"),
    ("DELETE", "feedback/x", "write"),
    ("GET", "memories", "read"),
    ("POST", "memories", "write"),
    ("GET", "memories/x", "read"),
    ("PUT", "memories/x", "write"),
    ("PATCH", "memories/x", "write"),
    ("DELETE", "memories/x", "write"),
    ("GET", "memories/x/history", "read"),
    ("POST", "memories/x/replace", "write"),
    ("GET", "memories/chunks", "read"),
    ("POST", "memories/from_messages", "write"),
    ("GET", "memories/profile", "read"),
    ("POST", "memories/search", "read"),
    ("GET", "objects/x", "read"),
    ("GET", "changes", "read"),
    ("GET", "changes/stream", "read"),
    ("GET", "workspaces", "read"),
    ("POST", "workspaces", "admin"),
    ("GET", "workspaces/{workspace}", "read"),
    ("PUT", "workspaces/{workspace}", "admin"),
    ("PATCH", "workspaces/{workspace}", "admin"),
    ("DELETE", "workspaces/{workspace}", "admin"),
    ("GET", "api-keys", "admin"),
    ("POST", "api-keys", "admin"),
    ("GET", "api-keys/{key}", "admin"),
    ("PUT", "api-keys/{key}", "admin"),
    ("DELETE", "api-keys/{key}", "admin"),
    ("GET", "webhooks", "admin"),
    ("POST", "webhooks", "admin"),
    ("GET", "webhooks/x", "admin"),
    ("PUT", "webhooks/x", "admin"),
    ("PATCH", "webhooks/x", "admin"),
    ("DELETE", "webhooks/x", "admin"),
    ("POST", "webhooks/x/secret", "admin"),
    ("POST", "webhooks/x/ping", "admin"),
    ("POST", "webhooks/x/replay", "admin"),
    ("GET", "webhooks/x/deliveries", "admin"),
]
# Any key may ask who it is.
FREE = ["auth/session"]


@pytest.mark.parametrize(("method", "path", "needed"), OPERATIONS)
def test_without_its_permission_an_operation_is_forbidden(client_with, acme: Tenant, method, path, needed):
    filled = path.format(
        message=acme.reply.pk,
        conversation=acme.conversation.pk,
        workspace=acme.workspace.pk,
        key=acme.api_key.pk,
    )
    others = {"read", "write", "agent", "admin"} - {needed}
    response = client_with(*others).call(
        method, f"/api/v1/{filled}", "{" if method in ("POST", "PUT") else None
    )
    assert response.status_code == 403
    assert response.json() == {"detail": f"This key lacks the '{needed}' permission"}
    assert Message.objects.for_workspace(acme.workspace.pk).count() == 2


@pytest.mark.parametrize(("method", "path", "needed"), OPERATIONS)
def test_with_its_permission_alone_an_operation_is_allowed(client_with, acme: Tenant, method, path, needed):
    """Ids that do not exist and no body: the answer shows that the key came through."""
    filled = path.format(message="x", conversation="x", workspace="x", key="x")
    response = client_with(needed).call(method, f"/api/v1/{filled}")
    assert response.status_code in (200, 404, 422)


def test_a_key_without_permissions_may_do_nothing(client_with):
    assert client_with().get("/api/v1/messages").status_code == 403


@pytest.mark.parametrize("path", FREE)
def test_a_key_without_permissions_may_ask_who_it_is(client_with, path):
    assert client_with().get(f"/api/v1/{path}").status_code == 200


def test_every_operation_is_listed_here():
    assert len(list(documented(MIELTO))) == len(OPERATIONS) + len(FREE)
