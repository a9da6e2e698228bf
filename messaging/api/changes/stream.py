"""Changes as events, for as long as a client listens."""

import asyncio
from collections.abc import AsyncIterator, Collection, Iterator
from contextlib import aclosing
from weakref import WeakKeyDictionary

from messaging.changes import change_read
from messaging.changes.relay import Grant, Heard, Listener, Relay, Resync, Silence, Told, missed_page
from messaging.models import Change
from messaging.services import grants_that_hold
from messaging.values.choices import Permission
from messaging.wire.events import event, opening, silence

from .outputs import ResyncDetail

PAGES_AT_ONCE = 10

_relays: "WeakKeyDictionary[asyncio.AbstractEventLoop, Relay]" = WeakKeyDictionary()


async def events_for(listener: Listener) -> AsyncIterator[bytes]:
    """What the listener hears, until it may listen no longer."""
    loop = asyncio.get_running_loop()
    relay = _relays.get(loop)
    if relay is None:
        relay = _relays[loop] = Relay(render=_event_of, holding=_holding)
    yield opening()
    async with aclosing(relay.heard_by(listener)) as hearing:
        async for heard in hearing:
            yield _text_of(heard)


def events_now(listener: Listener) -> Iterator[bytes]:
    """What has happened already, so many pages of it at most: the client asks again for what comes later."""
    yield opening()
    for _ in range(PAGES_AT_ONCE):
        heard, has_more = missed_page(listener, _event_of)
        for one in heard:
            listener.position = one.position
            yield _text_of(one)
        if not has_more:
            break


def _text_of(heard: Heard) -> bytes:
    position = str(heard.position)
    match heard:
        case Told():
            return heard.text
        case Resync():
            return event(ResyncDetail.of(heard.why), event_id=position, name="resync")
        case Silence():
            return silence(position)


def _event_of(change: Change) -> bytes:
    return event(change_read(change), event_id=str(change.position))


def _holding(grants: Collection[Grant]) -> set[Grant]:
    return grants_that_hold(grants, Permission.READ)
