"""Migrates the database of the environment and fills it: `python -m tests.bench.build MESSAGES`"""

import os
import sys
from typing import Any

import django


def build(messages: int) -> None:
    """A workspace of so many messages, and a thread whose messages have parts."""
    from django.core.management import call_command

    from messaging.models import Conversation, Message
    from messaging.services import create_workspace
    from tests.bench.dataset import Dataset
    from tests.bench.filling import fill, maintain, without_indexes

    call_command("migrate", verbosity=0)
    workspace = create_workspace(name="Bench")
    dataset = Dataset(workspace.pk, messages)
    with without_indexes(Message):
        fill(Conversation, dataset.conversations)
        fill(Message, dataset.rows())
    add_thread(workspace.pk, min(messages // 100, 2_000))
    maintain()


def add_thread(workspace_id: str, messages: int) -> None:
    """A thread that an agent wrote, in turns of a call, its result and an answer."""
    from messaging.services import Writer, append_run_message, create_conversation, create_run, update_run
    from messaging.services.transactions import atomic
    from tests.bench.dataset import AGENT_THREAD, OWNER

    writer = Writer(owner_id=OWNER)
    thread, _ = create_conversation(workspace_id=workspace_id, writer=writer, title=AGENT_THREAD)
    place: dict[str, Any] = {"workspace_id": workspace_id, "conversation_id": thread.pk}
    with atomic():
        run = create_run(**place, agent_id="helper")
        for number in range(messages):
            append_run_message(**place, run_id=run.pk, draft=_turn(number), writer=writer)
        update_run(**place, run_id=run.pk, status="completed")


def _turn(number: int) -> Any:
    from messaging.services import MessageDraft
    from tests.bench.words import text_of

    call = {"tool_name": "find_order", "tool_call_id": f"call-{number // 3}"}
    text = {"type": "text", "text": text_of(number)}
    result = {"status": "in transit", "lines": [{"sku": f"B-{line}", "count": line} for line in range(5)]}
    turns: list[tuple[str, list[dict[str, Any]]]] = [
        ("assistant", [text, {"type": "tool-call", **call, "args": {"number": number}}]),
        ("tool", [{"type": "tool-result", **call, "output": result}]),
        ("assistant", [{"type": "reasoning", "text": text_of(number + 1)}, text]),
    ]
    role, parts = turns[number % 3]
    return MessageDraft(role=role, parts=parts)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    build(int(sys.argv[1]))
