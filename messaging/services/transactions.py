"""The two things every write shares: on which database it runs, and how its signal leaves."""

import logging
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import connections, router, transaction
from django.dispatch import Signal

from messaging.models import Message

logger = logging.getLogger("messaging")


def write_database() -> str:
    """Alias of the database that takes writes. All tables of the store live in one."""
    return router.db_for_write(Message)


def atomic() -> transaction.Atomic:
    return transaction.atomic(using=write_database())


def as_parameter(moment: datetime) -> Any:
    """A moment as a value of SQL that is written by hand."""
    return connections[write_database()].ops.adapt_datetimefield_value(moment)


def send_after_commit(signal: Signal, sender: type, **details: Any) -> None:
    """Tell the receivers once the write is certain; one that fails is logged and hurts nobody else."""
    transaction.on_commit(_sending(signal, sender, details), using=write_database())


def _sending(signal: Signal, sender: type, details: dict[str, Any]) -> Callable[[], None]:
    def send() -> None:
        for receiver, outcome in signal.send_robust(sender, **details):
            if isinstance(outcome, Exception):
                logger.error("receiver %r failed", receiver, exc_info=outcome)

    return send
