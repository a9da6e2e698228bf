"""What a job and whoever runs it tell each other."""


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


PLAIN = Context()
