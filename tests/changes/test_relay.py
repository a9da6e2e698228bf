"""Listeners hear every change once, in order, and hold neither a thread nor a connection."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Collection, Coroutine
from contextlib import aclosing
from typing import Any

import pytest

from messaging.changes import Position, current_position, read_changes, relay
from messaging.changes.relay import Grant, Listener, Relay, Resync, Silence, Told
from messaging.models import Change
from messaging.services import (
    MessageDraft,
    Writer,
    begin_epoch,
    create_conversation,
    grants_that_hold,
    update_api_key,
)
from messaging.values.choices import Permission
from tests.cast import Tenant
from tests.changes.test_record import append

pytestmark = pytest.mark.django_db(transaction=True)

PATIENCE = 30


def rendered(change: Change) -> bytes:
    return f"{change.kind} {change.last_seq}".encode()


def holding(grants: Collection[Grant]) -> set[Grant]:
    return grants_that_hold(grants, Permission.READ)


def listener(tenant: Tenant, position: str, **fields: Any) -> Listener:
    return Listener(workspace_id=tenant.workspace.pk, position=Position.of(position), **fields)


async def soon(work: Callable[..., Any], *arguments: Any) -> Any:
    """What a thread with a connection of its own does."""

    def work_and_close() -> Any:
        from django.db import connection

        try:
            return work(*arguments)
        finally:
            connection.close()

    return await asyncio.to_thread(work_and_close)


async def take(heard: AsyncIterator[Any], count: int, kind: type = Told) -> list[Any]:
    """The next so many of a kind that are heard."""
    taken: list[Any] = []
    async with asyncio.timeout(PATIENCE):
        while len(taken) < count:
            one = await anext(heard)
            if isinstance(one, kind):
                taken.append(one)
    return taken


def listening(scene: Callable[[Relay], Coroutine[Any, Any, None]]) -> None:
    """Play a scene on a loop, with a relay of its own."""

    async def play() -> None:
        await scene(Relay(rendered, holding))

    asyncio.run(play())


def test_it_hears_what_was_missed_and_what_comes_each_once(acme: Tenant):
    start = current_position()
    append(acme, "missed")

    async def scene(relay: Relay) -> None:
        async with aclosing(relay.heard_by(listener(acme, start))) as heard:
            [missed] = await take(heard, 1)
            for number in range(20):
                await soon(append, acme, str(number))
            told = [missed, *await take(heard, 20)]
        numbers = [one.change.last_seq for one in told]
        assert numbers == list(range(numbers[0], numbers[0] + 21))
        assert [one.text for one in told] == [rendered(one.change) for one in told]

    listening(scene)


def test_who_joins_in_the_middle_of_writes_misses_none(acme: Tenant):
    start = current_position()

    async def scene(relay: Relay) -> None:
        async def hear() -> list[Any]:
            async with aclosing(relay.heard_by(listener(acme, start))) as heard:
                return await take(heard, 40)

        async def write() -> None:
            for number in range(40):
                await soon(append, acme, str(number))

        writing = asyncio.ensure_future(write())
        hearing = []
        for _ in range(8):
            hearing.append(asyncio.ensure_future(hear()))
            await asyncio.sleep(0.02)
        await writing
        wanted = [change.pk for change in (await soon(all_behind, acme, start))]
        for one in hearing:
            assert [told.change.pk for told in await one] == wanted

    listening(scene)


def all_behind(tenant: Tenant, start: str) -> list[Change]:
    return read_changes(workspace_id=tenant.workspace.pk, after=start, limit=1000).changes


def test_one_that_is_slow_reads_what_it_missed_from_the_store(acme: Tenant, monkeypatch: Any):
    monkeypatch.setattr(relay, "MOST_PENDING", 3)
    monkeypatch.setattr(relay, "PAGE_CHANGES", 2)
    start = current_position()

    async def scene(relay: Relay) -> None:
        slow = listener(acme, start)
        async with aclosing(relay.heard_by(slow)) as heard:
            await soon(append, acme, "first")
            [first] = await take(heard, 1)
            for number in range(10):
                await soon(append, acme, str(number))
            await until(lambda: slow.has_missed)
            assert not slow.pending
            told = await take(heard, 10)
        assert [one.change.last_seq for one in told] == [first.change.last_seq + n for n in range(1, 11)]

    listening(scene)


async def until(is_true: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not is_true():
            await asyncio.sleep(0.01)


def test_it_hears_only_what_it_asked_for(acme: Tenant, globex: Tenant):
    start = current_position()

    async def scene(relay: Relay) -> None:
        asked = listener(acme, start, kinds={"messages.created"}, conversation_id=acme.conversation.pk)
        async with aclosing(relay.heard_by(asked)) as heard:
            await take(heard, 1, Silence)  # it has joined
            await soon(append, globex, "of others")
            await soon(open_another, acme)
            await soon(append, acme, "this one")
            [told] = await take(heard, 1)
        assert told.change.conversation_id == acme.conversation.pk
        assert told.change.workspace_id == acme.workspace.pk

    listening(scene)


def open_another(tenant: Tenant) -> None:
    drafts = [MessageDraft(content="elsewhere")]
    create_conversation(workspace_id=tenant.workspace.pk, drafts=drafts, writer=Writer())


def test_in_silence_its_position_moves_with_the_store(acme: Tenant, globex: Tenant, monkeypatch: Any):
    monkeypatch.setattr(relay, "SILENT_SECONDS", 0.2)
    start = current_position()

    async def scene(relay: Relay) -> None:
        async with aclosing(relay.heard_by(listener(acme, start))) as heard:
            [first, _] = await take(heard, 2, Silence)
            await soon(append, globex, "elsewhere")
            await until_moved(heard, first.position)

    listening(scene)


async def until_moved(heard: AsyncIterator[Any], position: Position) -> None:
    async with asyncio.timeout(PATIENCE):
        while (await anext(heard)).position <= position:
            pass


def test_it_ends_when_the_key_is_revoked(acme: Tenant, monkeypatch: Any):
    monkeypatch.setattr(relay, "CHECK_SECONDS", 0.1)
    start = current_position()
    grant = (acme.api_key.pk, acme.workspace.pk)

    async def scene(relay: Relay) -> None:
        async with aclosing(relay.heard_by(listener(acme, start, grant=grant))) as heard:
            await take(heard, 1, Silence)
            await soon(revoke, acme)
            async with asyncio.timeout(PATIENCE):
                assert [one async for one in heard if isinstance(one, Told)] == []

    listening(scene)


def revoke(tenant: Tenant) -> None:
    update_api_key(
        workspace_id=tenant.workspace.pk, api_key_id=tenant.api_key.pk, changes={"status": "inactive"}
    )


def test_after_a_restore_it_is_told_to_read_anew_and_goes_on(acme: Tenant):
    start = current_position()

    async def scene(relay: Relay) -> None:
        async with aclosing(relay.heard_by(listener(acme, start))) as heard:
            await take(heard, 1, Silence)
            await soon(begin_epoch)
            await take(heard, 1, Resync)
            await soon(append, acme, "after")
            [told] = await take(heard, 1)
            assert told.text.startswith(b"messages.created")

    listening(scene)


def test_the_thread_is_there_while_anybody_listens(acme: Tenant):
    start = current_position()

    def threads() -> int:
        return sum(thread.name.startswith("changes") for thread in threading.enumerate())

    async def scene(relay: Relay) -> None:
        async with aclosing(relay.heard_by(listener(acme, start))) as one:
            await take(one, 1, Silence)
            async with aclosing(relay.heard_by(listener(acme, start))) as other:
                await take(other, 1, Silence)
                assert threads() == 1
        await until(lambda: not threads())

    listening(scene)
