"""Reading transcripts in tests: the page as text, and what stands in it by id of the message."""

import re
from typing import Any

from django.test import Client

from messaging.models import Message
from messaging.services import MessageDraft, Writer, append_messages
from tests.cast import Tenant


def path_of(tenant: Tenant) -> str:
    return f"/admin/parley/conversation/{tenant.conversation.pk}/transcript/"


def transcript(client: Client, tenant: Tenant, **query: Any) -> str:
    """The page of the tenant's conversation that this query asks for."""
    response = client.get(path_of(tenant), query)
    assert response.status_code == 200, response
    return response.content.decode()


def say(tenant: Tenant, *drafts: MessageDraft) -> list[Message]:
    return append_messages(
        workspace_id=tenant.workspace.pk,
        conversation_id=tenant.conversation.pk,
        drafts=drafts,
        writer=Writer(),
    )


def articles(page: str) -> dict[str, str]:
    """The HTML of each entry, in the order of the page."""
    found = re.finditer(r'<article [^>]*?id="(\w+)".*?</article>', page, re.DOTALL)
    return {match[1]: match[0] for match in found}


def folded(article: str) -> dict[str, str]:
    """The HTML of each result that stands under a call in it."""
    found = re.finditer(r'<section [^>]*?id="(\w+)".*?</section>', article, re.DOTALL)
    return {match[1]: match[0] for match in found}
