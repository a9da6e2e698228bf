"""Runs, parts and objects in the admin and in exports of such a host; prints what it saw, as JSON."""

import json
import os
import sys
from typing import Any

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.storealone.settings"
django.setup()

from django.contrib.auth.models import User  # noqa: E402  Django must be set up
from django.core.management import call_command  # noqa: E402
from django.test import Client  # noqa: E402

from messaging.models import Message, Part, Run, StoredObject  # noqa: E402
from messaging.services import (  # noqa: E402
    MessageDraft,
    Writer,
    append_run_message,
    create_conversation,
    create_run,
    delete_conversation,
    update_run,
)
from tests.cast import make_tenant  # noqa: E402
from tests.transfer import exported, imported  # noqa: E402

CALL = {"type": "tool-call", "tool_name": "find", "tool_call_id": "c", "args": {"n": 1}}
RESULT = {"type": "tool-result", "tool_name": "find", "tool_call_id": "c", "output": "x" * 50_000}


def write(workspace_id: str) -> str:
    """A conversation that a run wrote into, with a large result."""
    conversation, _ = create_conversation(workspace_id=workspace_id, writer=Writer(), title="t")
    place: dict[str, Any] = {"workspace_id": workspace_id, "conversation_id": conversation.pk}
    run = create_run(**place, agent_id="helper")
    for role, part in (("assistant", CALL), ("tool", RESULT)):
        draft = MessageDraft(role=role, parts=[part])
        append_run_message(**place, run_id=run.pk, draft=draft, writer=Writer())
    update_run(**place, run_id=run.pk, status="completed")
    return str(conversation.pk)


def counts() -> list[int]:
    return [model.objects.count() for model in (Message, Run, Part, StoredObject)]


def pages(conversation_id: str) -> dict[str, Any]:
    """The status of each page of the admin, and whether the transcript shows the call."""
    client = Client()
    client.force_login(User.objects.create_superuser("staff"))
    found: dict[str, Any] = {}
    for model in (Run, Part, StoredObject, Message):
        name = model._meta.model_name
        row = model.objects.latest("created_at" if model is not Part else "position")
        for page in ("", f"{row.pk}/change/"):
            found[f"{name}/{page and 'change'}"] = client.get(f"/admin/parley/{name}/{page}").status_code
    transcript = client.get(f"/admin/parley/conversation/{conversation_id}/transcript/").content.decode()
    deletion = client.get(f"/admin/parley/conversation/{conversation_id}/delete/").content.decode()
    return found | {
        "transcript": "find" in transcript and "helper" in transcript,
        "deletion": all(kind in deletion.lower() for kind in ("runs", "parts", "stored objects")),
    }


def main() -> None:
    call_command("migrate", verbosity=0)
    call_command("check", fail_level="ERROR")
    tenant = make_tenant("acme")
    workspace = tenant.workspace
    conversation_id = write(workspace.pk)
    seen: dict[str, Any] = {"before": counts(), "pages": pages(conversation_id)}
    source = exported(tenant)
    delete_conversation(workspace_id=workspace.pk, conversation_id=conversation_id)
    seen |= {"deleted": counts(), "rejections": len(imported(tenant, source)[1]), "after": counts()}
    seen["threads"] = "threads" in sys.modules
    print(json.dumps(seen))


if __name__ == "__main__":
    main()
