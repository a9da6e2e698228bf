"""A worker of a process of its own that draws memories, and dies where it is told.

`python -m tests.e2e.memories work [FUNCTION before|within|after]`: SIGKILL at the second call of a function,
named with its module of `messaging.memories`, or within the transaction that it is in. `... make` makes
conversations and prints their ids; `... say CONVERSATION FIRST NUMBER` says so many facts, numbered from
the first; `... known` prints what is known, a line each.
"""

import os
import signal
import sys
from collections.abc import Callable
from importlib import import_module
from typing import Any

import django

USER = "ada"


def die(*args: Any, **kwargs: Any) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def deadly(function: Callable[..., Any], when: str) -> Callable[..., Any]:
    """The function, at whose second call the process dies."""
    calls = 0

    def call(*args: Any, **kwargs: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == 2 and when == "before":
            die()
        if calls == 2 and when == "within":
            from messaging.services.memories import drawn as memories_drawn

            memories_drawn._Drawing.tell = die  # type: ignore[method-assign]
        outcome = function(*args, **kwargs)
        if calls == 2 and when == "after":
            die()
        return outcome

    return call


def work(name: str = "", when: str = "") -> None:
    from messaging.jobs import Worker
    from messaging.jobs.process import run_process

    if name:
        path, _, function = name.rpartition(".")
        module = import_module(f"messaging.memories.{path}")
        setattr(module, function, deadly(getattr(module, function), when))
    run_process(Worker(["follow_changes_for_memories", "draw_memories", "tend_memories"], idle=0.05))


def make() -> None:
    from messaging.models import Workspace
    from messaging.services import Writer, create_conversation

    workspace = Workspace.objects.earliest("created_at")
    for _ in range(2):
        conversation, _ = create_conversation(workspace_id=workspace.pk, writer=Writer(), user_id=USER)
        print(conversation.pk)


def say(conversation_id: str, first: str, number: str) -> None:
    from messaging.models import Workspace
    from messaging.services import MessageDraft, Writer, append_messages

    workspace = Workspace.objects.earliest("created_at")
    for fact in range(int(first), int(first) + int(number)):
        append_messages(
            workspace_id=workspace.pk,
            conversation_id=conversation_id,
            drafts=[MessageDraft(content=f"Remember that my locker {fact} is green.")],
            writer=Writer(enable_memories=True),
        )


def known() -> None:
    from messaging.models import Memory

    for memory in Memory.objects.order_by("created_at").values_list("memory", flat=True):
        print(memory)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.e2e.job_settings")
    django.setup()
    programs: dict[str, Callable[..., None]] = {"work": work, "make": make, "say": say, "known": known}
    programs[sys.argv[1]](*sys.argv[2:])
