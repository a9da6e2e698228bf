"""Kinds of changes as clients name them: each by itself, or all of a group."""

from messaging.values.choices import ChangeKind

__all__ = ["kinds_named"]

ALL = "*"


def kinds_named(text: str) -> list[str]:
    """The kinds in a list with commas, such as `messages.created,run.*`. Raises ValueError for others."""
    named = [piece.strip() for piece in text.split(",") if piece.strip()]
    kinds = {kind for name in named for kind in _kinds(name)}
    return sorted(kinds)


def _kinds(name: str) -> list[str]:
    group = name.removesuffix(ALL) if name.endswith(f".{ALL}") else None
    kinds = [kind for kind in ChangeKind.values if kind == name or (group and kind.startswith(group))]
    if not kinds:
        raise ValueError(f"{name!r} is no type of a change; there are {', '.join(ChangeKind.values)}")
    return kinds
