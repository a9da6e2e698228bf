"""Changes as events, for as long as a client listens."""

from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing

from messaging.changes.relay import Heard, Listener, Resync, Silence, Told, missed_page
from messaging.wire.events import event, opening, silence
from messaging.wire.listening import event_of, relay_of_loop

from .outputs import ResyncDetail

PAGES_AT_ONCE = 10


async def events_for(listener: Listener) -> AsyncIterator[bytes]:
    """What the listener hears, until it may listen no longer."""
    yield opening()
    async with aclosing(relay_of_loop().heard_by(listener)) as hearing:
        async for heard in hearing:
            yield _text_of(heard)


def events_now(listener: Listener) -> Iterator[bytes]:
    """What has happened already, so many pages of it at most: the client asks again for what comes later."""
    yield opening()
    for _ in range(PAGES_AT_ONCE):
        heard, has_more = missed_page(listener, event_of)
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
