"""Optimistic locking in the services: what a writer saw is held against the row under its lock."""

from typing import Any

import pytest

from messaging.exceptions import ChangedMeanwhile
from messaging.models import Conversation
from messaging.services import (
    MessageDraft,
    Writer,
    append_messages,
    update_api_key,
    update_conversation,
    update_message,
    update_workspace,
)
from messaging.services.rows import digest_of, version_of
from tests.cast import Tenant

COLUMNS = {
    "message": ("content", "role", "tags"),
    "conversation": ("title", "status", "settings"),
    "workspace": ("name", "slug"),
    "key": ("label", "permissions", "expires_at"),
}
CHANGES: dict[str, dict[str, Any]] = {
    "message": {"content": "new"},
    "conversation": {"title": "new"},
    "workspace": {"name": "new"},
    "key": {"label": "new"},
}


@pytest.fixture(params=COLUMNS)
def kind(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


def seen(acme: Tenant, kind: str) -> dict[str, str]:
    rows = {
        "message": acme.question,
        "conversation": acme.conversation,
        "workspace": acme.workspace,
        "key": acme.api_key,
    }
    return version_of(rows[kind], COLUMNS[kind])


def update(acme: Tenant, kind: str, changes: dict[str, Any], version: dict[str, str] | None) -> Any:
    workspace_id = acme.workspace.pk
    options: dict[str, Any] = {"changes": changes, "expected_version": version}
    match kind:
        case "message":
            return update_message(workspace_id=workspace_id, message_id=acme.question.pk, **options)
        case "conversation":
            found = acme.conversation.pk
            return update_conversation(workspace_id=workspace_id, conversation_id=found, **options)
        case "workspace":
            return update_workspace(workspace_id=workspace_id, **options)
    return update_api_key(workspace_id=workspace_id, api_key_id=acme.api_key.pk, **options)


def test_a_row_that_is_as_it_was_seen_is_changed(acme: Tenant, kind: str):
    [(name, value)] = CHANGES[kind].items()
    assert getattr(update(acme, kind, CHANGES[kind], seen(acme, kind)), name) == value


def test_a_row_that_somebody_changed_is_not(acme: Tenant, kind: str):
    version = seen(acme, kind)
    [name] = CHANGES[kind]
    update(acme, kind, {name: "theirs"}, None)
    with pytest.raises(ChangedMeanwhile) as refused:
        update(acme, kind, CHANGES[kind], version)
    assert refused.value.fields == (name,)
    assert getattr(update(acme, kind, {}, None), name) == "theirs"


def test_a_column_that_was_not_looked_at_does_not_count(acme: Tenant):
    version = version_of(acme.conversation, ["title"])
    update(acme, "conversation", {"settings": {"theirs": True}}, None)
    assert update(acme, "conversation", {"title": "new"}, version).title == "new"


def test_a_new_message_makes_no_conversation_stale(acme: Tenant):
    version = seen(acme, "conversation")
    append_messages(
        workspace_id=acme.workspace.pk,
        conversation_id=acme.conversation.pk,
        drafts=[MessageDraft(content="meanwhile")],
        writer=Writer(),
    )
    assert update(acme, "conversation", {"title": "new"}, version).title == "new"
    assert Conversation.objects.get(pk=acme.conversation.pk).message_count == 3


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("a\r\nb", "a\nb", True),
        ("a ", "a", False),
        (None, "", False),
        ({"a": 1}, {"a": True}, False),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}, False),
        ([], None, False),
    ],
)
def test_what_counts_as_the_same(one: Any, other: Any, alike: bool):
    assert (digest_of(one) == digest_of(other)) is alike
