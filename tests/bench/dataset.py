"""What the bench measures on: a workspace of N messages as a year of use would have left it.

A tenth of the messages are in one large conversation, the others in N/100 conversations of about 90. They are
in the order of their arrival, as the conversations of a day interleave. The rows are made by the functions
that the services make theirs with, so they are what the services would have written.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property

from messaging.models import Conversation, Message
from messaging.services import MessageDraft, Writer
from messaging.services.drafts import ConversationState, rows_for

from .words import COMMON, RARE, TAG, text_of

__all__ = ["AGENT_THREAD", "CASES", "LARGE", "OWNER", "RARE_HITS", "Dataset"]

LARGE = "Large"
"""Title of the large conversation."""
AGENT_THREAD = "Agent"
"""Title of the thread whose messages have parts."""
CASES = 103
"""So many values has `meta_data.case`: each is on about 1 % of the messages."""
RARE_HITS = 10
"""Messages with the rare term, in the large conversation and once more outside it."""

# Primes about 100, so that the term, the tag and the case fall into every conversation and rarely coincide.
COMMON_EVERY, TAG_EVERY = 101, 97
LARGE_EVERY = 10
OPEN_AT_ONCE, LENGTH = 20, 90
START, YEAR = datetime(2025, 1, 1, tzinfo=UTC), timedelta(days=365)
OWNER = "bench"
WRITER = Writer(owner_id=OWNER)


@dataclass(frozen=True)
class Dataset:
    workspace_id: str
    messages: int
    """How many there are in all; a multiple of 1,000."""

    @cached_property
    def conversations(self) -> list[Conversation]:
        """The large one first; their counters and times are those after the last message."""
        rows = [self._conversation(number) for number in range(self.messages // 100 + 1)]
        for number in range(self.messages):
            row, now = rows[self._conversation_of(number)], self._time_of(number)
            row.last_seq = row.message_count = row.last_seq + 1
            row.created_at, row.updated_at = now if row.last_seq == 1 else row.created_at, now
            row.last_created_at = now
        return [row for row in rows if row.message_count]

    def rows(self) -> Iterator[Message]:
        """The messages in the order of their arrival."""
        counts = [0] * len(self.conversations)
        for number in range(self.messages):
            place = self._conversation_of(number)
            counts[place] += 1
            yield self._row(number, self.conversations[place], counts[place])

    def draft(self, number: int) -> MessageDraft:
        """The message that arrives as this one, from 0, as its author gave it."""
        is_answer = number // LARGE_EVERY % 2
        tags = [f"topic-{number % 23}"] if number % 3 == 0 else []
        return MessageDraft(
            content=text_of(number, self._term(number)),
            role="assistant" if is_answer else "user",
            sender_id="helper" if is_answer else None,
            tags=[*tags, TAG] if number % TAG_EVERY == 0 else tags or None,
            meta_data={"case": number % CASES, "channel": ("web", "email", "phone")[number % 7 % 3]},
        )

    def _conversation(self, number: int) -> Conversation:
        user_id = f"user-{number % 5_000}"
        return Conversation(
            workspace_id=self.workspace_id,
            title=text_of(number)[:40] if number else LARGE,
            user_id=user_id,
            owner_id=user_id,
            created_by=OWNER,
        )

    def _conversation_of(self, number: int) -> int:
        """Every tenth message is for the large one; of the others some are open at once, and take turns."""
        if number % LARGE_EVERY == 0:
            return 0
        among_others = number - number // LARGE_EVERY - 1
        group, place = divmod(among_others, OPEN_AT_ONCE * LENGTH)
        return min(1 + group * OPEN_AT_ONCE + place % OPEN_AT_ONCE, self.messages // 100)

    def _time_of(self, number: int) -> datetime:
        return START + YEAR * (number / self.messages)  # the whole year times ten million is no timedelta

    def _term(self, number: int) -> str:
        among, place = divmod(number, self.messages // RARE_HITS)
        if place in (0, 1):  # the first is in the large conversation, the second is not
            return RARE
        return COMMON if number % COMMON_EVERY == 0 else ""

    def _row(self, number: int, conversation: Conversation, seq: int) -> Message:
        state = ConversationState(
            self.workspace_id,
            conversation.pk,
            seq,
            self._time_of(number),
            self._time_of(number),
            conversation.user_id,
            conversation.owner_id,
        )
        [row] = rows_for(state, [self.draft(number)], WRITER)
        row.seq = seq
        return row
