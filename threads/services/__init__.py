"""Every write to threads: their messages with parts, their runs, and the objects kept outside the rows."""

from messaging.services.objects import remove_files, remove_orphans
from messaging.services.part_drafts import ThreadMessageDraft
from messaging.services.part_messages import append_message, delete_message, update_message
from messaging.services.runs import (
    append_run_message,
    cancel_run,
    create_run,
    fail_stale_runs,
    release_if_stale,
    update_run,
)

from .threads import create_thread, delete_thread

__all__ = [
    "ThreadMessageDraft",
    "append_message",
    "append_run_message",
    "cancel_run",
    "create_run",
    "create_thread",
    "delete_message",
    "delete_thread",
    "fail_stale_runs",
    "release_if_stale",
    "remove_files",
    "remove_orphans",
    "update_message",
    "update_run",
]
