"""What no kind of part or item can read is data: on every path it is kept, shown, and breaks nothing."""

import json
from typing import Any

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from messaging.content import items_in, part_of
from messaging.models import Message, Part
from messaging.services import (
    MessageDraft,
    Writer,
    append_messages,
    create_conversation,
    create_workspace,
    delete_conversation,
    redact_messages,
    update_message,
)
from messaging.services.reading import parts_of_messages
from tests.cast import Tenant
from tests.client import ApiClient
from tests.transfer import exported, imported, lines

REFUSAL = {"type": "apology", "apology": "I cannot help with that."}
SOURCE = {"type": "source-url", "url": "https://example.com/a", "title": "A"}
MALFORMED = [{"type": "input_text"}, {"type": "input_image", "image_url_ref": {}}, "words", None, [1], {}]


def write(tenant: Tenant, **fields: Any) -> Message:
    [row] = append_messages(
        workspace_id=tenant.workspace.pk,
        conversation_id=tenant.conversation.pk,
        drafts=[MessageDraft(role="assistant", **fields)],
        writer=Writer(),
    )
    return row


def shown(api: ApiClient, row: Message) -> dict[str, Any]:
    """The message as a page of its thread shows it."""
    page = api.get(f"/v1/threads/{row.conversation_id}/messages?include_parts=true&limit=100")
    assert page.status_code == 200, page.content
    found: dict[str, dict[str, Any]] = {message["id"]: message for message in page.json()}
    return found[row.pk]


def data_of(message: dict[str, Any]) -> list[Any]:
    """(name, value) of the data among the parts."""
    return [(part["data_type"], part["data"]) for part in message["parts"] if part["type"] == "data"]


@pytest.mark.django_db
class TestItems:
    @pytest.mark.wire("seekrflow", "list_messages", "items of no known kind are data parts, whole")
    def test_a_page_of_the_thread_shows_them_as_data(self, api: ApiClient, acme: Tenant):
        message = shown(api, write(acme, structured_content=[REFUSAL]))
        assert (message["content"], data_of(message)) == ("", [("apology", REFUSAL)])

    def test_a_text_that_no_item_holds_is_a_part_too(self, api: ApiClient, acme: Tenant):
        message = shown(api, write(acme, content="No.", structured_content=[REFUSAL]))
        assert [part["type"] for part in message["parts"]] == ["text", "data"]

    @pytest.mark.parametrize("items", [[item] for item in MALFORMED] + ["words", {"a": 1}, 7])
    def test_what_is_no_item_at_all_is_data(self, api: ApiClient, acme: Tenant, items: Any):
        message = shown(api, write(acme, structured_content=items))
        assert [value for _, value in data_of(message)] == (items if isinstance(items, list) else [items])

    def test_the_transcript_shows_them_as_json(self, admin_client: Client, acme: Tenant):
        write(acme, structured_content=[REFUSAL, *MALFORMED])
        page = admin_client.get(f"/admin/parley/conversation/{acme.conversation.pk}/transcript/")
        assert page.status_code == 200
        assert "I cannot help with that." in page.content.decode()

    def test_the_form_of_the_message_opens(self, admin_client: Client, acme: Tenant):
        row = write(acme, structured_content=[REFUSAL, *MALFORMED])
        assert admin_client.get(f"/admin/parley/message/{row.pk}/change/").status_code == 200

    def test_export_and_import_bring_them_back(self, api: ApiClient, acme: Tenant):
        row = write(acme, structured_content=[REFUSAL, *MALFORMED])
        before, source = shown(api, row), exported(acme)
        delete_conversation(workspace_id=acme.workspace.pk, conversation_id=row.conversation_id)
        assert imported(acme, source)[1] == []
        assert shown(api, row) == before
        assert Message.objects.get(pk=row.pk).structured_content == [REFUSAL, *MALFORMED]

    def test_redaction_takes_them_out(self, api: ApiClient, acme: Tenant):
        row = write(acme, structured_content=[REFUSAL])
        redact_messages(workspace_id=acme.workspace.pk, message_ids=[row.pk])
        assert "I cannot" not in json.dumps(shown(api, row))

    def test_a_new_text_takes_their_place(self, api: ApiClient, acme: Tenant):
        row = write(acme, structured_content=[REFUSAL])
        update_message(workspace_id=acme.workspace.pk, message_id=row.pk, changes={"content": "Yes."})
        assert [part["type"] for part in shown(api, row)["parts"]] == ["text"]


@pytest.mark.django_db
class TestParts:
    def test_a_part_of_no_known_kind_is_stored_as_data(self, api: ApiClient, acme: Tenant):
        row = write(acme, parts=[{"type": "text", "text": "See there."}, SOURCE])
        message = shown(api, row)
        assert (message["content"], data_of(message)) == ("See there.", [("source-url", SOURCE)])

    def test_a_large_one_leaves_the_row(self, api: ApiClient, acme: Tenant):
        message = shown(api, write(acme, parts=[SOURCE | {"title": "A" * 100_000}]))
        [part] = message["parts"]
        assert json.loads(api.get(f"/v1/objects/{part['data_ref']['object_id']}").content_read)["title"]

    def test_a_row_of_a_kind_that_is_not_known_any_more_is_shown_whole(self, api: ApiClient, acme: Tenant):
        row = write(acme, parts=[SOURCE])
        Part.objects.filter(message=row).update(type="widget", data_type=None)
        [(name, value)] = data_of(shown(api, row))
        assert (name, value["payload"]) == ("widget", SOURCE)

    def test_the_transcript_shows_them_as_json(self, admin_client: Client, acme: Tenant):
        write(acme, parts=[SOURCE, {"type": "tool-call", "tool_name": 7}])
        page = admin_client.get(f"/admin/parley/conversation/{acme.conversation.pk}/transcript/")
        assert "https://example.com/a" in page.content.decode()

    @pytest.mark.parametrize("part", [{"type": "odd"}, {"type": "text"}, {"type": "file", "detail": "huge"}])
    def test_an_import_keeps_them(self, api: ApiClient, acme: Tenant, part: dict[str, Any]):
        header = {"type": "conversation", "id": acme.conversation.pk}
        line = {"type": "message", "id": "m", "conversation_id": acme.conversation.pk, "role": "assistant"}
        assert imported(acme, lines(header, line | {"parts": [part]}))[1] == []
        row = Message.objects.latest("seq", "id")
        assert data_of(shown(api, row)) == [(part["type"], part)]


@pytest.mark.django_db
@pytest.mark.parametrize("field", ["tool_calls", "attachments"])
@pytest.mark.parametrize("value", [["x"], "x", 7, {"a": 1}, [None]])
def test_calls_and_attachments_of_any_shape_are_shown(
    api: ApiClient, acme: Tenant, admin_client: Client, field: str, value: Any
):
    row = write(acme, content="x", **{field: [value]})
    Message.objects.filter(pk=row.pk).update(**{field: value})  # drafts refuse what is no list
    assert len(shown(api, row)["parts"]) == 2
    page = admin_client.get(f"/admin/parley/conversation/{acme.conversation.pk}/transcript/")
    assert page.status_code == 200
    redact_messages(workspace_id=acme.workspace.pk, message_ids=[row.pk])
    assert shown(api, row)["parts"]


NAMES = st.sampled_from(
    ["text", "file", "data", "tool-call", "tool-result", "tool-error", "reasoning", "input_text"]
    + ["input_image", "input_file", "output_text", "output_guardrail", "apology", "", "source-url"]
)
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=10)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**40), 2**40) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)
FIELDS = st.sampled_from(
    ["text", "url", "detail", "file_id", "image_url", "image_url_ref", "data", "data_ref", "args"]
    + [
        "args_ref",
        "tool_name",
        "tool_call_id",
        "output",
        "output_ref",
        "is_error",
        "error_text",
        "metadata",
        "annotations",
    ]
)
INVENTED = JSON | st.builds(
    lambda name, fields: {"type": name, **fields}, NAMES, st.dictionaries(FIELDS, JSON, max_size=5)
)


INVENTIONS = given(
    st.lists(INVENTED, max_size=3), st.lists(INVENTED, max_size=3), st.sampled_from(["tool", "user"])
)


class TestInvented(TestCase):
    """Whatever a host invents, every reader gets parts that say it."""

    @settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
    @INVENTIONS
    def test_it_is_stored_and_read(self, items: list[Any], parts: list[Any], role: str):
        is_stored_and_read(items, parts, role)

    @pytest.mark.drill
    @settings(max_examples=1_000, deadline=None, suppress_health_check=list(HealthCheck))
    @INVENTIONS
    def test_it_is_stored_and_read_at_length(self, items: list[Any], parts: list[Any], role: str):
        is_stored_and_read(items, parts, role)


def is_stored_and_read(items: list[Any], parts: list[Any], role: str) -> None:
    workspace = create_workspace(name="w")
    drafts = [MessageDraft(role=role, structured_content=items), MessageDraft(role=role, parts=parts)]
    conversation, _ = create_conversation(workspace_id=workspace.pk, writer=Writer(), drafts=drafts)
    rows = list(Message.objects.filter(conversation=conversation).order_by("seq"))
    read = parts_of_messages(rows, workspace_id=workspace.pk, link=str)
    assert len(read[rows[0].pk]) >= sum(item.text is None for item in items_in(items))
    if parts:
        assert [part["type"] for part in read[rows[1].pk]] == [part_of(part).type for part in parts]
    redact_messages(workspace_id=workspace.pk, message_ids=[row.pk for row in rows])
