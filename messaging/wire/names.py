"""The name that a caller may have meant by one that nobody knows."""

from collections.abc import Collection, Iterable
from difflib import get_close_matches

LIKENESS = 0.75
"""How alike two spellings are that may be one name, from 0 to 1."""

# What other clients and services call the same thing.
SYNONYMS: tuple[tuple[str, ...], ...] = (
    ("skip", "offset", "start"),
    ("limit", "page_size", "per_page", "count", "top", "max_results"),
    ("search", "q", "query"),
    ("content", "text", "message", "body"),
    ("cursor", "next_cursor", "page_token"),
    ("conversation_id", "thread_id", "session_id", "chat_id"),
    ("sender_id", "user_id", "user", "author", "from"),
    ("order_by", "sort_by", "sort"),
    ("order_direction", "sort_order", "order", "direction"),
    ("created_at", "sent_at", "timestamp", "time", "date"),
    ("created_after", "since", "from"),
    ("created_before", "until", "to"),
    ("title", "name", "subject"),
    ("messages", "content"),
)


def nearest(name: str, known: Collection[str]) -> str | None:
    """The one of the known names that is most like this one; None if none is."""
    if key := _key_of_meta_data(name, known):
        return key
    plain = {_plain(each): each for each in sorted(known)}
    spelled = _plain(name)
    if spelled in plain:
        return plain[spelled]
    if same := next((each for each in _synonyms(spelled) if each in known), None):
        return same
    close = get_close_matches(spelled, plain, n=1, cutoff=LIKENESS)
    return plain[close[0]] if close else None


def _key_of_meta_data(name: str, known: Collection[str]) -> str | None:
    """`meta_data.KEY` for `metadata.KEY` and `metadata[KEY]`, where such parameters are known."""
    if any(each.startswith("meta_data.") for each in known):
        for stem, _, key in (name.partition("."), name.removesuffix("]").partition("[")):
            if key and _plain(stem) == "metadata":
                return f"meta_data.{key}"
    return None


def _synonyms(spelled: str) -> Iterable[str]:
    """Other names of the same thing, the most usual first."""
    return (each for group in SYNONYMS if spelled in {_plain(word) for word in group} for each in group)


def _plain(name: str) -> str:
    """A name without case and without what separates its words."""
    return "".join(filter(str.isalnum, name.casefold()))
