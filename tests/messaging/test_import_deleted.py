"""A conversation that is deleted while it is imported costs itself at most; the rest is stored."""

from collections.abc import Sequence

import pytest

from messaging.models import Conversation
from messaging.services import Writer, delete_conversation
from messaging.services.imports import ids as import_ids
from messaging.transfer import importing
from messaging.transfer.importing import import_stream
from messaging.transfer.report import Rejection, Report
from tests.cast import Tenant
from tests.transfer import counts, imported, lines, messages, others

HEADER = {"type": "export", "format": "parley", "version": 1}


def export_of(*names: str, count: int = 1) -> bytes:
    """An export of these conversations with so many messages each."""
    rows: list[dict[str, object]] = [HEADER]
    for name in names:
        rows.append({"type": "conversation", "id": name, "title": name})
        rows += [
            {
                "type": "message",
                "id": f"{name}{number}",
                "conversation_id": name,
                "role": "user",
                "content": "x",
            }
            for number in range(count)
        ]
    return lines(*rows, {"type": "end"})


def test_one_that_is_gone_before_it_is_locked_is_opened_anew(acme: Tenant, monkeypatch: pytest.MonkeyPatch):
    look_up, asked = import_ids.workspaces_of, []

    def just_before_it_is_deleted(ids: Sequence[str]) -> dict[str, str]:
        asked.extend([ids] if ids else [])
        is_second = bool(ids) and len(asked) == 2
        return dict.fromkeys(ids, str(acme.workspace.pk)) if is_second else look_up(ids)

    monkeypatch.setattr(import_ids, "workspaces_of", just_before_it_is_deleted)
    report, rejections = imported(acme, export_of("a", "b", "c"))
    assert (counts(report), rejections) == ((3, 3, 0, 0, 0), [])
    assert [row.title for row in others(acme)] == ["a", "b", "c"]


def test_the_rest_of_a_long_one_that_was_deleted_is_refused_with_the_reason(
    acme: Tenant, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(importing, "BATCH_MESSAGES", 2)
    rejections: list[Rejection] = []

    def delete_it(report: Report) -> None:
        for row in Conversation.objects.filter(title="long"):
            delete_conversation(workspace_id=acme.workspace.pk, conversation_id=row.pk)

    report = import_stream(
        [export_of("long", count=5), export_of("short")],
        workspace_id=acme.workspace.pk,
        writer=Writer(),
        on_rejection=rejections.append,
        on_progress=delete_it,
    )
    assert {rejection.reason for rejection in rejections} == {
        "The conversation was deleted while it was imported"
    }
    assert (report.new_messages, len(rejections)) == (3, 3)
    [short] = others(acme)
    assert (short.title, len(messages(short))) == ("short", 1)
