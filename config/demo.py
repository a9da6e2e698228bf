"""What a first start shows: four weeks of a bookshop's customers, and an agent at work. See `demo.json`."""

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.utils import timezone

from messaging.services import (
    ImportedConversation,
    ImportedMessage,
    MessageDraft,
    Writer,
    append_run_message,
    create_conversation,
    create_run,
    import_conversations,
    update_run,
)
from messaging.values.ids import new_id

DAYS = 28
AUTHOR = Writer(owner_id="demo")
SHOP = "bookshop"
# Between two messages of an exchange.
PAUSE = timedelta(seconds=45)


def fill(workspace_id: str) -> None:
    """Write the demo into an empty workspace, its latest messages now."""
    texts = json.loads(Path(__file__).with_name("demo.json").read_text(encoding="utf-8"))
    exchanges, customers = texts["exchanges"], texts["customers"]
    history = [
        _exchange(exchanges[number % len(exchanges)], customers[number * 3 % len(customers)], opened)
        for number, opened in enumerate(_openings(timezone.now()))
    ]
    import_conversations(workspace_id=workspace_id, conversations=history, writer=AUTHOR, keeps_ids=False)
    for conversation in texts["conversations"]:
        drafts = [MessageDraft(**message) for message in conversation.pop("messages")]
        create_conversation(workspace_id=workspace_id, writer=AUTHOR, drafts=drafts, **conversation)
    _run(workspace_id, texts["agent"])


def _openings(now: datetime) -> list[datetime]:
    """When customers wrote: once to thrice a day, less at weekends."""
    days = (now - timedelta(days=day) for day in range(DAYS, 0, -1))
    return [
        day - timedelta(hours=3 * visit)
        for day in days
        for visit in range(1 if day.weekday() >= 5 else 1 + day.day % 3)
    ]


def _exchange(exchange: dict[str, Any], customer: str, opened: datetime) -> ImportedConversation:
    """What a customer and the shop said then."""
    lines = [(role, text) for line in exchange["lines"] for role, text in line.items()]
    times = [opened + PAUSE * number for number in range(len(lines))]
    drafts = [_draft(role, text, customer, when) for (role, text), when in zip(lines, times, strict=True)]
    return ImportedConversation(
        candidates=[new_id("conv")],
        fields={"title": exchange["title"], "user_id": customer, "created_at": times[0]},
        messages=[ImportedMessage(name=str(number), draft=draft) for number, draft in enumerate(drafts)],
        updated_at=times[-1],
    )


def _draft(role: str, text: str, customer: str, when: datetime) -> MessageDraft:
    return MessageDraft(
        role=role,
        content=text,
        sender_id=customer if role == "user" else SHOP,
        created_at=when,
        tags=["refund"] if role == "assistant" and "refund" in text else None,
        message_type="error" if role == "system" else "text",
    )


def _run(workspace_id: str, agent: dict[str, Any]) -> None:
    """A conversation that an agent answers in a run: it thinks, and calls tools, one of which fails."""
    question = MessageDraft(**agent["question"])
    thread, _ = create_conversation(
        workspace_id=workspace_id,
        writer=AUTHOR,
        drafts=[question],
        title=agent["title"],
        user_id=question.sender_id,
    )
    thread_ids = {"workspace_id": workspace_id, "conversation_id": thread.pk}
    run = create_run(**thread_ids, agent_id=agent["agent_id"])
    for turn in agent["turns"]:
        append_run_message(**thread_ids, run_id=run.pk, draft=MessageDraft(**turn), writer=AUTHOR)
    update_run(**thread_ids, run_id=run.pk, status="completed", changes={"usage": agent["usage"]})
