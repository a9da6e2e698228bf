"""A reader skips nothing and sees nothing twice, in whatever order writers begin, commit and fail."""

import random
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress

import pytest
from django.db import connection

from messaging.changes import Position, current_position, read_changes
from messaging.exceptions import MessageNotFound
from messaging.models import Change
from messaging.services import (
    MessageDraft,
    Writer,
    append_messages,
    create_conversation,
    delete_message,
    update_message,
)
from messaging.services.transactions import atomic, undivided
from tests.cast import Tenant
from tests.changes.test_record import append

pytestmark = pytest.mark.django_db(transaction=True)
on_postgresql = pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer")

WRITERS = 8
PATIENCE = 60


class GivenUp(Exception):
    """A writer undoes what it has written."""


class Session:
    """A thread with a connection and a transaction of its own, which does one thing after another."""

    def __init__(self) -> None:
        self.pool = ThreadPoolExecutor(1)
        self.do(self._begin)

    def do(self, what, *arguments):
        return self.pool.submit(what, *arguments).result(PATIENCE)

    def start(self, what, *arguments):
        return self.pool.submit(what, *arguments)

    def _begin(self) -> None:
        self.transaction = atomic()
        self.transaction.__enter__()

    def commit(self) -> None:
        self.do(self.transaction.__exit__, None, None, None)

    def roll_back(self) -> None:
        self.do(self.transaction.__exit__, GivenUp, GivenUp(), None)

    def close(self) -> None:
        self.do(lambda: connection.close())  # the connection of that thread
        self.pool.shutdown()


@contextmanager
def sessions(number: int) -> Iterator[list[Session]]:
    some = [Session() for _ in range(number)]
    try:
        yield some
    finally:
        for session in some:
            session.close()


def take_number() -> None:
    """Give the transaction its number, as its first write does."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_xact_id()")


def conversations(tenant: Tenant, after: str) -> list[tuple[str | None, int | None]]:
    page = read_changes(workspace_id=tenant.workspace.pk, after=after)
    return [(change.conversation_id, change.first_seq) for change in page.changes]


@on_postgresql
def test_what_commits_late_is_waited_for(acme: Tenant, globex: Tenant):
    """Whoever would not wait would set a position behind a change that is still to come."""
    start = current_position()
    with sessions(1) as [early]:
        early.do(append, acme, "first, and committed last")
        append(globex, "x")
        append_elsewhere = append_messages(
            workspace_id=acme.workspace.pk,
            conversation_id=_second_conversation(acme),
            drafts=[MessageDraft(content="second, and committed first")],
            writer=Writer(),
        )
        assert conversations(acme, start) == []
        early.commit()
    seen = conversations(acme, start)
    assert seen[0] == (acme.conversation.pk, 3)
    assert seen[-1] == (append_elsewhere[0].conversation_id, 1)


@on_postgresql
def test_what_is_rolled_back_leaves_a_gap_that_holds_nobody(acme: Tenant):
    start = current_position()
    with sessions(1) as [undone]:
        undone.do(append, acme, "never")
        undone.roll_back()
    append(acme, "a")
    assert conversations(acme, start) == [(acme.conversation.pk, 3)]


@on_postgresql
@pytest.mark.parametrize("knows_it", [False, True], ids=["in steps", "at once"])
def test_a_conversation_is_in_order_whoever_began_first(acme: Tenant, knows_it):
    """The first number goes to who writes last: a claimed key for a retry comes before the lock."""
    if knows_it:
        append(acme, "so that the conversation is known")
    start = current_position()
    with sessions(2) as [first, last]:
        last.do(take_number)
        first.do(append, acme, "first")
        waiting = last.start(append, acme, "last")
        first.commit()
        waiting.result(PATIENCE)
        last.commit()
    numbers = [number or 0 for _, number in conversations(acme, start)]
    assert numbers == sorted(numbers)
    assert len(numbers) == 2


@on_postgresql
def test_a_quiet_store_shows_its_last_change_at_once(acme: Tenant):
    """The horizon does not wait for a transaction that nobody begins."""
    start = current_position()
    for _ in range(3):
        take_number()
    append(acme, "a")
    assert conversations(acme, start) == [(acme.conversation.pk, 3)]


@on_postgresql
def test_a_reader_inside_a_transaction_that_wrote_sees_none_of_it_yet(acme: Tenant):
    start = current_position()
    with atomic():
        append(acme, "a")
        assert conversations(acme, start) == []


def _second_conversation(tenant: Tenant) -> str:
    return str(create_conversation(workspace_id=tenant.workspace.pk, writer=Writer())[0].pk)


def write(tenant: Tenant, targets: list[str], number: int, seed: int) -> None:
    """So many writes of all kinds; some are undone, some have their number before they wait for a lock."""
    chance = random.Random(seed)
    own: list[str] = []
    try:
        for step in range(number):
            with suppress(GivenUp, MessageNotFound), undivided() if step % 3 else atomic():
                if connection.vendor == "postgresql" and chance.random() < 0.5:
                    take_number()
                _write_once(tenant, chance, targets, own)
                if chance.random() < 0.1:
                    raise GivenUp
    finally:
        connection.close()


def _write_once(tenant: Tenant, chance: random.Random, targets: list[str], own: list[str]) -> None:
    with_message = {"workspace_id": tenant.workspace.pk, "message_id": own[-1] if own else ""}
    what = chance.random()
    if own and what < 0.15:
        own.pop()
        delete_message(**with_message)
    elif own and what < 0.3:
        update_message(**with_message, changes={"content": "new"})
    else:
        rows = append_messages(
            workspace_id=tenant.workspace.pk,
            conversation_id=chance.choice(targets),
            drafts=[MessageDraft(content="x")] * chance.choice([1, 1, 3]),
            writer=Writer(),
        )
        own.append(rows[0].pk)


def follow(tenant: Tenant, after: str, is_over: threading.Event) -> list[int]:
    """The ids of all changes, as a reader sees them that asks until the writers are done."""
    seen: list[int] = []
    try:
        while True:
            was_over = is_over.is_set()
            page = read_changes(workspace_id=tenant.workspace.pk, after=after, limit=7)
            seen += [change.pk for change in page.changes]
            after = page.next_position
            if was_over and not page.has_more:
                return seen
    finally:
        connection.close()


def drill(tenant: Tenant, number: int, readers: int) -> None:
    """Eight writers and some readers at once: each sees every change once, in order in each conversation."""
    targets = [tenant.conversation.pk, *[_second_conversation(tenant) for _ in range(2)]]
    start, is_over = current_position(), threading.Event()
    with ThreadPoolExecutor(WRITERS + readers) as pool:
        followers = [pool.submit(follow, tenant, start, is_over) for _ in range(readers)]
        writers = [pool.submit(write, tenant, targets, number, seed) for seed in range(WRITERS)]
        try:
            for writer in writers:
                writer.result()
        finally:
            is_over.set()
        seen = [follower.result() for follower in followers]
    stored = {
        change.pk: change
        for change in Change.objects.for_workspace(tenant.workspace.pk)
        if change.position > Position.of(start)
    }
    assert len(stored) > WRITERS * number / 2
    for ids in seen:
        assert sorted(ids) == sorted(stored)
        assert_in_order([stored[pk] for pk in ids])
    assert all(ids == seen[0] for ids in seen)


def assert_in_order(changes: list[Change]) -> None:
    """In each conversation the messages of a change follow those of the change before."""
    last: dict[str | None, int] = {}
    for change in changes:
        if change.kind == "messages.created":
            first_seq, last_seq = change.first_seq or 0, change.last_seq or 0
            assert first_seq == last.get(change.conversation_id, first_seq - 1) + 1
            last[change.conversation_id] = last_seq


def test_readers_see_each_change_once_while_others_write(acme: Tenant):
    drill(acme, number=12, readers=2)


@on_postgresql
@pytest.mark.drill
@pytest.mark.timeout(600)
def test_readers_see_each_change_once_while_others_write_much(acme: Tenant):
    drill(acme, number=500, readers=4)
