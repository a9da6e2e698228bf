"""What is rendered without models equals what the models that document it would render."""

import json
from datetime import UTC, datetime
from typing import Any

from django.db.models import Model
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from messaging.api.conversations.outputs import ConversationRead
from messaging.api.keys.outputs import ApiKeyRead
from messaging.api.messages.outputs import MessageRead
from messaging.api.workspaces.outputs import WorkspaceRead
from messaging.models import ApiKey, Conversation, Message, Workspace
from messaging.services import (
    MessageDraft,
    Writer,
    create_api_key,
    create_conversation,
    create_workspace,
    update_api_key,
    update_conversation,
)
from messaging.sql.rows import JSONRow, json_rows
from messaging.values.json import encode
from messaging.wire.shapes import Read
from tests.cast import make_tenant
from tests.client import ApiClient
from tests.contract import OPTIONAL

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
ids = texts.filter(bool)
moments = st.datetimes(min_value=datetime(1, 1, 1), timezones=st.just(UTC))
numbers = st.integers(-(10**25), 10**25) | st.floats(allow_nan=False, allow_infinity=False)
json_values = st.recursive(
    st.none() | st.booleans() | numbers | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
objects = st.dictionaries(texts, json_values, max_size=3)
maybe = st.none()

messages = st.fixed_dictionaries(
    {
        "content": texts,
        "role": texts,
        "message_type": texts,
        "sender_id": maybe | ids,
        "created_at": maybe | moments,
        "tool_calls": maybe | st.lists(objects, max_size=2),
        "tags": maybe | st.lists(texts, max_size=3),
        "attachments": maybe | st.lists(objects, max_size=2),
        "parent_message_id": maybe | texts,
        "meta_data": maybe | objects,
    }
)
conversations = st.fixed_dictionaries(
    {
        "title": maybe | texts,
        "summary": maybe | texts,
        "status": st.sampled_from(["active", "ended", "archived"]),
        "is_public": st.booleans(),
        "collections": st.lists(texts, max_size=3),
        "meta_data": objects,
        "settings": objects,
        "ended_at": maybe | moments,
        "user_id": maybe | ids,
    }
)
EXAMPLES = settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))


def hold_equal(model: type[Read], instance: Model, row: JSONRow) -> None:
    """An instance and its row render alike, with every key of the model, which gives them back unchanged."""
    rendered = json.loads(encode(model.of(row)))
    assert json.loads(encode(model.of(instance))) == rendered
    asked_for = OPTIONAL.get(model.__name__, set())
    assert list(rendered) == [name for name in model.model_fields if name not in asked_for]
    assert model.model_validate(rendered).model_dump(mode="json", exclude=asked_for) == rendered


class TestRows(TestCase):
    @EXAMPLES
    @given(st.lists(messages, min_size=1, max_size=3), objects)
    def test_messages(self, drafts: list[dict[str, Any]], meta_data: dict[str, Any]):
        workspace = create_workspace(name="w", meta_data=meta_data)
        create_conversation(
            workspace_id=workspace.pk, writer=Writer(), drafts=[MessageDraft(**draft) for draft in drafts]
        )
        stored = Message.objects.for_workspace(workspace.pk).order_by("seq")
        rows = json_rows(stored, MessageRead.columns())
        for instance, row in zip(stored, rows, strict=True):
            hold_equal(MessageRead, instance, row)

    @EXAMPLES
    @given(conversations)
    def test_conversations_and_workspaces(self, fields: dict[str, Any]):
        workspace = create_workspace(name="w", meta_data=fields["meta_data"])
        created, _ = create_conversation(workspace_id=workspace.pk, writer=Writer())
        update_conversation(workspace_id=workspace.pk, conversation_id=created.pk, changes=fields)
        [row] = json_rows(Conversation.objects.for_workspace(workspace.pk), ConversationRead.columns())
        hold_equal(ConversationRead, Conversation.objects.get(), row)
        [row] = json_rows(Workspace.objects.all(), WorkspaceRead.columns())
        hold_equal(WorkspaceRead, Workspace.objects.get(), row)

    @EXAMPLES
    @given(ids, st.sets(st.sampled_from(["read", "write", "agent", "admin"])), maybe | moments, maybe | ids)
    def test_keys(self, label: str, permissions: set[str], expires_at: datetime | None, owner: str | None):
        workspace = create_workspace(name="w")
        created, _ = create_api_key(
            workspace_id=workspace.pk, label=label, permissions=permissions, owner_id=owner
        )
        update_api_key(workspace_id=workspace.pk, api_key_id=created.pk, changes={"expires_at": expires_at})
        [row] = json_rows(ApiKey.objects.for_workspace(workspace.pk), ApiKeyRead.columns())
        hold_equal(ApiKeyRead, ApiKey.objects.get(), row)


class TestAnswers(TestCase):
    """A write answers what a read will: in a list, alone, and in the list of its conversation."""

    @EXAMPLES
    @given(st.lists(messages, min_size=1, max_size=3))
    def test_messages(self, drafts: list[dict[str, Any]]):
        api = ApiClient(make_tenant("rows").secret)
        created = api.post("/api/v1/messages", {"content": [sendable(draft) for draft in drafts]}).json()
        distinct = {row["id"]: row for row in created}
        for row in created:
            assert api.get(f"/api/v1/messages/{row['id']}").json() == row
        path = (
            f"/api/v1/conversations/{created[0]['conversation_id']}/messages?order_by=seq&order_direction=asc"
        )
        assert api.get(path).json()["data"] == list(distinct.values())

    @EXAMPLES
    @given(conversations)
    def test_conversations(self, fields: dict[str, Any]):
        api = ApiClient(make_tenant("rows").secret)
        del fields["ended_at"]
        created = api.post("/api/v1/conversations", fields).json()
        assert api.get(f"/api/v1/conversations/{created['id']}").json() == created
        assert api.get("/api/v1/conversations?limit=1").json()["data"] == [created]


def sendable(draft: dict[str, Any]) -> dict[str, Any]:
    moment = draft["created_at"]
    return draft | {"created_at": moment.isoformat() if moment else None}
