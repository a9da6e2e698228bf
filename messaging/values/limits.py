"""How much one call may carry: each tag and each key is an entry of an index, and each part a row."""

from collections.abc import Callable, Collection, Mapping
from typing import Any

from messaging.conf import parley_settings

Problem = str | None


def tag_problem(tag: object) -> Problem:
    """Why this is no tag; None for one that is. What is no text has no entry."""
    limit = parley_settings().max_tag_length
    if isinstance(tag, str) and len(tag) > limit:
        return f"A tag has at most {limit} characters, not {len(tag)}"
    return None


def tags_problem(tags: Collection[object]) -> Problem:
    """Why these cannot be the tags of a message, or the collections of a conversation."""
    limit = parley_settings().max_tags
    if len(tags) > limit:
        return f"At most {limit} tags or collections, not {len(tags)}"
    return next(filter(None, map(tag_problem, tags)), None)


def meta_data_problem(meta_data: Mapping[str, Any]) -> Problem:
    """Why this cannot be the meta data of a message or a conversation: of its top, whose keys are indexed."""
    settings = parley_settings()
    if len(meta_data) > settings.max_meta_data_keys:
        return f"At most {settings.max_meta_data_keys} keys at the top of meta data, not {len(meta_data)}"
    longest = max(map(len, meta_data), default=0)
    if longest > settings.max_key_length:
        return f"A key of meta data has at most {settings.max_key_length} characters, not {longest}"
    return None


def parts_problem(count: int) -> Problem:
    """Why one call cannot carry so many parts of contents."""
    limit = parley_settings().max_parts
    return (
        f"A call takes at most {limit:,} parts in all its messages, not {count:,}" if count > limit else None
    )


LIMITED: Mapping[str, Callable[[Any], Problem]] = {
    "tags": tags_problem,
    "collections": tags_problem,
    "meta_data": meta_data_problem,
}
"""By the name of the column."""
