"""Readies a filled database for a run and says what is in it: one line of JSON, see `stores.Facts`."""

import json
import os
from typing import Any

import django

FRESH = 20


def prepare() -> dict[str, Any]:
    """A key, a person, and empty conversations to write into."""
    from django.contrib.auth import get_user_model
    from django.core.management import call_command
    from django.test import Client

    from messaging.models import Conversation, Workspace
    from messaging.services import Writer, create_api_key, create_conversation
    from messaging.values.choices import Permission
    from tests.bench.dataset import AGENT_THREAD, LARGE, OWNER
    from tests.bench.memories import fill_memories
    from tests.bench.words import FORKED

    workspace_id = Workspace.objects.get(name="Bench").pk
    _, secret = create_api_key(
        workspace_id=workspace_id, label="bench", permissions=Permission.values, owner_id=OWNER
    )
    writer = Writer(owner_id=OWNER)
    conversations = Conversation.objects.for_workspace(workspace_id)
    large = conversations.get(title=LARGE)
    fresh = [create_conversation(workspace_id=workspace_id, writer=writer)[0].pk for _ in range(FRESH)]
    fill_memories(workspace_id)
    call_command("collectstatic", interactive=False, verbosity=0)
    person = Client()
    person.force_login(get_user_model().objects.create_superuser("bench", password=None))
    return {
        "workspace": workspace_id,
        "large": large.pk,
        "message": large.messages.get(seq=1).pk,
        "until": large.messages.get(seq=min(FORKED, large.last_seq)).pk,
        "thread": conversations.get(title=AGENT_THREAD).pk,
        "terms": terms_of(workspace_id, large.pk),
        "fresh": fresh,
        "secret": secret,
        "session": person.cookies["sessionid"].value,
    }


def terms_of(workspace_id: str, large: str) -> dict[str, str]:
    """The terms that the cases look for, by the name that the SQL of their floors has for each."""
    from messaging.index.terms import (
        PRESENT,
        listed,
        pair,
        term,
    )
    from tests.bench.words import TAG

    had = {"here": PRESENT, "tagged": listed("tags", TAG), "case": pair("meta_data", "case", 7) or PRESENT}
    scopes = {"in_workspace": workspace_id, "in_large": large}
    return {
        f"{name}_{place}": str(term(scope, what))
        for name, what in had.items()
        for place, scope in scopes.items()
    }


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    print(json.dumps(prepare()))
