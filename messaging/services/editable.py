"""Which columns a caller may change."""

from collections.abc import Collection, Iterable


def require_editable(names: Iterable[str], editable: Collection[str]) -> None:
    """Raise TypeError for a column that is not the caller's to change: a fault of the code that calls."""
    if refused := sorted(set(names) - set(editable)):
        raise TypeError(f"not editable: {', '.join(refused)}")
