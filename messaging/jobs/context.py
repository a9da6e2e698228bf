"""What a job and whoever runs it tell each other."""

import threading


class Context:
    """Tells nobody and never stops: what a job has that is called as a plain function."""

    def progress(self, done: int, total: int | None = None, note: str = "") -> None:
        """Show how far the job is: `done` of `total` (None: unknown), and at most a word of what it does."""

    def should_stop(self) -> bool:
        """Whether to return now: the job was cancelled, the worker stops, or the lease is lost.

        What was done so far counts as interrupted, and after a cancellation as all there will be. A job asks
        between two steps of at most some seconds.
        """
        return False


class UntilStopped(Context):
    """Stops with the worker: what a step has that runs under no lease of its worker's."""

    def __init__(self, stopping: threading.Event) -> None:
        self.stopping = stopping

    def should_stop(self) -> bool:
        return self.stopping.is_set()


PLAIN = Context()
