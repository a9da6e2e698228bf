"""The commands that import and export: where they read and write, what they say, how they end."""

import gzip
import io
import json
from io import StringIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from messaging.services import MessageDraft, Writer, create_conversation
from tests.cast import Tenant
from tests.transfer import others

GOOD = '{"messages": [{"role": "user", "content": "good"}]}\n'


def run_import(source: Any, tenant: Tenant, **options: Any) -> tuple[str, str]:
    out, err = StringIO(), StringIO()
    call_command(
        "import_conversations", source, workspace=tenant.workspace.slug, stdout=out, stderr=err, **options
    )
    return out.getvalue(), err.getvalue()


def run_export(*arguments: str) -> list[dict[str, Any]]:
    out = StringIO()
    call_command("export_conversations", *arguments, stdout=out, stderr=StringIO())
    return [json.loads(line) for line in out.getvalue().splitlines()]


def kinds(records: list[dict[str, Any]]) -> list[str]:
    return [record["type"] for record in records]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "file.jsonl"


def test_an_import_says_what_it_did(acme: Tenant, file: Path):
    file.write_text(GOOD)
    out, _ = run_import(file, acme)
    assert out.startswith("Imported 1 messages in 1 new conversations, 0 messages in 0 known ones")
    assert "Would import 1 messages" in run_import(file, acme, dry_run=True)[0]


def test_rejected_records_are_named_and_end_it_with_status_1(acme: Tenant, file: Path):
    file.write_text(GOOD + "{\n")
    err = StringIO()
    with pytest.raises(CommandError, match="1 records rejected") as error:
        call_command(
            "import_conversations", file, workspace=acme.workspace.slug, stderr=err, stdout=StringIO()
        )
    assert error.value.returncode == 1
    assert err.getvalue().startswith("Record 2, line 2: Not JSON")
    assert len(others(acme)) == 1


@pytest.mark.parametrize("text", ["", "nothing of the kind", '{"a": 1}'])
def test_what_cannot_be_read_ends_it_with_status_2(acme: Tenant, file: Path, text: str):
    file.write_text(text)
    with pytest.raises(CommandError) as error:
        run_import(file, acme)
    assert error.value.returncode == 2


def test_a_file_that_is_not_there_and_an_unknown_workspace_end_it_with_status_2(acme: Tenant, file: Path):
    with pytest.raises(CommandError, match="Cannot read") as error:
        run_import(file, acme)
    assert error.value.returncode == 2
    with pytest.raises(CommandError, match="no workspace nowhere.*issue_key --workspace nowhere") as error:
        call_command("import_conversations", file, workspace="nowhere")
    assert error.value.returncode == 2


def test_standard_input_is_read(acme: Tenant, monkeypatch: Any):
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(GOOD.encode())))
    assert "Imported 1 messages" in run_import("-", acme)[0]


def test_the_user_can_be_named(acme: Tenant, file: Path):
    file.write_text(GOOD)
    run_import(file, acme, user="ada")
    assert others(acme)[0].user_id == "ada"


def test_an_export_holds_all_workspaces_or_one(acme: Tenant, globex: Tenant):
    assert kinds(run_export()) == ["export", *["conversation", "message", "message"] * 2, "end"]
    records = run_export("--workspace", "acme")
    assert kinds(records) == ["export", "conversation", "message", "message", "end"]
    assert records[1]["workspace"] == "acme"
    assert records[-1] == {"type": "end", "conversations": 1, "runs": 0, "messages": 2, "memories": 0}
    assert "globex" not in json.dumps(records)


def test_an_export_of_named_conversations(acme: Tenant, globex: Tenant):
    records = run_export("--conversation", acme.conversation.pk)
    assert [record["id"] for record in records[1:-1]] == [
        acme.conversation.pk,
        acme.question.pk,
        acme.reply.pk,
    ]
    with pytest.raises(CommandError, match="Not found: conv_1"):
        run_export("--conversation", "conv_1")
    with pytest.raises(CommandError, match="Not found"):
        run_export("--workspace", "acme", "--conversation", globex.conversation.pk)


def test_an_export_of_a_time(acme: Tenant, globex: Tenant):
    assert kinds(run_export("--since", "2999-01-01")) == ["export", "end"]
    assert kinds(run_export("--until", "2000-01-01T00:00:00Z")) == ["export", "end"]
    assert len(run_export("--since", "2000-01-01", "--until", "2999-01-01")) == 8
    with pytest.raises(CommandError, match="is no time"):
        run_export("--since", "yesterday")


def test_an_export_to_a_file_is_there_whole_or_not_at_all(acme: Tenant, tmp_path: Path, monkeypatch: Any):
    call_command("export_conversations", output=str(tmp_path / "a.jsonl.gz"), workspace="acme")
    assert gzip.decompress((tmp_path / "a.jsonl.gz").read_bytes()).endswith(b'"memories":0}\n')

    def broken(rows: Any, **how: Any) -> Any:
        yield b"{}\n"
        raise OSError("the disk is full")

    module = "messaging.management.commands.export_conversations.export_conversations"
    monkeypatch.setattr(module, broken)
    with pytest.raises(CommandError, match="the disk is full") as error:
        call_command("export_conversations", output=str(tmp_path / "b.jsonl"))
    assert error.value.returncode == 2
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.jsonl.gz"]


def test_long_and_short_conversations_keep_their_order(acme: Tenant, monkeypatch: Any):
    monkeypatch.setattr("messaging.transfer.export.PAGE", 5)
    for size in (0, 1, 12, 2, 3, 5, 6):
        create_conversation(
            workspace_id=acme.workspace.pk,
            writer=Writer(),
            title=str(size),
            drafts=[MessageDraft(content=str(number)) for number in range(size)],
        )
    found: dict[str, list[str]] = {}
    for record in run_export("--workspace", "acme")[1:-1]:
        if record["type"] == "conversation":
            current = found.setdefault(record["title"], [])
        else:
            current.append(record["content"])
    del found["acme opening hours"]
    assert found == {str(size): [str(number) for number in range(size)] for size in (0, 1, 12, 2, 3, 5, 6)}
