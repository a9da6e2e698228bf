"""The row of a conversation, as the lock and the counters of those who add messages to it.

Every statement names existence, tenant, lock, order and counts at once.
"""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import F, Value
from django.db.models.functions import Coalesce, Greatest
from django.utils import timezone

from messaging.exceptions import ConversationNotFound
from messaging.models import Conversation, Message
from messaging.sql.statements import Statement

from .clock import credible
from .drafts import ConversationState
from .locks import require_lock
from .transactions import as_parameter, write_database

# The clock of a conversation never goes back. Its parameters are the moment, twice.
CLOCK = "CASE WHEN updated_at < %s THEN %s ELSE updated_at END"
COUNT = "last_seq = last_seq + %s, message_count = message_count + %s"
ROW = "WHERE workspace_id = %s AND id = %s"
COLUMNS = ("last_seq", "updated_at", "last_created_at", "user_id", "owner_id", "active_run")
# Numbers for messages that name no time: these are listed by the clock, or by the latest message where
# that is dated ahead of it. See `taking` for the parameters.
TAKE = f"""
UPDATE {{conversations}} SET {COUNT}, updated_at = {CLOCK}, last_created_at = CASE
  WHEN last_created_at > updated_at AND last_created_at > %s THEN last_created_at ELSE {CLOCK} END
{ROW}"""  # noqa: S608  constants
RESERVE = Statement(TAKE + " RETURNING {columns}", columns=COLUMNS, conversations=Conversation)
# An UPDATE that changes nothing takes the lock on both databases.
LOCK = Statement(
    f"UPDATE {{conversations}} SET last_seq = last_seq {ROW} RETURNING {{columns}}",  # noqa: S608
    columns=COLUMNS,
    conversations=Conversation,
)


def taking(count: int, now: datetime) -> list[object]:
    """The parameters of `TAKE` for `count` numbers; workspace and conversation follow."""
    return [count, count, *[as_parameter(now)] * 5]


def lock(workspace_id: str, conversation_id: str, *, run_id: str | None) -> ConversationState:
    """Lock the conversation for a writer, the run of this id or nobody's.

    Raises ConversationNotFound, and ConversationLocked where another run holds it.
    """
    return _state(LOCK, workspace_id, conversation_id, run_id)


def reserve(workspace_id: str, conversation_id: str, count: int, *, run_id: str | None) -> ConversationState:
    """Lock the conversation and take the next `count` numbers, for messages that name no time.

    Raises what `lock` does.
    """
    if not count:
        return lock(workspace_id, conversation_id, run_id=run_id)
    return _state(RESERVE, workspace_id, conversation_id, run_id, *taking(count, timezone.now()))


def extend(
    state: ConversationState,
    rows: Sequence[Message],
    *,
    happened: datetime | None = None,
    superseded: int = 0,
) -> ConversationState:
    """Take the next numbers of a locked conversation for these rows, whose times are known.

    They take the place of `superseded` others. `happened` is when the conversation changed by that; None, or
    a time far ahead, for now.
    """
    if not rows:
        return state
    moment, latest = credible(happened) or state.clock, max(row.created_at for row in rows)
    superseded += sum(row.superseded_by is not None for row in rows)
    conversations = Conversation.objects.for_workspace(state.workspace_id)
    conversations.filter(pk=state.conversation_id).update(
        last_seq=F("last_seq") + len(rows),
        message_count=F("message_count") + len(rows),
        **({"superseded_count": F("superseded_count") + superseded} if superseded else {}),
        updated_at=Greatest("updated_at", Value(moment)),
        last_created_at=Greatest(Coalesce("last_created_at", Value(latest)), Value(latest)),
    )
    return state._replace(last_seq=state.last_seq + len(rows))


def _state(
    statement: Statement, workspace_id: str, conversation_id: str, run_id: str | None, *values: object
) -> ConversationState:
    rows = statement.rows(write_database(), [*values, workspace_id, conversation_id])
    if not rows:
        raise ConversationNotFound
    last_seq, updated_at, last_created_at, user_id, owner_id, active_run = rows[0]
    require_lock(workspace_id, conversation_id, active_run, run_id)
    clock = max(updated_at, timezone.now()) if statement is LOCK else updated_at
    latest = max(clock, last_created_at or clock)
    return ConversationState(workspace_id, conversation_id, last_seq, clock, latest, user_id, owner_id)
