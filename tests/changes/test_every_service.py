"""No service changes what readers can see and records nothing: each is called here, or says why not."""

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

import messaging.services
from messaging.models import (
    Change,
    Conversation,
    Feedback,
    Memory,
    Message,
    Part,
    Run,
    StoredObject,
    Workspace,
)
from messaging.services import (
    AddMemory,
    ImportedConversation,
    ImportedMemory,
    ImportedMessage,
    MessageDraft,
    Writer,
    add_memory,
    append_behind,
    append_message,
    append_messages,
    append_run_message,
    append_run_messages,
    apply_memory_changes,
    create_conversation,
    create_conversation_with_run,
    create_run,
    create_workspace,
    delete_conversation,
    delete_feedback,
    delete_memories,
    delete_memories_of,
    delete_memory,
    delete_message,
    delete_messages,
    fail_stale_runs,
    fork_conversation,
    give_feedback,
    import_conversations,
    import_memories,
    redact_conversation,
    redact_messages,
    redraw_memories,
    replace_memory,
    set_conversation_status,
    tag_messages,
    update_conversation,
    update_memory,
    update_message,
    update_run,
    update_workspace,
    upsert_conversation,
)
from tests.cast import Tenant

pytestmark = pytest.mark.django_db

RECORDLESS = {
    "delete_workspace": "takes its changes with it",
    "recount_messages": "repairs counters that no change tells of",
    "recount_tokens": "measures what is there by another counter",
    "answer_once": "keeps an answer; what it performs records",
    **dict.fromkeys(
        ("create_api_key", "update_api_key", "delete_api_key", "change_further_workspaces", "find_api_key"),
        "keys are no content",
    ),
    **dict.fromkeys(
        ("remove_old_answers", "remove_old_windows", "remove_orphans", "remove_old_changes", "begin_epoch"),
        "removes what has served its time",
    ),
    "count_request": "a counter of requests",
    "merge_pending_entries": "upkeep of an index",
    "store_embeddings": "derived from what a memory says",
    **dict.fromkeys(
        ("create_webhook", "update_webhook", "delete_webhook", "ping_webhook", "replay_webhook")
        + ("rotate_webhook_secret",),
        "settings of who reads changes",
    ),
    **dict.fromkeys(("checksum_of", "fingerprint_of", "fitting", "grants_that_hold"), "writes nothing"),
}
SEEN = (Workspace, Conversation, Feedback, Memory, Message, Part, Run, StoredObject)
Write = Callable[[], object]


def services() -> set[str]:
    """The functions among the public names."""
    names = messaging.services.__all__
    return {name for name in names if name.islower()}


def writes(acme: Tenant) -> dict[str, Write]:
    """A call of each service, which changes a row."""
    workspace = {"workspace_id": acme.workspace.pk}
    within: Any = workspace | {"conversation_id": acme.conversation.pk}
    message: Any = workspace | {"message_id": acme.reply.pk}
    both: Any = workspace | {"message_ids": [row.pk for row in acme.messages]}
    draft = MessageDraft(content="x")

    def remembered(text: str = "x") -> str:
        apply_memory_changes(
            **workspace,
            user_id=acme.question.sender_id,
            changes=[AddMemory(text=text, message_ids=[acme.question.pk])],
            extractor="rules",
            version="1",
        )
        return str(Memory.objects.for_workspace(acme.workspace.pk).latest("pk").pk)

    memory: Any = workspace | {"memory_id": remembered()}
    rated, _ = give_feedback(**message, value=False)
    memories: Any = workspace | {"memory_ids": [memory["memory_id"]]}

    def run() -> Any:
        return within | {"run_id": create_run(**within, agent_id="a").pk}

    def stale() -> None:
        run()
        Run.objects.for_workspace(acme.workspace.pk).update(expires_at=acme.reply.created_at)
        Change.objects.for_workspace(acme.workspace.pk).delete_rows()
        fail_stale_runs()

    return {
        "add_memory": lambda: add_memory(**workspace, user_id="u", memory="new"),
        "apply_memory_changes": lambda: remembered("new"),
        "append_behind": lambda: append_behind(**within, last_seq=2, drafts=[draft], writer=Writer()),
        "append_message": lambda: append_message(**within, draft=draft, writer=Writer()),
        "append_messages": lambda: append_messages(**within, drafts=[draft], writer=Writer()),
        "append_run_message": lambda: append_run_message(**run(), draft=draft, writer=Writer()),
        "append_run_messages": lambda: append_run_messages(
            **run(), drafts=lambda _: [draft], writer=Writer()
        ),
        "create_conversation": lambda: create_conversation(**workspace, writer=Writer()),
        "create_conversation_with_run": lambda: create_conversation_with_run(
            **workspace, writer=Writer(), run={"agent_id": "a"}
        ),
        "create_run": run,
        "create_workspace": lambda: create_workspace(name="new"),
        "delete_conversation": lambda: delete_conversation(**within),
        "delete_feedback": lambda: delete_feedback(**workspace, feedback_id=rated.pk),
        "give_feedback": lambda: give_feedback(**message, value=True),
        "delete_memories": lambda: delete_memories(**memories),
        "delete_memories_of": lambda: delete_memories_of(**workspace, user_id=acme.question.sender_id),
        "delete_memory": lambda: delete_memory(**memory),
        "delete_message": lambda: delete_message(**message),
        "delete_messages": lambda: delete_messages(**both),
        "fail_stale_runs": stale,
        "fork_conversation": lambda: fork_conversation(**within, until=acme.reply.pk, writer=Writer()),
        "import_memories": lambda: import_memories(**workspace, memories=[exported()]),
        "import_conversations": lambda: import_conversations(
            **workspace, conversations=[imported()], writer=Writer()
        ),
        "redact_conversation": lambda: redact_conversation(**within),
        "redact_messages": lambda: redact_messages(**both),
        "redraw_memories": lambda: redraw_memories(**memories),
        "replace_memory": lambda: replace_memory(**memory, memory="new"),
        "set_conversation_status": lambda: set_conversation_status(
            **workspace, conversation_ids=[acme.conversation.pk], status="ended"
        ),
        "tag_messages": lambda: tag_messages(**both, add=["new"]),
        "update_conversation": lambda: update_conversation(**within, changes={"title": "new"}),
        "update_memory": lambda: update_memory(**memory, changes={"memory": "new"}),
        "update_message": lambda: update_message(**message, changes={"content": "new"}),
        "update_run": lambda: update_run(**run(), status="completed"),
        "update_workspace": lambda: update_workspace(**workspace, changes={"name": "new"}),
        "upsert_conversation": lambda: upsert_conversation(
            **workspace, external_id="own", writer=Writer(), values={"title": "new"}
        ),
    }


def exported() -> ImportedMemory:
    now = timezone.now()
    columns = {"user_id": "u", "memory": "new", "created_at": now, "updated_at": now}
    return ImportedMemory(id="mem_imported", keeps_id=False, columns=columns)


def imported() -> ImportedConversation:
    return ImportedConversation(
        candidates=["conv_imported"],
        messages=[ImportedMessage(name="one", draft=MessageDraft(content="x"))],
    )


def test_every_service_is_called_here_or_says_why_not(acme: Tenant):
    assert services() == set(writes(acme)) | set(RECORDLESS)


def shown(model: Any) -> list[dict[str, Any]]:
    return list(model.objects.order_by("pk").values())


@pytest.mark.parametrize("name", sorted(services() - set(RECORDLESS)))
def test_what_changes_rows_leaves_a_change(acme: Tenant, name: str):
    write = writes(acme)[name]
    before, last = [shown(model) for model in SEEN], Change.objects.latest("pk").pk
    write()
    assert [shown(model) for model in SEEN] != before
    assert Change.objects.filter(pk__gt=last).exists()
