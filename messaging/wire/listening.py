"""The one relay of an event loop, which all answers that go on share, whichever wire they are of."""

import asyncio
from collections.abc import Collection
from weakref import WeakKeyDictionary

from messaging.changes import change_read
from messaging.changes.relay import Grant, Relay
from messaging.models import Change
from messaging.services import grants_that_hold
from messaging.values.choices import Permission

from .events import event

_relays: "WeakKeyDictionary[asyncio.AbstractEventLoop, Relay]" = WeakKeyDictionary()


def relay_of_loop() -> Relay:
    """The relay of the running loop. Its grants are those of keys that may read."""
    loop = asyncio.get_running_loop()
    relay = _relays.get(loop)
    if relay is None:
        relay = _relays[loop] = Relay(render=event_of, holding=_holding)
    return relay


def event_of(change: Change) -> bytes:
    """A change as an event, under its position."""
    return event(change_read(change), event_id=str(change.position))


def _holding(grants: Collection[Grant]) -> set[Grant]:
    return grants_that_hold(grants, Permission.READ)
