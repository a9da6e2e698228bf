"""Following the changes of the store: which conversations ask for memories, and which memories for care."""

from collections.abc import Iterable
from datetime import timedelta

from django.utils import timezone

from messaging.changes import ChangePage
from messaging.changes.reading import read_changes_for_memories
from messaging.exceptions import ResyncNeeded
from messaging.jobs import PLAIN, Context, loop
from messaging.models import Change, Memory
from messaging.services.memories.cursors import Wanted, reader_of, want_memories
from messaging.services.transactions import write_database
from messaging.values.choices import ChangeKind

from .embedding import embedder
from .extracting import extractor

__all__ = ["follow_changes"]

READER = "memories"
PAGE = 500
"""Changes that are read at once."""
SILENCE = timedelta(minutes=1)
"""After so long the position moves in any case, so that it does not grow too old."""


@loop("follow_changes_for_memories", pause=timedelta(milliseconds=250))
def follow_changes(context: Context = PLAIN) -> bool:
    """Enqueue what a page of changes asks for; whether there are more.

    The position moves with what it has enqueued. A reader that begins, or whose position is of no use any
    more, begins with the oldest change that is kept: what is drawn already is not drawn again.
    """
    former = reader_of(READER)
    page = _page(former.position if former else None)
    # The end of the changes moves with every write of the store: that alone is no news.
    if page.changes or former is None or timezone.now() - former.moved_at > SILENCE:
        want_memories(
            wanted=_wanted(page.changes),
            stirred=_stirred(page.changes),
            reader=READER,
            position=page.next_position,
        )
    return page.has_more


def _page(position: str | None) -> ChangePage:
    try:
        return read_changes_for_memories(after=position, limit=PAGE)
    except ResyncNeeded:
        return read_changes_for_memories(after=None, limit=PAGE)


def _wanted(changes: Iterable[Change]) -> list[Wanted]:
    """The messages that ask to have memories drawn, one entry for each run of them in a conversation."""
    if extractor() is None:
        return []
    return [
        Wanted(
            workspace_id=change.workspace_id,
            conversation_id=change.conversation_id,
            first_seq=change.first_seq,
            last_seq=change.last_seq,
        )
        for change in changes
        if change.kind == ChangeKind.MESSAGES_CREATED
        and change.conversation_id
        # A change of messages always tells of these.
        and change.first_seq is not None
        and change.last_seq is not None
    ]


def _stirred(changes: Iterable[Change]) -> list[str]:
    """The workspaces whose memories have changed so that there is something to do for them."""
    changed = {change.workspace_id for change in changes if change.kind != ChangeKind.MESSAGES_CREATED}
    return sorted(pk for pk in changed if embedder() is not None or _has_hidden(pk))


def _has_hidden(workspace_id: str) -> bool:
    return Memory.objects.using(write_database()).for_workspace(workspace_id).hidden().exists()
