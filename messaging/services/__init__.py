"""Every write to the store, for the wires, the admin, the commands and a host's own code alike.

Services take keyword arguments, know no request, open the transaction, and send the signals.
"""

from .appending import append_behind, append_message, append_messages
from .bulk import BulkOutcome, set_conversation_status, tag_messages
from .conversations import create_conversation, delete_conversation, update_conversation, upsert_conversation
from .deletion import delete_messages
from .drafts import MessageDraft, Writer, checksum_of
from .feedback import delete_feedback, give_feedback
from .files import remove_orphans
from .forking import fork_conversation
from .imports.conversations import import_conversations
from .imports.shapes import Imported, ImportedConversation, ImportedMessage, ImportedObject
from .keys import (
    change_further_workspaces,
    create_api_key,
    delete_api_key,
    find_api_key,
    grants_that_hold,
    update_api_key,
)
from .memories.drawn import (
    AddMemory,
    ChangeMemory,
    DropMemory,
    MemoryChange,
    MemoryOutcome,
    RedrawMemory,
    apply_memory_changes,
)
from .memories.imported import ImportedMemory, MemoryArrival, import_memories
from .memories.writing import (
    add_memory,
    delete_memories,
    delete_memories_of,
    delete_memory,
    redraw_memories,
    replace_memory,
    store_embeddings,
    update_memory,
)
from .messages import delete_message, update_message
from .old_changes import begin_epoch, remove_old_changes
from .pending import merge_pending_entries
from .rate import count_request, remove_old_windows
from .redaction import redact_conversation, redact_messages
from .retries.idempotency import Answer, answer_once, fingerprint_of, remove_old_answers
from .runs import (
    append_run_message,
    append_run_messages,
    create_conversation_with_run,
    create_run,
    fail_stale_runs,
    update_run,
)
from .token_budget import Fitting, fitting
from .token_counts import recount_tokens
from .totals import recount_messages
from .webhooks import (
    create_webhook,
    delete_webhook,
    ping_webhook,
    replay_webhook,
    rotate_webhook_secret,
    update_webhook,
)
from .workspaces import create_workspace, delete_workspace, update_workspace

__all__ = [
    "AddMemory",
    "Answer",
    "BulkOutcome",
    "ChangeMemory",
    "DropMemory",
    "Fitting",
    "Imported",
    "ImportedConversation",
    "ImportedMemory",
    "ImportedMessage",
    "ImportedObject",
    "MemoryArrival",
    "MemoryChange",
    "MemoryOutcome",
    "MessageDraft",
    "RedrawMemory",
    "Writer",
    "add_memory",
    "answer_once",
    "append_behind",
    "append_message",
    "append_messages",
    "append_run_message",
    "append_run_messages",
    "apply_memory_changes",
    "begin_epoch",
    "change_further_workspaces",
    "checksum_of",
    "count_request",
    "create_api_key",
    "create_conversation",
    "create_conversation_with_run",
    "create_run",
    "create_webhook",
    "create_workspace",
    "delete_api_key",
    "delete_conversation",
    "delete_feedback",
    "delete_memories",
    "delete_memories_of",
    "delete_memory",
    "delete_message",
    "delete_messages",
    "delete_webhook",
    "delete_workspace",
    "fail_stale_runs",
    "find_api_key",
    "fingerprint_of",
    "fitting",
    "fork_conversation",
    "give_feedback",
    "grants_that_hold",
    "import_conversations",
    "import_memories",
    "merge_pending_entries",
    "ping_webhook",
    "recount_messages",
    "recount_tokens",
    "redact_conversation",
    "redact_messages",
    "redraw_memories",
    "remove_old_answers",
    "remove_old_changes",
    "remove_old_windows",
    "remove_orphans",
    "replace_memory",
    "replay_webhook",
    "rotate_webhook_secret",
    "set_conversation_status",
    "store_embeddings",
    "tag_messages",
    "update_api_key",
    "update_conversation",
    "update_memory",
    "update_message",
    "update_run",
    "update_webhook",
    "update_workspace",
    "upsert_conversation",
]
