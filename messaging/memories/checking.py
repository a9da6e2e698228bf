"""What of an extractor's proposals may be done: whatever it was told by a message, it goes no further."""

import logging
from collections.abc import Iterator, Sequence

from messaging.conf import memory_settings, parley_settings
from messaging.values.text import text_problem

from .extracting import Add, Drop, Known, Proposal, Turn

__all__ = ["sound"]

logger = logging.getLogger("messaging")

MOST_PROPOSALS = 100
"""Of one extraction; an extractor that wants more has lost its way."""


def sound(proposals: Sequence[Proposal], turns: Sequence[Turn], known: Sequence[Known]) -> Iterator[Proposal]:
    """The proposals that rest on turns that were given, name memories that were shown, once each, and say
    what can be stored. The others are left out, and the log says how many."""
    free = {each.id for each in known}
    left_out = max(0, len(proposals) - MOST_PROPOSALS)
    for proposal in proposals[:MOST_PROPOSALS]:
        if not _is_grounded(proposal, turns) or not _is_storable(proposal) or not _takes(proposal, free):
            left_out += 1
            continue
        yield proposal
    if left_out:
        logger.warning("%s proposals of an extractor are left out", left_out)


def _is_grounded(proposal: Proposal, turns: Sequence[Turn]) -> bool:
    """Whether it names a turn, and none that was not given. A wish to drop may rest on all of them."""
    named = proposal.turns
    return all(0 <= number < len(turns) for number in named) and (bool(named) or isinstance(proposal, Drop))


def _is_storable(proposal: Proposal) -> bool:
    if isinstance(proposal, Drop):
        return True
    text, limits = proposal.memory, parley_settings()
    topics = proposal.topics
    return (
        0 < len(text.strip()) <= len(text) <= memory_settings().max_length
        and text_problem(text) is None
        and len(topics) <= limits.max_tags
        and all(0 < len(topic) <= limits.max_tag_length and text_problem(topic) is None for topic in topics)
    )


def _takes(proposal: Proposal, free: set[str]) -> bool:
    """Whether it is new, or the first that is about a memory that was shown."""
    if isinstance(proposal, Add):
        return True
    is_free = proposal.id in free
    free.discard(proposal.id)
    return is_free
