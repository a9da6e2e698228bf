"""Every write leaves a change: what it did, to which rows, by whom; and never a text."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from messaging.changes import Actor, acting_as
from messaging.models import Change
from messaging.services import (
    MessageDraft,
    Writer,
    append_messages,
    create_conversation,
    create_run,
    create_workspace,
    delete_conversation,
    delete_message,
    delete_messages,
    delete_workspace,
    redact_conversation,
    redact_messages,
    set_conversation_status,
    tag_messages,
    update_conversation,
    update_message,
    update_run,
    update_workspace,
)
from messaging.services.transactions import atomic
from messaging.values.choices import ActorKind
from tests.cast import Tenant

SECRET = "walrus"
"""A word of the texts that are written here, in no id and in no name of a kind."""


@pytest.fixture
def recorded(acme: Tenant):
    """The changes of acme since the test began."""
    first = Change.objects.for_workspace(acme.workspace.pk).latest("id").pk

    def since() -> list[Change]:
        return list(Change.objects.for_workspace(acme.workspace.pk).filter(pk__gt=first).order_by("pk"))

    return since


def named(tenant: Tenant) -> dict[str, Any]:
    return {"workspace_id": tenant.workspace.pk, "conversation_id": tenant.conversation.pk}


def append(tenant: Tenant, *contents: str, **fields: object) -> list[str]:
    rows = append_messages(
        **named(tenant),
        drafts=[MessageDraft(content=content, **fields) for content in contents],  # type: ignore[arg-type]
        writer=Writer(enable_memories=True),
    )
    return [row.pk for row in rows]


def test_one_change_for_a_batch(acme: Tenant, recorded):
    ids = append(acme, "a", "b", "c")
    [change] = recorded()
    assert (change.kind, change.conversation_id) == ("messages.created", acme.conversation.pk)
    assert (change.message_ids, change.first_seq, change.last_seq, change.count) == (ids, 3, 5, 3)
    assert (change.imported, change.enable_memories, change.run_id) == (False, True, None)


def test_every_way_to_append_records_the_same(acme: Tenant, recorded):
    """The steps, which run first, and the one statement of PostgreSQL, which follows them."""
    for _ in range(3):
        append(acme, "x", "y")
    numbers = [(change.first_seq, change.last_seq, change.count) for change in recorded()]
    assert numbers == [(3, 4, 2), (5, 6, 2), (7, 8, 2)]


@pytest.mark.parametrize(("count", "names"), [(20, True), (21, False)])
def test_up_to_twenty_messages_are_named(acme: Tenant, recorded, count, names):
    append(acme, "known")
    ids = append(acme, *map(str, range(count)))
    change = recorded()[-1]
    assert change.message_ids == (ids if names else None)
    assert change.last_seq - change.first_seq + 1 == change.count == count


def test_a_conversation_with_messages_leaves_two(acme: Tenant, recorded):
    conversation, rows = create_conversation(
        workspace_id=acme.workspace.pk, writer=Writer(), drafts=[MessageDraft(content="a")]
    )
    opened, created = recorded()
    assert (opened.kind, opened.conversation_id) == ("conversation.created", conversation.pk)
    assert (created.kind, created.message_ids) == ("messages.created", [rows[0].pk])


LONG_AGO = timedelta(days=1)


def test_messages_of_long_ago_are_imported(acme: Tenant, recorded):
    moment = timezone.now() - LONG_AGO
    append(acme, "old", created_at=moment)
    append(acme, "old", created_at=moment)  # known already
    [change] = recorded()
    assert change.imported


@pytest.mark.parametrize("seconds", [-200, 0, 200])
def test_live_messages_with_a_time_of_their_own_are_not(acme: Tenant, recorded, seconds: int):
    append(acme, "live", created_at=timezone.now() + timedelta(seconds=seconds))
    [change] = recorded()
    assert not change.imported


def test_what_is_new_behind_a_history_that_is_sent_again_is_live(acme: Tenant, recorded):
    old = MessageDraft(content="old", created_at=timezone.now() - LONG_AGO)
    live = MessageDraft(content="live", created_at=timezone.now())
    for drafts in ([old], [old, live]):
        append_messages(**named(acme), drafts=drafts, writer=Writer())
    assert [change.imported for change in recorded()] == [True, False]


def test_a_conversation_that_begins_long_ago_is_imported(acme: Tenant, recorded):
    drafts = [MessageDraft(content="old", created_at=timezone.now() - LONG_AGO)]
    create_conversation(workspace_id=acme.workspace.pk, writer=Writer(), drafts=drafts)
    assert [change.imported for change in recorded()] == [True, True]


def writes(acme: Tenant) -> list[tuple[str, Callable[[], object]]]:
    """(kind, what writes) of the services that write one thing."""
    message = {"workspace_id": acme.workspace.pk, "message_id": acme.reply.pk}
    both = {"workspace_id": acme.workspace.pk, "message_ids": [acme.question.pk, acme.reply.pk]}
    status = {"workspace_id": acme.workspace.pk, "conversation_ids": [acme.conversation.pk]}
    return [
        ("conversation.updated", lambda: update_conversation(**named(acme), changes={"title": SECRET})),
        ("conversation.updated", lambda: set_conversation_status(**status, status="ended")),
        ("messages.updated", lambda: update_message(**message, changes={"content": SECRET})),
        ("messages.updated", lambda: tag_messages(**both, add=[SECRET])),
        ("messages.redacted", lambda: redact_messages(**both)),
        ("messages.deleted", lambda: delete_message(**message)),
        ("messages.deleted", lambda: delete_messages(**both)),
        ("conversation.deleted", lambda: delete_conversation(**named(acme))),
        ("run.created", lambda: create_run(**named(acme), agent_id=SECRET)),
        (
            "workspace.updated",
            lambda: update_workspace(workspace_id=acme.workspace.pk, changes={"name": SECRET}),
        ),
    ]


@pytest.mark.parametrize("number", range(10))
def test_each_write_leaves_one_of_its_kind(acme: Tenant, recorded, number):
    kind, write = writes(acme)[number]
    write()
    [change] = recorded()
    assert change.kind == kind
    if kind.startswith("messages"):
        alone = change.count == 1
        ids = [acme.reply.pk] if alone else [acme.question.pk, acme.reply.pk]
        assert (change.message_ids, change.first_seq, change.last_seq) == (ids, 2 if alone else 1, 2)
    if not kind.startswith("workspace"):
        assert change.conversation_id == acme.conversation.pk


def test_a_redaction_with_the_title_tells_of_the_conversation_too(acme: Tenant, recorded):
    redact_conversation(workspace_id=acme.workspace.pk, conversation_id=acme.conversation.pk)
    assert [change.kind for change in recorded()] == ["conversation.redacted", "messages.redacted"]


def test_a_run_tells_each_of_its_states(acme: Tenant, recorded):
    for _ in range(2):
        run = create_run(**named(acme), agent_id="a")
        update_run(**named(acme), run_id=run.pk, status="running")
        update_run(**named(acme), run_id=run.pk, changes={"usage": {"total_tokens": 1}})
        update_run(**named(acme), run_id=run.pk, status="cancelled")
        update_run(**named(acme), run_id=run.pk, status="cancelled")
        assert {change.run_id for change in recorded()[-4:]} == {run.pk}
    kinds = [change.kind for change in recorded()]
    assert kinds == ["run.created", "run.started", "run.updated", "run.cancelled"] * 2


def test_a_new_workspace_tells_of_itself(db: None):
    workspace = create_workspace(name="new")
    assert [change.kind for change in Change.objects.for_workspace(workspace.pk)] == ["workspace.created"]


def test_a_deleted_workspace_takes_its_changes_away(acme: Tenant, globex: Tenant):
    delete_workspace(workspace_id=acme.workspace.pk, force=True)
    assert not Change.objects.for_workspace(acme.workspace.pk).exists()
    assert Change.objects.for_workspace(globex.workspace.pk).exists()


def test_a_write_that_is_undone_leaves_none(acme: Tenant, recorded):
    with pytest.raises(ZeroDivisionError), atomic():
        append(acme, "a")
        raise ZeroDivisionError
    assert recorded() == []


def test_a_change_names_who_caused_it(acme: Tenant, recorded):
    with acting_as(Actor(ActorKind.STAFF, "7")):
        append(acme, "a")
        append(acme, "b")
    append(acme, "c")
    assert [(change.actor_kind, change.actor_id) for change in recorded()] == [("staff", "7")] * 2 + [
        (None, None)
    ]


def test_no_change_holds_a_text(acme: Tenant, recorded):
    append(acme, SECRET, tags=[SECRET], meta_data={SECRET: SECRET}, sender_id=SECRET)
    for _, write in writes(acme)[:6]:
        write()
    assert len(recorded()) > 6
    for change in recorded():
        assert SECRET not in str(vars(change))
