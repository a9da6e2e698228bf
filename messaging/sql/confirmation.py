"""Whether a commit has reached the standby that it must wait for.

PostgreSQL ends that wait when somebody cancels it. It then answers with success and a mere warning, although
the commit is lost with its server.
"""

from typing import TYPE_CHECKING, Any

from django.db import OperationalError, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from django.dispatch import receiver

if TYPE_CHECKING:
    from psycopg.errors import Diagnostic

__all__ = ["CommitUnconfirmed", "require_confirmed"]

WAIT = "SyncRepWaitForLSN"
"""The function of PostgreSQL that warns; its text depends on the language of the server."""
NOTED = "_parley_unconfirmed"


class CommitUnconfirmed(OperationalError):
    """What was committed may be stored or not: the answer was lost, or another server may take over."""


@receiver(connection_created, dispatch_uid="parley.confirmation")
def _listen(*, connection: BaseDatabaseWrapper, **kwargs: object) -> None:
    """Note the warning on the connection, since what a handler of the driver raises is lost."""
    driver: Any = connection.connection
    if connection.vendor != "postgresql" or not hasattr(driver, "add_notice_handler"):
        return

    def note(diagnostic: "Diagnostic") -> None:
        if diagnostic.source_function == WAIT:
            setattr(connection, NOTED, True)

    driver.add_notice_handler(note)


def require_confirmed(using: str) -> None:
    """Raises CommitUnconfirmed where the wait of the last commit was cancelled."""
    connection = connections[using]
    if getattr(connection, NOTED, False):
        setattr(connection, NOTED, False)
        raise CommitUnconfirmed("The standby has not confirmed the commit")
