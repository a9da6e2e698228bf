"""How the runs of a thread are ordered and cut."""

from threads.seekrflow.pages import ListQuery

__all__ = ["RunsQuery"]


class RunsQuery(ListQuery):
    """How the runs of a thread are ordered and cut."""
