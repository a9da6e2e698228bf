"""Memories that an extractor draws: applied as a whole, from messages that are there, to their user alone."""

from typing import Any

import pytest

from messaging.exceptions import MemoriesChanged, MemorySourcesGone
from messaging.models import Change, Memory, MemoryQuerySet, MemoryRevision, MemorySource
from messaging.services import (
    AddMemory,
    ChangeMemory,
    DropMemory,
    MemoryChange,
    MemoryOutcome,
    RedrawMemory,
    add_memory,
    apply_memory_changes,
    delete_message,
    redact_messages,
    redraw_memories,
    store_embeddings,
)
from messaging.testing import make_message
from tests.cast import Tenant

pytestmark = pytest.mark.django_db
ROME, PARIS = "Lives in Rome", "Lives in Paris"


def draw(acme: Tenant, *changes: MemoryChange, **given: Any) -> MemoryOutcome:
    user_id = given.pop("user_id", acme.question.sender_id)
    named = {"workspace_id": acme.workspace.pk, "extractor": "rules", "version": "1"}
    return apply_memory_changes(**named, user_id=user_id, changes=changes, **given)


def memories(acme: Tenant) -> MemoryQuerySet:
    return Memory.objects.for_workspace(acme.workspace.pk).order_by("created_at", "id")


def kinds(acme: Tenant) -> list[str]:
    changes = Change.objects.for_workspace(acme.workspace.pk).filter(kind__startswith="memory.")
    return list(changes.order_by("id").values_list("kind", flat=True))


@pytest.fixture
def rome(acme: Tenant) -> Memory:
    """A memory of acme's customer that came of the question."""
    draw(acme, AddMemory(text=ROME, topics=["place"], message_ids=[acme.question.pk]))
    return memories(acme)[0]


def test_it_knows_its_source_and_its_extractor(acme: Tenant, rome: Memory):
    [source] = MemorySource.objects.for_workspace(acme.workspace.pk)
    assert (source.message_id, source.conversation_id) == (acme.question.pk, acme.conversation.pk)
    assert (rome.extractor, rome.extractor_version, rome.topics) == ("rules", "1", ["place"])


def test_it_goes_when_its_source_is_superseded(acme: Tenant, rome: Memory):
    make_message(acme.conversation, "I live in Paris", supersedes=acme.question.pk)
    assert not memories(acme)
    with pytest.raises(MemorySourcesGone):
        draw(acme, AddMemory(text=ROME, message_ids=[acme.question.pk]))


def test_it_is_of_the_sender_alone(acme: Tenant):
    with pytest.raises(MemorySourcesGone):
        draw(acme, AddMemory(text=ROME, message_ids=[acme.question.pk]), user_id="somebody else")
    assert not memories(acme)


def test_a_message_of_another_workspace_is_no_source(acme: Tenant, globex: Tenant):
    with pytest.raises(MemorySourcesGone) as caught:
        draw(acme, AddMemory(text=ROME, message_ids=[globex.question.pk]), user_id=globex.question.sender_id)
    assert caught.value.message_ids == (globex.question.pk,)


def test_the_same_text_gets_another_source(acme: Tenant, rome: Memory):
    outcome = draw(acme, AddMemory(text="  lives in  ROME. ", message_ids=[acme.reply.pk]))
    assert (outcome.created, outcome.known) == ([], [rome.pk])
    assert MemorySource.objects.for_workspace(acme.workspace.pk).count() == 2


def test_a_repeat_adds_nothing(acme: Tenant):
    changes = [
        AddMemory(text=ROME, message_ids=[acme.question.pk]),
        AddMemory(text="Has a cat", message_ids=[acme.question.pk]),
    ]
    draw(acme, *changes)
    before = kinds(acme)
    assert not draw(acme, *changes).created
    assert (len(memories(acme)), kinds(acme)) == (2, before)


def test_a_change_keeps_what_it_was(acme: Tenant, rome: Memory):
    draw(acme, ChangeMemory(memory_id=rome.pk, text=PARIS, message_ids=[acme.reply.pk]))
    assert [row.memory for row in memories(acme)] == [PARIS]
    revisions = MemoryRevision.objects.for_workspace(acme.workspace.pk).order_by("version")
    told = [(row.version, row.action, row.text, row.message_ids) for row in revisions]
    assert told == [
        (1, "created", ROME, [acme.question.pk]),
        (2, "updated", PARIS, [acme.reply.pk]),
    ]


def test_a_repeated_change_is_no_version(acme: Tenant, rome: Memory):
    change = ChangeMemory(memory_id=rome.pk, text=PARIS, message_ids=[acme.reply.pk])
    draw(acme, change)
    draw(acme, change)
    assert memories(acme)[0].version == 2


def test_a_change_into_what_is_known_leaves_one(acme: Tenant, rome: Memory):
    draw(acme, AddMemory(text=PARIS, message_ids=[acme.reply.pk]))
    draw(acme, ChangeMemory(memory_id=rome.pk, text=PARIS))
    assert [row.memory for row in memories(acme)] == [PARIS]


def test_a_drop_takes_the_history(acme: Tenant, rome: Memory):
    assert draw(acme, DropMemory(memory_id=rome.pk)).deleted == [rome.pk]
    for model in (Memory, MemoryRevision, MemorySource):
        assert not model._default_manager.exists()


def test_only_memories_of_the_user_are_named(acme: Tenant):
    other, _ = add_memory(workspace_id=acme.workspace.pk, user_id="other", memory=ROME)
    outcome = draw(acme, DropMemory(memory_id=other.pk), ChangeMemory(memory_id=other.pk, text=PARIS))
    assert set(outcome.refused) == {0, 1}
    assert memories(acme)[0].memory == ROME


def test_nothing_is_drawn_from_what_is_gone(acme: Tenant):
    redact_messages(workspace_id=acme.workspace.pk, message_ids=[acme.question.pk])
    sound = AddMemory(text=PARIS, message_ids=[acme.reply.pk])
    with pytest.raises(MemorySourcesGone):
        draw(acme, sound, AddMemory(text=ROME, message_ids=[acme.question.pk]))
    assert not memories(acme)


def test_nothing_is_drawn_upon_what_has_changed(acme: Tenant, rome: Memory):
    draw(acme, ChangeMemory(memory_id=rome.pk, text=PARIS))
    with pytest.raises(MemoriesChanged):
        draw(acme, AddMemory(text="Left Rome"), seen={rome.pk: rome.version})


def test_once(acme: Tenant):
    done: list[bool] = []

    def once() -> bool:
        done.append(True)
        return len(done) == 1

    for _ in range(2):
        outcome = draw(acme, AddMemory(text=ROME, message_ids=[acme.question.pk]), once=once)
    assert (outcome.is_repeat, len(memories(acme))) == (True, 1)


def test_a_user_has_so_many(acme: Tenant, settings: Any):
    settings.PARLEY = {**settings.PARLEY, "MEMORIES": {"MAX_MEMORIES": 1}}
    outcome = draw(acme, AddMemory(text=ROME), AddMemory(text=PARIS))
    assert (len(outcome.created), list(outcome.refused)) == (1, [1])


@pytest.mark.parametrize("text", ["", "  ", "x" * 10_001, "a\0b", "\ud800"])
def test_what_cannot_be_one_is_left_out(acme: Tenant, text: str):
    assert list(draw(acme, AddMemory(text=text), AddMemory(text=PARIS)).refused) == [0]


def test_it_goes_with_its_last_source(acme: Tenant, rome: Memory):
    delete_message(workspace_id=acme.workspace.pk, message_id=acme.question.pk)
    assert not memories(acme)
    assert kinds(acme) == ["memory.created", "memory.deleted"]


def test_it_is_hidden_without_one_of_several(acme: Tenant, rome: Memory):
    draw(acme, AddMemory(text=ROME, message_ids=[acme.reply.pk]))
    redact_messages(workspace_id=acme.workspace.pk, message_ids=[acme.question.pk])
    row = memories(acme)[0]
    assert (row.state, row.memory, row.search_text, row.text_hash, row.topics) == (
        "hidden",
        "",
        "",
        None,
        None,
    )
    assert not MemoryRevision.objects.for_workspace(acme.workspace.pk).exists()
    assert kinds(acme)[-1] == "memory.updated"


def test_a_hidden_one_is_drawn_anew(acme: Tenant, rome: Memory):
    draw(acme, AddMemory(text=ROME, message_ids=[acme.reply.pk]))
    delete_message(workspace_id=acme.workspace.pk, message_id=acme.question.pk)
    assert draw(
        acme, ChangeMemory(memory_id=rome.pk, text=ROME)
    ).refused  # whoever says so has seen it before
    draw(acme, RedrawMemory(memory_id=rome.pk, text=PARIS, message_ids=[acme.reply.pk]))
    [row] = memories(acme)
    assert (row.pk, row.state, row.memory, row.search_text) == (rome.pk, "live", PARIS, PARIS.casefold())
    [revision] = MemoryRevision.objects.for_workspace(acme.workspace.pk)
    assert (revision.action, revision.message_ids) == ("drawn_anew", [acme.reply.pk])


def test_staff_has_one_drawn_anew(acme: Tenant, rome: Memory):
    written, _ = add_memory(workspace_id=acme.workspace.pk, user_id="u", memory=ROME)
    both = [rome.pk, written.pk]
    assert redraw_memories(workspace_id=acme.workspace.pk, memory_ids=both).changed == [rome.pk]


def test_an_embedding_is_of_one_version(acme: Tenant, rome: Memory):
    given = {"workspace_id": acme.workspace.pk, "embedder": "e"}
    assert store_embeddings(**given, embeddings={rome.pk: (1, b"\x00\x01")}) == 1
    assert bytes(memories(acme)[0].embedding or b"") == b"\x00\x01"
    draw(acme, ChangeMemory(memory_id=rome.pk, text=PARIS))
    assert memories(acme)[0].embedding is None
    assert store_embeddings(**given, embeddings={rome.pk: (1, b"\x00\x01")}) == 0
