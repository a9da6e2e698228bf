"""Where exports and imports meet the app that keeps more of a conversation than the store does.

`threads` registers itself when it is installed: it brings runs, parts and stored objects. Without it there
are none, and an import that holds some leaves them out.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Protocol

__all__ = ["Companion", "NoCompanion", "Prepared", "companion", "register_companion"]

Exported = dict[str, Any]
"""Keys of a record, as JSON."""


class Prepared(Protocol):
    """What is about to be stored below new messages."""

    @property
    def changes(self) -> Mapping[str, Mapping[str, Any]]:
        """Fields of MessageDraft that follow from it, by id of the message."""

    def written(self) -> AbstractContextManager[None]:
        """Within, the files are there; afterwards only if `store` was called and nothing was raised."""

    def store(self, messages: Mapping[str, Any]) -> None:
        """Insert the rows below these messages, by id, in the transaction of the caller."""


class Companion(Protocol):
    """What exports and imports ask of it."""

    def runs(
        self,
        *,
        workspace_id: str,
        conversation_ids: Sequence[str],
        run_ids: Collection[str] | None = None,
    ) -> Iterator[tuple[str, Exported]]:
        """(id of the conversation, record of a run), those of one conversation in their order; with `run_ids`
        only these."""

    def below(self, *, workspace_id: str, messages: Iterable[Mapping[str, Any]]) -> Mapping[str, Exported]:
        """What to add to the records of these messages, rows with `id`, `run_id` and `content`, by id."""

    def checked_run(self, record: Mapping[str, Any]) -> Any:
        """A run, ready for `store_runs`. Raises pydantic's ValidationError."""

    def checked_message(self, record: Mapping[str, Any]) -> Any:
        """What an exported message has below it, for `prepared`; None for nothing.

        Raises pydantic's ValidationError.
        """

    def store_runs(self, *, workspace_id: str, conversation_id: str, runs: Mapping[str, Any]) -> None:
        """Store those of these runs, by the ids that they shall have, which are not there."""

    def prepared(self, *, workspace_id: str, below: Mapping[str, Any], keeps_ids: bool) -> Prepared:
        """What `checked_message` returned, by the id of the message, ready to be stored.

        With `keeps_ids` parts and objects keep the ids that they have, where these are free.
        """


class _Nothing:
    changes: Mapping[str, Mapping[str, Any]] = {}

    def written(self) -> AbstractContextManager[None]:
        return nullcontext()

    def store(self, messages: Mapping[str, Any]) -> None:
        return None


class NoCompanion:
    """The companion of a project without the thread wire."""

    def runs(
        self,
        *,
        workspace_id: str,
        conversation_ids: Sequence[str],
        run_ids: Collection[str] | None = None,
    ) -> Iterator[tuple[str, Exported]]:
        return iter(())

    def below(self, *, workspace_id: str, messages: Iterable[Mapping[str, Any]]) -> Mapping[str, Exported]:
        return {}

    def checked_run(self, record: Mapping[str, Any]) -> Any:
        return None

    def checked_message(self, record: Mapping[str, Any]) -> Any:
        return None

    def store_runs(self, *, workspace_id: str, conversation_id: str, runs: Mapping[str, Any]) -> None:
        return None

    def prepared(self, *, workspace_id: str, below: Mapping[str, Any], keeps_ids: bool) -> Prepared:
        return _Nothing()


_registered: Companion = NoCompanion()


def register_companion(new: Companion) -> None:
    """Let this one keep what is below, from now on."""
    global _registered
    _registered = new


def companion() -> Companion:
    return _registered
