"""Keeps the leases of a worker alive while its threads work, however long their statements take."""

import logging
import threading
import time

from django.db import DatabaseError, InterfaceError, connections

from .context import Context
from .lease import Lease, Progress

logger = logging.getLogger("messaging")

BEATS = 3
"""How often a lease is prolonged within its own length."""


class Held(Context):
    """A job that this process holds. Its thread works and asks; the keeper answers."""

    def __init__(self, lease: Lease, stopping: threading.Event, seconds: int, since: float) -> None:
        """`since`: monotonic seconds before the lease was asked for."""
        self.lease, self.stopping, self.seconds = lease, stopping, seconds
        self.is_cancelled = lease.is_cancel_requested
        self.is_lost = False
        self.was_told_to_stop = False
        """Whether the function was told, so that its return is no success."""
        self.is_sound = False
        """Whether a step of a loop has succeeded under this lease."""
        self._shown = self._progress = Progress()
        self._note_renewal(since)

    def progress(self, done: int, total: int | None = None, note: str = "") -> None:
        self._progress = Progress(done, total, note)

    def should_stop(self) -> bool:
        if self.is_cancelled or self.stopping.is_set() or self.has_lapsed:
            self.was_told_to_stop = True
        return self.was_told_to_stop

    @property
    def has_lapsed(self) -> bool:
        """Whether somebody else may have the job by now, for all that this process knows."""
        return self.is_lost or time.monotonic() >= self._lapses_at

    def tend(self) -> None:
        """Renew the lease when it is time or there is progress to show; else read what became of it."""
        began, progress = time.monotonic(), self._progress
        if began < self._renews_at and progress == self._shown:
            answer = self.lease.look()
        elif (answer := self.lease.renew(self.seconds, progress, is_sound=self.is_sound)) is not None:
            self._shown = progress
            self._note_renewal(began)
        self.is_lost, self.is_cancelled = answer is None, bool(answer)

    def _note_renewal(self, began: float) -> None:
        self._renews_at, self._lapses_at = began + self.seconds / BEATS, began + self.seconds


class Keeper:
    """The jobs that a worker holds."""

    def __init__(self) -> None:
        self._held: set[Held] = set()
        self._has_failed = False

    def take(self, held: Held) -> None:
        """Tend this job from now on."""
        self._held.add(held)

    def drop(self, held: Held) -> None:
        """Tend it no longer."""
        self._held.discard(held)

    def tend(self) -> None:
        """Tend all of them. While the database is away, a line in the log says so, and leases lapse."""
        try:
            for held in tuple(self._held):
                held.tend()
            self._has_failed = False
        except (DatabaseError, InterfaceError) as error:
            connections.close_all()
            if not self._has_failed:
                logger.warning("the leases of jobs cannot be prolonged: %s", error)
            self._has_failed = True
