"""What the forms of messages and conversations take: tags as words, JSON that says where it is wrong."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from messaging.admin.forms.fields import ObjectInput, parse_tags, spell_tags
from messaging.models import Conversation, Message
from messaging.services import redact_messages, update_message
from tests.cast import Tenant
from tests.messaging.test_admin import CONVERSATION, MESSAGE


@pytest.mark.parametrize(
    ("text", "tags"),
    [
        ("", []),
        ("one", ["one"]),
        ("b, a,b ,", ["b", "a"]),
        ("two words\r\nthree", ["two words", "three"]),
        ('["a, b", "a, b"]', ["a, b", "a, b"]),
    ],
)
def test_tags_are_words(text: str, tags: list[str]):
    assert parse_tags(text) == tags


@pytest.mark.parametrize("tags", [["b", "a"], ["a,b"], [""], ["a", "a"], [" a "], ["[x"], ["x\ny"], ["ünï"]])
def test_tags_are_spelled_so_that_they_come_back(tags: list[str]):
    assert parse_tags(spell_tags(tags)) == tags


@pytest.mark.parametrize("text", ["[1]", '["a"', "[[]]", '["\\ud800"]'])
def test_tags_that_are_none_are_refused(text: str):
    with pytest.raises(ValidationError):
        parse_tags(text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{\r\n  "a": 1,\r\n  "b" 2\r\n}', "in line 3, column 7"),
        ("{", "in line 1, column 2"),
        ('{"a": {"b": "\\u0000"}}', "NUL character (U+0000) (at a.b)"),
        ('{"a": NaN}', "finite number (at a)"),
        ("[" * 101 + "]" * 101, "deeper than 100"),
    ],
)
def test_json_says_where_it_is_wrong(text: str, said: str):
    with pytest.raises(ValidationError) as refused:
        ObjectInput().clean(text)
    assert said in refused.value.messages[0]


@pytest.mark.django_db
def test_what_was_typed_stays_as_it_was_typed(admin_client: Client, acme: Tenant):
    path = f"/admin/parley/message/{acme.question.pk}/change/"
    typed = {"meta_data": '{"a":  1', "tags": '["x', "content": "  mine\r\n"}
    form = admin_client.post(path, MESSAGE | typed).context["adminform"].form
    assert {name: form[name].value() for name in typed} == typed


@pytest.mark.django_db
@pytest.mark.parametrize("text", ["[]", "3", '"x"'])
def test_meta_data_are_an_object(admin_client: Client, acme: Tenant, text: str):
    path = f"/admin/parley/message/{acme.question.pk}/change/"
    assert "Give a JSON object" in admin_client.post(path, MESSAGE | {"meta_data": text}).content.decode()


@pytest.mark.django_db
def test_every_field_of_a_message_is_saved(admin_client: Client, acme: Tenant):
    fields = {
        "role": "system",
        "sender_id": "ada",
        "message_type": "note",
        "content": "one\r\ntwo",
        "tags": "b, a",
        "meta_data": '{"z": 1, "a": 2}',
        "parent_message_id": acme.reply.pk,
    }
    admin_client.post(f"/admin/parley/message/{acme.question.pk}/change/", fields)
    row = Message.objects.get(pk=acme.question.pk)
    expected = fields | {"content": "one\ntwo", "tags": ["b", "a"], "meta_data": {"z": 1, "a": 2}}
    assert {name: getattr(row, name) for name in fields} == expected
    assert list(row.meta_data) == ["z", "a"]


@pytest.mark.django_db
def test_every_field_of_a_conversation_is_saved(admin_client: Client, acme: Tenant):
    fields = CONVERSATION | {
        "title": "t",
        "summary": "s",
        "is_public": "on",
        "status": "archived",
        "collections": "x, y",
        "meta_data": '{"m": 1}',
        "settings": '{"s": 1}',
        "user_id": "ada",
    }
    admin_client.post(f"/admin/parley/conversation/{acme.conversation.pk}/change/", fields)
    row = Conversation.objects.get(pk=acme.conversation.pk)
    assert (row.title, row.summary, row.is_public, row.status) == ("t", "s", True, "archived")
    assert (row.collections, row.meta_data, row.settings) == (["x", "y"], {"m": 1}, {"s": 1})
    assert row.user_id == "ada"


@pytest.mark.django_db
def test_emptied_fields_are_what_the_wire_has_for_nothing(admin_client: Client, acme: Tenant):
    full: dict[str, Any] = {"tags": ["a"], "meta_data": {"a": 1}, "parent_message_id": "x"}
    update_message(workspace_id=acme.workspace.pk, message_id=acme.question.pk, changes=full)
    admin_client.post(f"/admin/parley/message/{acme.question.pk}/change/", MESSAGE)
    row = Message.objects.get(pk=acme.question.pk)
    assert (row.tags, row.meta_data, row.parent_message_id) == (None, None, None)


@pytest.mark.django_db
def test_what_a_new_text_takes_with_it_is_said(admin_client: Client, acme: Tenant):
    items = [{"type": "input_text", "text": "x"}, {"type": "input_file", "file_id": "f"}]
    update_message(
        workspace_id=acme.workspace.pk,
        message_id=acme.question.pk,
        changes={"content": "x", "structured_content": items},
    )
    page = admin_client.get(f"/admin/parley/message/{acme.question.pk}/change/").content.decode()
    assert "sent as 2 items (input_file, input_text)" in page


@pytest.mark.django_db
def test_the_content_of_a_redacted_message_is_no_field(admin_client: Client, acme: Tenant):
    redact_messages(workspace_id=acme.workspace.pk, message_ids=[acme.question.pk])
    path = f"/admin/parley/message/{acme.question.pk}/change/"
    page = admin_client.get(path)
    assert "content" not in page.context["adminform"].form.fields
    assert "cannot be written again" in page.content.decode()
    without = {name: value for name, value in MESSAGE.items() if name != "content"}
    admin_client.post(path, without | {"tags": "seen"})
    row = Message.objects.get(pk=acme.question.pk)
    assert (row.content, row.tags, set(row.meta_data or {})) == ("[redacted]", ["seen"], {"redacted_at"})


def test_the_form_of_a_conversation_says_what_enforces_nothing(admin_client: Client, acme: Tenant):
    form = admin_client.get(f"/admin/parley/conversation/{acme.conversation.pk}/change/").content.decode()
    assert form.count("It changes nothing about who may read the conversation.") == 2
