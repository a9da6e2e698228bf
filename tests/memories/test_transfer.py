"""Memories leave with an export and come back: whole, once, and never without their sources."""

import json
from collections.abc import Iterable
from typing import Any

import pytest
from django.core.management import call_command

from messaging.models import (
    Conversation,
    Memory,
    MemoryDismissal,
    MemoryRevision,
    MemorySource,
    Message,
    Workspace,
)
from messaging.services import (
    AddMemory,
    ChangeMemory,
    MemoryOutcome,
    Writer,
    add_memory,
    apply_memory_changes,
    delete_memory,
    delete_workspace,
    redact_messages,
    update_memory,
)
from messaging.services.memories.drawn import DISMISSED
from messaging.testing import make_conversation, make_workspace
from messaging.transfer.export import export_conversations
from messaging.transfer.importing import import_stream
from messaging.transfer.report import Rejection, Report
from tests.cast import Tenant

pytestmark = pytest.mark.django_db
NOT_COMPARED = ("embedding", "embedder")


def draw(workspace_id: str, user_id: str, *changes: Any) -> Memory:
    apply_memory_changes(
        workspace_id=workspace_id, user_id=user_id, changes=changes, extractor="rules", version="1"
    )
    return Memory.objects.for_workspace(workspace_id).of_user(user_id).latest("pk")


@pytest.fixture
def rome(acme: Tenant) -> Memory:
    """A memory of two versions, each from a message of its own."""
    workspace_id, user_id = acme.workspace.pk, acme.question.sender_id
    row = draw(workspace_id, user_id, AddMemory(text="Lives in Rome", message_ids=[acme.question.pk]))
    change = ChangeMemory(
        memory_id=row.pk, text="Lives in Paris", topics=["place"], message_ids=[acme.reply.pk]
    )
    return draw(workspace_id, user_id, change)


def exported(acme: Tenant, **given: Any) -> list[bytes]:
    return list(export_conversations(Conversation.objects.for_workspace(acme.workspace.pk), **given))


def whole(acme: Tenant) -> list[bytes]:
    return exported(acme, whole=[acme.workspace.pk])


def load(lines: Iterable[bytes], workspace: Workspace, **options: Any) -> Report:
    return import_stream(lines, workspace_id=workspace.pk, writer=Writer(), **options)


def told(lines: Iterable[bytes]) -> list[str]:
    records = [json.loads(line) for line in lines]
    return [record["memory"] for record in records if record["type"] == "memory"]


def stored(model: Any, workspace_id: str, *without: str) -> list[dict[str, Any]]:
    rows = model.objects.for_workspace(workspace_id).order_by("pk").values()
    left_out = {"id", *without} if model is not Memory else {*without, *NOT_COMPARED}
    return [{name: value for name, value in row.items() if name not in left_out} for row in rows]


def test_they_come_back_as_they_were(acme: Tenant, rome: Memory):
    add_memory(workspace_id=acme.workspace.pk, user_id="u", memory="Has a cat", metadata={"n": 1e16})
    lines, pk = whole(acme), acme.workspace.pk
    before = [stored(model, pk) for model in (Memory, MemoryRevision)]
    sources = stored(MemorySource, pk, "created_at")
    delete_workspace(workspace_id=pk, force=True)
    Workspace.objects.create(id=pk, name="acme", slug="acme")
    report = load(lines, acme.workspace)
    assert (report.new_memories, report.rejected) == (2, 0)
    assert [stored(model, pk) for model in (Memory, MemoryRevision)] == before
    assert stored(MemorySource, pk, "created_at") == sources


def test_a_second_time_adds_nothing(acme: Tenant, rome: Memory):
    before = [stored(model, acme.workspace.pk) for model in (Memory, MemoryRevision, MemorySource)]
    report = load(whole(acme), acme.workspace)
    assert (report.new_memories, report.known_memories, report.changed_memories) == (0, 1, 0)
    assert [stored(model, acme.workspace.pk) for model in (Memory, MemoryRevision, MemorySource)] == before


def test_in_another_workspace_they_are_copies(acme: Tenant, rome: Memory):
    copy = make_workspace("copy")
    for _ in range(2):
        report = load(whole(acme), copy)
    assert (report.new_memories, report.known_memories) == (0, 1)
    [row] = Memory.objects.for_workspace(copy.pk)
    assert row.pk != rome.pk
    assert (row.memory, row.version, row.search_text) == ("Lives in Paris", 2, "lives in paris")
    ids = set(Message.objects.for_workspace(copy.pk).values_list("pk", flat=True))
    sources = MemorySource.objects.for_workspace(copy.pk)
    assert set(sources.values_list("message_id", flat=True)) == ids
    history = MemoryRevision.objects.for_workspace(copy.pk).order_by("version")
    assert {pk for each in history for pk in each.message_ids} == ids


def test_what_changed_since_follows(acme: Tenant, rome: Memory):
    copy = make_workspace("copy")
    load(whole(acme), copy)
    update_memory(workspace_id=acme.workspace.pk, memory_id=rome.pk, changes={"memory": "Lives in Oslo"})
    assert load(whole(acme), copy).changed_memories == 1
    assert [row.memory for row in Memory.objects.for_workspace(copy.pk)] == ["Lives in Oslo"]


def test_without_one_source_it_comes_hidden(acme: Tenant, rome: Memory):
    lines = whole(acme)
    copy = make_workspace("copy")
    load([line for line in lines if b'"type":"memory"' not in line], copy)
    first = Message.objects.for_workspace(copy.pk).earliest("seq")
    redact_messages(workspace_id=copy.pk, message_ids=[first.pk])
    load(lines, copy)
    [row] = Memory.objects.for_workspace(copy.pk)
    assert (row.state, row.memory, row.text_hash) == ("hidden", "", None)
    assert not MemoryRevision.objects.for_workspace(copy.pk).exists()


def test_without_any_source_it_does_not_come(acme: Tenant, rome: Memory):
    rejections: list[Rejection] = []
    lines = [line for line in whole(acme) if b'"type":"message"' not in line]
    report = load(lines, make_workspace("copy"), on_rejection=rejections.append)
    assert (report.new_memories, report.rejected) == (0, 1)
    assert "None of the messages" in rejections[0].reason


@pytest.fixture
def forgotten(acme: Tenant) -> Memory:
    """A memory that somebody deleted, and the export of before."""
    row = draw(
        acme.workspace.pk,
        acme.question.sender_id,
        AddMemory(text="Lives in Rome", message_ids=[acme.question.pk]),
    )
    delete_memory(workspace_id=acme.workspace.pk, memory_id=row.pk)
    return row


def drawn_again(workspace: Workspace) -> MemoryOutcome:
    """What comes of the messages of a workspace, from which the deleted memory is drawn once more."""
    first = Message.objects.for_workspace(workspace.pk).earliest("seq")
    return apply_memory_changes(
        workspace_id=workspace.pk,
        user_id=first.sender_id,
        changes=[AddMemory(text="lives in ROME.", message_ids=[first.pk])],
        extractor="rules",
        version="1",
    )


def test_what_somebody_deleted_stays_deleted_in_a_copy(acme: Tenant, forgotten: Memory):
    copy = make_workspace("copy")
    for _ in range(2):
        load(whole(acme), copy)
    assert drawn_again(copy).refused == {0: DISMISSED}


def test_and_in_one_that_is_there(acme: Tenant):
    copy = make_workspace("copy")
    load(whole(acme), copy)
    row = draw(
        acme.workspace.pk,
        acme.question.sender_id,
        AddMemory(text="Lives in Rome", message_ids=[acme.question.pk]),
    )
    delete_memory(workspace_id=acme.workspace.pk, memory_id=row.pk)
    load(whole(acme), copy)
    assert drawn_again(copy).refused == {0: DISMISSED}


def test_but_not_where_the_message_is_redacted(acme: Tenant, forgotten: Memory):
    copy = make_workspace("copy")
    lines = whole(acme)
    load([line for line in lines if b'"type":"memory"' not in line], copy)
    first = Message.objects.for_workspace(copy.pk).earliest("seq")
    redact_messages(workspace_id=copy.pk, message_ids=[first.pk])
    load(lines, copy)
    assert not MemoryDismissal.objects.for_workspace(copy.pk).exists()


def test_no_import_brings_back_what_was_deleted_here(acme: Tenant, rome: Memory):
    lines, rejections = whole(acme), list[Rejection]()
    delete_memory(workspace_id=acme.workspace.pk, memory_id=rome.pk)
    report = load(lines, acme.workspace, on_rejection=rejections.append)
    assert (report.new_memories, [each.reason for each in rejections]) == (0, [DISMISSED])


def test_a_dismissal_that_is_none_is_rejected(acme: Tenant, forgotten: Memory):
    lines = [line.replace(b'"dismissed_memories":["', b'"dismissed_memories":["x') for line in whole(acme)]
    assert load(lines, make_workspace("copy")).rejected


def test_what_cannot_be_one_is_rejected(acme: Tenant, rome: Memory):
    lines = [line.replace(b'"memory":"Lives in Paris"', b'"memory":" "') for line in whole(acme)]
    assert load(lines, make_workspace("copy")).rejected == 1


def test_chosen_conversations_take_what_came_of_them_alone(acme: Tenant, rome: Memory):
    workspace_id, user_id = acme.workspace.pk, acme.question.sender_id
    other, [message] = make_conversation(acme.workspace, "I have a cat", user_id=user_id)
    draw(workspace_id, user_id, AddMemory(text="Has a cat", message_ids=[message.pk]))
    draw(workspace_id, user_id, AddMemory(text="Lives in Paris", message_ids=[message.pk]))
    add_memory(workspace_id=workspace_id, user_id="u", memory="Was written")
    chosen = Conversation.objects.for_workspace(workspace_id).filter(pk=other.pk)
    assert told(export_conversations(chosen)) == ["Has a cat"]
    assert told(exported(acme)) == ["Lives in Paris", "Has a cat"]
    assert told(whole(acme)) == ["Lives in Paris", "Has a cat", "Was written"]


def test_the_command_takes_those_of_its_workspace(acme: Tenant, globex: Tenant, tmp_path: Any):
    for tenant in (acme, globex):
        add_memory(workspace_id=tenant.workspace.pk, user_id="u", memory=f"Of {tenant.workspace.slug}")
    target = tmp_path / "out.jsonl"
    call_command("export_conversations", workspace="acme", output=str(target), verbosity=0)
    lines = target.read_bytes().splitlines()
    assert told(lines) == ["Of acme"]
    assert json.loads(lines[-1])["memories"] == 1
