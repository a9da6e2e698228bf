"""The storage of large values, as whoever uses it meets its failures."""

from collections.abc import Iterator
from contextlib import contextmanager

from messaging.exceptions import StorageUnavailable
from messaging.waits import Gate

_gate = Gate()


@contextmanager
def storage_errors() -> Iterator[None]:
    """Within, whatever a storage raises is StorageUnavailable; a file that is gone is FileNotFoundError.

    A storage that is too slow is not asked by everybody: threads that wait for it serve nobody else.
    """
    try:
        with _gate.passed(answers=(FileNotFoundError,)):
            yield
    except FileNotFoundError:
        raise
    except Exception as error:  # full, read-only, away, too slow: each storage has errors of its own
        raise StorageUnavailable from error
