"""Somebody who talks, and a worker that listens once."""

import time
from collections.abc import Callable
from typing import Any

import pytest

from messaging.jobs import Worker
from messaging.memories.following import follow_changes
from messaging.models import Job, Memory, Message
from messaging.services import MessageDraft, Writer, append_messages
from tests.cast import Tenant

Say = Callable[..., list[Message]]
Work = Callable[[], None]


@pytest.fixture
def say(acme: Tenant, transactional_db: None) -> Say:
    """Appends messages of acme's customer from which memories may be drawn, by one write."""

    def append(*contents: str, enabled: bool = True, to: Tenant = acme, **fields: Any) -> list[Message]:
        return append_messages(
            workspace_id=to.workspace.pk,
            conversation_id=to.conversation.pk,
            drafts=[MessageDraft(content=content, **fields) for content in contents],
            writer=Writer(enable_memories=enabled),
        )

    return append


@pytest.fixture
def work(transactional_db: None) -> Work:
    """Does what a worker does until nothing is due."""

    def run() -> None:
        while follow_changes():
            pass
        time.sleep(0.002)  # SQLite has milliseconds: what is due since this one is due in the next
        Worker(["draw_memories", "tend_memories"], idle=0.01, threads=1).run(once=True)

    return run


@pytest.fixture
def memories(acme: Tenant) -> Callable[..., list[str]]:
    """What is known of acme's customer, in the order in which it came."""

    def known(user_id: str = "acme-customer", tenant: Tenant = acme) -> list[str]:
        rows = Memory.objects.for_workspace(tenant.workspace.pk).of_user(user_id).live()
        return list(rows.order_by("created_at", "id").values_list("memory", flat=True))

    return known


def jobs(kind: str) -> list[Job]:
    return list(Job.objects.filter(kind=kind).order_by("created_at"))
