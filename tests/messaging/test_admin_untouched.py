"""Saving a form changes the fields that were edited, although browsers respell the line ends of all."""

import json
import re
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.db.models import Model
from django.test import Client

from messaging.models import ApiKey, Conversation, Message, Workspace
from tests.cast import Tenant
from tests.walk import Fields, Forms

pytestmark = pytest.mark.django_db

MIXED = "\r\n one\r\ntwo\nthree\rfour\n\rfive \r"
LINE_END = re.compile("\r\n|\r|\n")
EDITED: dict[type[Model], tuple[str, str]] = {
    Message: ("tags", "edited"),
    Conversation: ("collections", "edited"),
    Workspace: ("slug", "edited"),
    ApiKey: ("status", "inactive"),
}
TEXTS: dict[type[Model], list[str]] = {
    Message: ["content", "sender_id", "message_type"],
    Conversation: ["title", "summary", "user_id"],
    Workspace: ["name"],
    ApiKey: ["label"],
}
CASES = [(model, name) for model, names in TEXTS.items() for name in names]


class Browser(Forms):
    """Sends fields as browsers do: lines end with CR LF in an area, and an input of one line has none."""

    def __init__(self, page: str) -> None:
        super().__init__(LINE_END.sub("\n", page))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "input":
            attrs = [(name, value and value.replace("\n", "")) for name, value in attrs]
        super().handle_starttag(tag, attrs)

    def sent(self) -> Fields:
        [form] = (form for form in self.forms if "opened" in form)
        return {name: [value.replace("\n", "\r\n") for value in values] for name, values in form.items()}


def row_of(acme: Tenant, model: type[Model], **values: Any) -> Any:
    rows = (acme.question, acme.conversation, acme.workspace, acme.api_key)
    [row] = (row for row in rows if type(row) is model)
    model._default_manager.filter(pk=row.pk).update(**values)
    return row


def save(staff: Client, row: Model, **edited: str) -> Any:
    """The row after somebody opened its form, edited these fields and saved."""
    path = f"/admin/parley/{row._meta.model_name}/{row.pk}/change/"
    fields = Browser(staff.get(path).content.decode()).sent()
    assert staff.post(path, fields | edited).status_code == 302
    return type(row)._default_manager.get(pk=row.pk)


@pytest.mark.parametrize(("model", "name"), CASES)
def test_line_ends_stay_where_another_field_is_edited(
    admin_client: Client, acme: Tenant, model: type[Model], name: str
):
    row = row_of(acme, model, **{name: MIXED})
    other, value = EDITED[model]
    saved = save(admin_client, row, **{other: value})
    assert getattr(saved, name) == MIXED
    assert value in getattr(saved, other)
    [message] = json.loads(LogEntry.objects.get().change_message)
    assert len(message["changed"]["fields"]) == 1


@pytest.mark.parametrize(("model", "name"), CASES)
def test_lines_that_are_edited_end_alike(admin_client: Client, acme: Tenant, model: type[Model], name: str):
    saved = save(admin_client, row_of(acme, model, **{name: MIXED}), **{name: " a\r\nb"})
    assert getattr(saved, name) == " a\nb"


@pytest.mark.parametrize("model", EDITED)
def test_a_form_that_nobody_edited_changes_nothing(admin_client: Client, acme: Tenant, model: type[Model]):
    row = row_of(acme, model, **dict.fromkeys(TEXTS[model], MIXED))
    stored = model._default_manager.filter(pk=row.pk).values()
    before = stored.get()
    save(admin_client, row)
    assert stored.get() == before
    assert LogEntry.objects.get().change_message == "[]"
