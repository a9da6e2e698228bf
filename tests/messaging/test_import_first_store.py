"""What the store held before its migrations began anew comes over by export and import, whole.

`fixtures/first_store.jsonl.gz` was exported by that store: messages of both wires, runs with parts of every
kind, stored objects, imported history, a corrected and a redacted message, a conversation that a run held.
"""

import base64
import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unicodedata import is_normalized

import pytest
from django.db import models

from messaging.models import Conversation, Message, Run, StoredObject
from messaging.values.choices import ACTIVE
from tests.cast import Tenant
from tests.transfer import counts, exported, imported

pytestmark = pytest.mark.django_db

SOURCE = gzip.decompress((Path(__file__).parent / "fixtures/first_store.jsonl.gz").read_bytes())
RECORDS: list[dict[str, Any]] = [json.loads(line) for line in SOURCE.splitlines()]
KINDS = {"text", "reasoning", "file", "data", "tool-call", "tool-result", "tool-error"}
FAILED_HERE = {"status", "failed_at"}
"""Of a run that was active: its agent is not here."""


def records(kind: str) -> list[dict[str, Any]]:
    return [record for record in RECORDS if record["type"] == kind]


@pytest.fixture
def acme_with_all(acme: Tenant) -> Tenant:
    report, rejections = imported(acme, SOURCE)
    assert rejections == []
    assert counts(report) == (6, 18, 0, 0, 0)
    return acme


def assert_same(row: models.Model, record: dict[str, Any], *, but: set[str] = frozenset()) -> None:  # type: ignore[assignment]
    """The row has the value of each column that its record tells of."""
    for field in row._meta.concrete_fields:
        if field.attname in record and field.attname not in {"workspace_id", "seq", *but}:
            given = field.to_python(record[field.attname])
            assert getattr(row, field.attname) == given, field.attname


def test_conversations(acme_with_all: Tenant):
    for record in records("conversation"):
        assert_same(
            Conversation.objects.for_workspace(acme_with_all.workspace.pk).get(pk=record["id"]), record
        )


def test_messages_in_their_order(acme_with_all: Tenant):
    for conversation in records("conversation"):
        of_it = [record for record in records("message") if record["conversation_id"] == conversation["id"]]
        rows = list(Message.objects.in_conversation(conversation["id"]).order_by("seq"))
        assert [row.pk for row in rows] == [record["id"] for record in of_it]
        assert [row.seq for row in rows] == list(range(1, len(rows) + 1))
        for row, record in zip(rows, of_it, strict=True):
            is_composed = is_normalized("NFC", record["content"])
            assert_same(row, record, but=set() if is_composed else {"checksum"})


def test_runs(acme_with_all: Tenant):
    for record in records("run"):
        was_active = record["status"] in ACTIVE
        row = Run.objects.for_workspace(acme_with_all.workspace.pk).get(pk=record["id"])
        assert_same(row, record, but=FAILED_HERE if was_active else set())
        assert not row.is_active
    assert not Conversation.objects.filter(active_run__isnull=False).exists()


def below(name: str) -> Iterator[tuple[dict[str, Any], list[dict[str, Any]]]]:
    """(message, its parts or objects), where it has any."""
    return ((record, record[name]) for record in records("message") if name in record)


def test_parts(acme_with_all: Tenant):
    """The store exports them as they were imported, ids included."""
    exports = map(json.loads, exported(acme_with_all).splitlines())
    stored = {line["id"]: line.get("parts") for line in exports if line["type"] == "message"}
    for record, parts in below("parts"):
        assert stored[record["id"]] == parts
    assert {part["type"] for _, parts in below("parts") for part in parts} == KINDS


def test_objects_with_their_bytes(acme_with_all: Tenant):
    for record, objects in below("objects"):
        for given in objects:
            row = StoredObject.objects.for_workspace(acme_with_all.workspace.pk).get(pk=given["id"])
            assert_same(row, given)
            with row.open() as file:
                assert file.read() == base64.b64decode(given["data"])
            assert row.message_id == record["id"]


def test_once(acme_with_all: Tenant):
    assert counts(imported(acme_with_all, SOURCE)[0]) == (0, 0, 6, 18, 0)
