"""Items in the store: an id tells a retry from another item, and what is large in one leaves its row."""

import base64
import os
from typing import Any

import pytest

from messaging.content import fields_of_item
from messaging.exceptions import ItemIdTaken
from messaging.models import Message, StoredObject
from messaging.services import (
    MessageDraft,
    Writer,
    append_messages,
    redact_messages,
    update_message,
)
from messaging.services.items import ITEMS_READ_FROM, items_of
from messaging.values.json import dumps
from tests.cast import Tenant

CALL = {"type": "function_call", "id": "fc_1", "call_id": "c", "name": "f", "arguments": "{}"}


def append(tenant: Tenant, *items: dict[str, Any]) -> list[Message]:
    return append_messages(
        workspace_id=tenant.workspace.pk,
        conversation_id=tenant.conversation.pk,
        drafts=[MessageDraft(**fields_of_item(item)) for item in items],
        writer=Writer(),
    )


def shown(row: Message, budget: int | None = None) -> list[dict[str, Any]]:
    """The items of a message as a wire reads them."""
    row.refresh_from_db()
    values = {name: getattr(row, name) for name in ITEMS_READ_FROM}
    columns = {
        name: dumps(value).decode() if isinstance(value, list | dict) else value
        for name, value in values.items()
    }
    return items_of([columns], workspace_id=row.workspace_id, link=str, budget=budget)[row.pk]


def count(tenant: Tenant) -> int:
    return Message.objects.for_workspace(tenant.workspace.pk).count()


class TestIds:
    def test_the_same_item_again_is_the_message_that_is_there(self, acme: Tenant):
        [first], before = append(acme, CALL), count(acme)
        [again, other] = append(acme, CALL, {"role": "user", "content": "x"})
        assert (again.pk, count(acme)) == (first.pk, before + 1)
        assert other.seq == first.seq + 1

    def test_another_item_of_the_same_id_is_refused_and_nothing_is_stored(self, acme: Tenant):
        append(acme, CALL)
        before = count(acme)
        with pytest.raises(ItemIdTaken, match="fc_1"):
            append(acme, {"role": "user", "content": "x"}, {**CALL, "arguments": '{"n":1}'})
        assert count(acme) == before

    def test_twice_in_one_call(self, acme: Tenant):
        first, again = append(acme, CALL, CALL)
        assert first.pk == again.pk
        with pytest.raises(ItemIdTaken):
            append(acme, {**CALL, "id": "fc_2"}, {**CALL, "id": "fc_2", "name": "g"})

    def test_an_item_that_is_sent_back_as_it_was_shown_is_the_same(self, acme: Tenant):
        [text] = append(acme, {"role": "user", "content": "x"})
        for row in (text, acme.question, acme.reply):
            [again] = append(acme, shown(row)[0])
            assert again.pk == row.pk
        with pytest.raises(ItemIdTaken):
            append(acme, {**shown(text)[0], "role": "system"})

    def test_another_conversation_or_workspace_may_have_the_same_id(self, acme: Tenant, globex: Tenant):
        assert append(acme, CALL)[0].pk != append(globex, CALL)[0].pk

    def test_what_was_redacted_comes_back_by_no_retry(self, acme: Tenant):
        call = {**CALL, "arguments": '{"card":"4111"}'}
        [row] = append(acme, call)
        redact_messages(workspace_id=acme.workspace.pk, message_ids=[row.pk])
        with pytest.raises(ItemIdTaken):
            append(acme, call)


class TestLargeValues:
    PNG = base64.b64encode(os.urandom(60_000)).decode()
    SEES = {
        "type": "message",
        "role": "user",
        "content": [{"type": "input_image", "image_url": f"data:image/png;base64,{PNG}", "detail": "low"}],
    }
    DRAWS = {"type": "image_generation_call", "id": "ig_1", "result": PNG}

    @pytest.mark.parametrize("item", [SEES, DRAWS], ids=["nested", "payload"])
    def test_it_leaves_the_row_and_comes_back(self, acme: Tenant, item: dict[str, Any]):
        [row] = append(acme, item)
        stored = StoredObject.objects.for_workspace(acme.workspace.pk).get(message=row)
        assert (stored.size_bytes, stored.mime_type) == (60_000, "image/png")
        assert self.PNG[:100] not in str(row.structured_content) + str(row.attachments)
        [back] = shown(row)
        assert {name: value for name, value in back.items() if name in item} == item

    def test_beyond_the_budget_it_is_a_ref(self, acme: Tenant):
        [row] = append(acme, self.DRAWS)
        [back] = shown(row, budget=10)
        assert back["result_ref"]["object_id"].startswith("obj_")


class TestCorrections:
    def test_a_new_text_is_what_every_wire_shows(self, acme: Tenant):
        [row] = append(acme, {"role": "assistant", "content": "a", "id": "msg_own"})
        update_message(workspace_id=acme.workspace.pk, message_id=row.pk, changes={"content": "b"})
        [item] = shown(row)
        assert (item["id"], item["content"][0]["text"]) == ("msg_own", "b")

    def test_new_calls_are_what_every_wire_shows(self, acme: Tenant):
        [row] = append(acme, CALL)
        calls = [{"id": "c", "type": "function", "function": {"name": "g", "arguments": "{}"}}]
        update_message(workspace_id=acme.workspace.pk, message_id=row.pk, changes={"tool_calls": calls})
        [item] = shown(row)
        assert (item["id"], item["name"]) == ("fc_1", "g")

    def test_a_tag_leaves_the_item_alone(self, acme: Tenant):
        [row] = append(acme, CALL)
        update_message(workspace_id=acme.workspace.pk, message_id=row.pk, changes={"tags": ["x"]})
        assert shown(row) == [{**CALL, "status": "completed"}]

    def test_a_redacted_call_keeps_its_id(self, acme: Tenant):
        [row] = append(acme, {**CALL, "arguments": '{"secret": 1}'})
        redact_messages(workspace_id=acme.workspace.pk, message_ids=[row.pk])
        items = shown(row)
        assert "secret" not in str(items)
        assert [item["call_id"] for item in items if item["type"] == "function_call"] == ["c"]
