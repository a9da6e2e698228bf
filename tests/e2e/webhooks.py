"""A worker of a process of its own that sends webhooks, and dies where it is told.

`python -m tests.e2e.webhooks work [FUNCTION before|within|after]`: SIGKILL at the second call of a function
of `messaging.webhooks.delivering`. `... make URL` makes a webhook and prints workspace and conversation;
`... say CONVERSATION NUMBER` appends so many messages, and prints their ids.
"""

import os
import signal
import sys
from collections.abc import Callable
from typing import Any

import django

DEADLY_CALL = 2


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def deadly(function: Callable[..., Any], when: str) -> Callable[..., Any]:
    """The function, at whose second call the process dies."""
    calls = 0

    def call(*args: Any, **kwargs: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == DEADLY_CALL and when == "before":
            die()
        if calls == DEADLY_CALL and when == "within":
            from messaging.models import WebhookDelivery

            WebhookDelivery.save = lambda *args, **kwargs: die()  # type: ignore[method-assign]
        outcome = function(*args, **kwargs)
        if calls == DEADLY_CALL and when == "after":
            die()
        return outcome

    return call


def work(name: str = "", when: str = "") -> None:
    from messaging.jobs import Worker
    from messaging.jobs.process import run_process
    from messaging.webhooks import delivering

    if name:
        setattr(delivering, name, deadly(getattr(delivering, name), when))
    run_process(Worker(["deliver_webhooks"], idle=0.05))


def make(url: str) -> None:
    from messaging.models import Workspace
    from messaging.services import Writer, create_conversation, create_webhook

    workspace = Workspace.objects.earliest("created_at")
    conversation, _ = create_conversation(workspace_id=workspace.pk, writer=Writer())
    create_webhook(workspace_id=workspace.pk, url=url, types=["messages.created"])
    print(conversation.pk)


def say(conversation_id: str, number: str) -> None:
    from messaging.models import Workspace
    from messaging.services import MessageDraft, Writer, append_messages

    workspace = Workspace.objects.earliest("created_at")
    for _ in range(int(number)):
        [row] = append_messages(
            workspace_id=workspace.pk,
            conversation_id=conversation_id,
            drafts=[MessageDraft(content="x")],
            writer=Writer(),
        )
        print(row.pk)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.e2e.job_settings")
    os.environ["WEBHOOK_NETWORKS"] = "127.0.0.0/8"
    django.setup()
    programs: dict[str, Callable[..., None]] = {"work": work, "make": make, "say": say}
    programs[sys.argv[1]](*sys.argv[2:])
