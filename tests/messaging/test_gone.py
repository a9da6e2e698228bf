"""What is redacted or deleted is gone: from every table, the files of the database, objects, exports, logs.

Every text and every JSON value of a conversation is planted with a string of its own. A new column is planted
by itself; whoever wants it to outlive a redaction says why here.
"""

import hashlib
import logging
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.db import connection, models
from django.test import Client

from messaging.models import (
    Conversation,
    Feedback,
    Memory,
    MemoryRevision,
    Message,
    Part,
    Run,
    StoredObject,
    Workspace,
)
from messaging.services import (
    AddMemory,
    apply_memory_changes,
    delete_conversation,
    delete_messages,
    redact_conversation,
    redact_messages,
)
from messaging.transfer.export import export_conversations
from tests.cast import Tenant
from tests.client import ApiClient

pytestmark = pytest.mark.django_db(transaction=True)

STAYS = {
    Conversation: {
        "external_id": "a repeated import finds the conversation by it",
        "collections": "labels of the application",
        "created_by": "the owner of the key that wrote it",
        "active_run": "an id",
    },
    Message: {
        "role": "the shape of the conversation",
        "message_type": "the same",
        "tags": "labels of the application and of staff",
        "parent_message_id": "the id of another message",
        "superseded_by": "the same",
        "agent_id": "the agent, not the person",
        "run_id": "an id",
        "item_id": "a repeated request finds the message by it",
        "checksum": "a digest, which redaction computes anew",
        "dedup_key": "a digest: a repeated import finds the message by it",
    },
    Memory: dict.fromkeys(("extractor", "extractor_version", "embedder"), "names of programs"),
    MemoryRevision: {"actor_id": "the id of a key or of staff"},
    Run: {"agent_id": "the agent, not the person", "model": "the ledger", "usage": "the ledger"},
    StoredObject: {"path": "names the file by ids"},
    Feedback: {
        "conversation_id": "an id",
        "name": "a label of the application",
        "created_by": "the owner of the key that gave it",
    },
}
"""What a redacted conversation keeps."""
OF_THE_SENDER = ("sender_id", "owner_id")
"""What a redacted message keeps besides: its conversation goes on."""
SHAPES: dict[str, Callable[[str], object]] = {
    "tool_calls": lambda text: [{"id": "c", "function": {"name": "f", "arguments": f'{{"a": "{text}"}}'}}],
    "derived_meta_data": lambda text: {
        "tool_results": [{"tool_call_id": "c", "name": "f", "is_error": False, "output": text}]
    },
}
"""Values in which a redaction keeps the ids and the names of tools."""


LENGTH = 12


def planted(model: type[models.Model], column: str) -> str:
    """The string of a column, which stands nowhere else."""
    return f"zq{hashlib.sha256(f'{model.__name__}.{column}'.encode()).hexdigest()[:8]}qz"


def plantable(model: type[models.Model]) -> Iterator["models.Field[Any, Any]"]:
    """The columns that hold what somebody wrote."""
    for field in model._meta.concrete_fields:
        is_text = isinstance(field, models.CharField | models.TextField) and not field.primary_key
        is_json = isinstance(field, models.JSONField)
        has_room = (field.max_length or LENGTH) >= LENGTH  # else it holds one of a few words
        if (is_text and has_room and not field.choices) or is_json:
            yield field


def value_for(model: type[models.Model], field: "models.Field[Any, Any]") -> object:
    text = planted(model, field.attname)
    if field.attname in SHAPES:
        return SHAPES[field.attname](text)
    if not isinstance(field, models.JSONField):
        return text
    return [text] if field.get_default() == [] else {"planted": text}


def plant(rows: models.QuerySet[Any]) -> None:
    model = rows.model
    kept = STAYS.get(model, {})
    columns = {f.attname: value_for(model, f) for f in plantable(model) if f.attname not in kept}
    rows.update(**columns)
    assert all(getattr(rows.get(), name) == value for name, value in columns.items())


def strings(*models_planted: type[models.Model], without: tuple[str, ...] = ()) -> set[str]:
    """The planted strings that must be gone."""
    return {
        planted(model, field.attname)
        for model in models_planted
        for field in plantable(model)
        if field.attname not in (*STAYS.get(model, {}), *without)
    }


@pytest.fixture
def folder(tmp_path: Path, settings: Any) -> Path:
    """The folder of the stored objects."""
    files = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": str(tmp_path)}}
    settings.STORAGES = settings.STORAGES | {"default": files}
    settings.PARLEY = {"OBJECT_THRESHOLD_BYTES": 50}
    return tmp_path


ANSWERED = "zqansweredqz"
"""In what is posted, so that kept answers and objects hold it."""


@pytest.fixture
def planted_conversation(api: ApiClient, acme: Tenant, folder: Path) -> Conversation:
    """A conversation with a message of a run that has a part and an object, and a message with a retry."""
    body = {"title": ANSWERED, "meta_data": {"a": ANSWERED}, "messages": [{"content": ANSWERED}]}
    made = api.post("/api/v1/conversations", body, idempotency_key="opened").json()
    thread = f"/v1/threads/{made['id']}"
    run = api.post(f"{thread}/runs", {"group": ANSWERED}, idempotency_key="run").json()["run_id"]
    part = {"type": "tool-call", "tool_name": "f", "tool_call_id": "c", "args": {"a": ANSWERED * 20}}
    message = {"role": "assistant", "parts": [part]}
    written = api.post(f"{thread}/runs/{run}/messages", message, idempotency_key="written").json()
    api.patch(f"{thread}/runs/{run}", {"status": "completed", "instructions": ANSWERED})
    for model in (Part, StoredObject):
        plant(model._default_manager.filter(message_id=written["id"]))
    write_on_further_routes(api, made["id"])
    given = {"value": ANSWERED, "data_type": "text", "comment": ANSWERED, "user_id": ANSWERED}
    api.post(f"/api/v1/messages/{written['id']}/feedback", given, idempotency_key="rated")
    plant(Feedback.objects.filter(message_id=written["id"]))
    remember(Message.objects.get(pk=written["id"]))
    plant(Message.objects.filter(pk=written["id"]))
    plant(Run.objects.filter(pk=run))
    plant(Conversation.objects.filter(pk=made["id"]))
    assert ANSWERED.encode() in contents(folder)
    return Conversation.objects.get(pk=made["id"])


def write_on_further_routes(api: ApiClient, conversation_id: str) -> None:
    """A message by each other route that writes some, each with an answer that is kept."""
    message = {"role": "user", "content": ANSWERED}
    item = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": ANSWERED}]}
    for path, body in (
        (f"/api/v1/conversations/{conversation_id}/transcript", {"messages": [message | {"x": ANSWERED}]}),
        (f"/api/v1/conversations/{conversation_id}/messages", message | {"meta_data": {"a": ANSWERED}}),
        (f"/v1/threads/{conversation_id}/messages", message),
        (f"/openai/v1/conversations/{conversation_id}/items", {"items": [item | {"x": ANSWERED}]}),
        (f"/openai/v1/threads/{conversation_id}/messages", message | {"metadata": {"a": ANSWERED}}),
    ):
        assert api.post(path, body, idempotency_key=path).status_code in (200, 201)


def remember(*sources: Message, text: str = ANSWERED) -> None:
    """A memory that was drawn from these messages of one sender."""
    apply_memory_changes(
        workspace_id=sources[0].workspace_id,
        user_id=sources[0].sender_id,
        changes=[AddMemory(text=text, message_ids=[row.pk for row in sources])],
        extractor="rules",
        version="1",
    )
    for model in (Memory, MemoryRevision):
        plant(model._default_manager.filter(workspace_id=sources[0].workspace_id))


DRAWN = (Memory, MemoryRevision)
EVERYTHING = strings(Conversation, *DRAWN, Feedback, Message, Part, Run, StoredObject) | {ANSWERED}


def test_every_string_is_there_at_first(planted_conversation: Conversation, tmp_path: Path):
    """The proofs below find what there is to find."""
    assert found(dump(tmp_path / "dump"), EVERYTHING) == EVERYTHING


def test_of_a_redacted_conversation_nothing_is_left(
    planted_conversation: Conversation, acme: Tenant, folder: Path, caplog: pytest.LogCaptureFixture
):
    caplog.set_level(logging.DEBUG)
    redact_conversation(workspace_id=acme.workspace.pk, conversation_id=planted_conversation.pk)
    require_gone(EVERYTHING, folder, caplog)


def test_of_a_redacted_message_nothing_is_left(
    planted_conversation: Conversation, acme: Tenant, folder: Path, caplog: pytest.LogCaptureFixture
):
    ids = list(Message.objects.in_conversation(planted_conversation.pk).values_list("pk", flat=True))
    redact_messages(workspace_id=acme.workspace.pk, message_ids=ids)
    wanted = strings(*DRAWN, Message, Part, StoredObject, without=OF_THE_SENDER)
    require_gone(wanted | strings(Feedback, without=("user_id",)), folder, caplog)


@pytest.mark.parametrize("take", [redact_messages, delete_messages])
def test_of_a_memory_without_one_of_its_sources_no_word_is_left(
    acme: Tenant, folder: Path, caplog: pytest.LogCaptureFixture, take: Callable[..., object]
):
    remember(*acme.messages)
    take(workspace_id=acme.workspace.pk, message_ids=[acme.question.pk])
    assert Memory.objects.get(workspace=acme.workspace.pk).state == "hidden"
    require_gone(strings(*DRAWN, without=("user_id", "memory_type")), folder, caplog)


def test_of_a_deleted_conversation_nothing_is_left(
    planted_conversation: Conversation, acme: Tenant, folder: Path, caplog: pytest.LogCaptureFixture
):
    caplog.set_level(logging.DEBUG)
    delete_conversation(workspace_id=acme.workspace.pk, conversation_id=planted_conversation.pk)
    require_gone(EVERYTHING, folder, caplog)
    assert planted_conversation.pk.encode() not in contents(folder)


def test_of_deleted_messages_nothing_is_left(
    planted_conversation: Conversation, acme: Tenant, folder: Path, caplog: pytest.LogCaptureFixture
):
    ids = list(Message.objects.in_conversation(planted_conversation.pk).values_list("pk", flat=True))
    delete_messages(workspace_id=acme.workspace.pk, message_ids=ids)
    require_gone(strings(*DRAWN, Feedback, Message, Part, StoredObject), folder, caplog)


def test_the_log_of_the_admin_quotes_nothing(
    admin_client: Client, planted_conversation: Conversation, acme: Tenant, folder: Path
):
    row = Message.objects.in_conversation(planted_conversation.pk).latest("seq")
    for model, pk in (("message", row.pk), ("conversation", planted_conversation.pk)):
        base = f"/admin/parley/{model}/"
        for action in ("export_as_jsonl", "redact"):
            admin_client.post(base, {"action": action, "_selected_action": [pk], "post": "yes", "index": "0"})
        admin_client.post(f"{base}{pk}/delete/", {"post": "yes"})
    assert LogEntry.objects.count() == 6
    told = str(list(LogEntry.objects.values()))
    assert not found(told.encode(), EVERYTHING)


def test_no_other_table_can_hold_what_people_say():
    """Whoever adds a table with texts decides here what a redaction does with it."""
    known = {
        "ApiKey": "of operators",
        "ChangeReader": "a position",
        "MemoryCursor": "a position",
        "MemoryDismissal": "hashes, which go with their messages",
        "Change": "ids and numbers, see tests/changes/test_record.py",
        "IdempotencyRecord": "the kept answers, planted by requests",
        "Job": "of the store",
        "Membership": "of operators",
        "RateWindow": "counts",
        "Webhook": "of operators",
        "WebhookDelivery": "the answers of endpoints that are sent no messages",
        "Workspace": "of operators",
    }
    proved = (Conversation, *DRAWN, Feedback, Message, Part, Run, StoredObject)
    planted_models = {model.__name__ for model in proved}
    texts = {model.__name__ for model in apps.get_app_config("parley").get_models() if any(plantable(model))}
    assert texts - planted_models <= known.keys()


def require_gone(wanted: set[str], folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    rows = Conversation.objects.filter(workspace__in=Workspace.objects.all())
    assert not found(dump(folder / "dump"), wanted)
    assert not found(contents(folder), wanted)
    assert not found(b"".join(export_conversations(rows)), wanted)
    assert not found(caplog.text.encode(), wanted)


def found(content: bytes, wanted: set[str]) -> set[str]:
    return {text for text in wanted if text.encode() in content}


def contents(folder: Path) -> bytes:
    """The names and the bytes of all files in a folder."""
    files = [path for path in folder.rglob("*") if path.is_file() and path.name != "dump"]
    return b"".join(str(path).encode() + path.read_bytes() for path in files)


def dump(path: Path) -> bytes:
    """All that the database holds, as a backup has it."""
    path.unlink(missing_ok=True)
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM INTO %s", [str(path)])
        return path.read_bytes()
    return dumped_by_postgresql()


def dumped_by_postgresql() -> bytes:
    program = shutil.which("pg_dump")
    if program is None:
        pytest.skip("there is no pg_dump")
    given = connection.settings_dict
    named = {
        "PGHOST": "HOST",
        "PGPORT": "PORT",
        "PGUSER": "USER",
        "PGPASSWORD": "PASSWORD",
        "PGDATABASE": "NAME",
    }
    environment = {name: str(given[key]) for name, key in named.items() if given[key]}
    answer = subprocess.run([program], env=os.environ | environment, capture_output=True, check=False)
    if b"server version" in answer.stderr:
        pytest.skip("pg_dump is older than the server")
    assert answer.returncode == 0, answer.stderr
    return answer.stdout
