"""Importing and exporting in tests."""

import json
from collections.abc import Iterable
from typing import Any

from messaging.models import Conversation, Message
from messaging.services import Writer
from messaging.transfer.export import export_conversations
from messaging.transfer.importing import import_file, import_stream
from messaging.transfer.report import Rejection, Report
from tests.cast import Tenant


def imported(tenant: Tenant, source: Any, **how: Any) -> tuple[Report, list[Rejection]]:
    """The report of an import into a tenant's workspace, and what was rejected.

    `source` is bytes, pieces of bytes, a file, or a value that is written as JSON.
    """
    rejections: list[Rejection] = []
    if hasattr(source, "read"):
        source.seek(0)
        how = {"writer": Writer(), "on_rejection": rejections.append, **how}
        return import_file(source, workspace_id=tenant.workspace.pk, **how), rejections
    if isinstance(source, dict | list) and not all(isinstance(piece, bytes) for piece in source):
        source = json.dumps(source).encode()
    chunks: Iterable[bytes] = [source] if isinstance(source, bytes) else source
    how = {"writer": Writer(), "on_rejection": rejections.append, **how}
    report = import_stream(chunks, workspace_id=tenant.workspace.pk, **how)
    return report, rejections


def counts(report: Report) -> tuple[int, int, int, int, int]:
    """(new conversations, new messages, known conversations, known messages, rejected)."""
    return (
        report.new_conversations,
        report.new_messages,
        report.known_conversations,
        report.known_messages,
        report.rejected,
    )


def lines(*values: Any) -> bytes:
    """JSON lines."""
    return b"".join(json.dumps(value).encode() + b"\n" for value in values)


def exported(tenant: Tenant) -> bytes:
    """All of a tenant's workspace."""
    return b"".join(export_conversations(Conversation.objects.for_workspace(tenant.workspace.pk)))


def messages(conversation: Conversation) -> list[Message]:
    return list(Message.objects.filter(conversation=conversation).order_by("seq"))


def others(tenant: Tenant) -> list[Conversation]:
    """The conversations of a tenant that it did not have from the beginning, oldest first."""
    found = Conversation.objects.for_workspace(tenant.workspace.pk).exclude(pk=tenant.conversation.pk)
    return list(found.order_by("created_at", "pk"))
