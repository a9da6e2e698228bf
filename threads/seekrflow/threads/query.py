"""How the list of threads is narrowed, ordered and cut."""

from threads.seekrflow.pages import FilteredListQuery

__all__ = ["ThreadsQuery"]


class ThreadsQuery(FilteredListQuery):
    """How the list of threads is narrowed, ordered and cut."""
