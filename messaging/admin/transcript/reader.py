"""Who reads, and which pages are offered: those that there are and that this person has the right to."""

import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.contrib.admin.utils import quote
from django.urls import NoReverseMatch, reverse

from messaging.models import Message
from messaging.rights import REDACT

__all__ = ["Reader", "address", "may_read_messages"]

OURS = re.compile(r"[a-z]+_[0-9a-z]{26}", re.ASCII)


def address(key: str) -> str:
    """A key as it stands in addresses of the admin.

    Django spells the `_` of an id `_5F`. It understands `_` too, and people copy addresses to find the id
    in them, so ids of ours stay as they are; others may hold anything.
    """
    return key if OURS.fullmatch(key) else quote(key)


def may_read_messages(user: Any) -> bool:
    """Whether this user may see messages at all; of which workspaces, `visible_to` says."""
    return bool(user.has_perm("parley.view_message") or user.has_perm("parley.change_message"))


@dataclass(slots=True)
class Reader:
    """A person of the staff at an admin site."""

    user: Any
    site_name: str
    limit: int | None
    """Characters of one value that are shown; None on the page that shows all."""
    objects: dict[str, str] = field(default_factory=dict)
    """Addresses of stored objects that were given out, with their ids: no other is taken for one of ours."""

    def transcript(self, conversation_id: str, **query: Any) -> str:
        return self.page("parley_conversation_transcript", conversation_id, **query)

    def place(self, message_id: str) -> str:
        """The permalink of a message."""
        return self.page("parley_message_open", message_id)

    def whole(self, message: Message) -> str:
        return self.page("parley_message_whole", message.pk)

    def edit(self, message: Message) -> str:
        """Leads back to its place afterwards."""
        back = self.place(message.pk)
        return self.page_if("parley.change_message", "parley_message_change", message.pk, next=back)

    def redact(self, message: Message) -> str:
        """The same."""
        return self.page_if(REDACT, "parley_message_redact", message.pk, next=self.place(message.pk))

    def run(self, run_id: str) -> str:
        return self.page_if("parley.view_run", "parley_run_change", run_id)

    def object(self, object_id: str) -> str:
        """Of the bytes of a stored object."""
        url = self.page_if("parley.view_storedobject", "parley_storedobject_content", object_id)
        if url:
            self.objects[url] = object_id
        return url

    def page(self, name: str, key: str, **query: Any) -> str:
        """The address, or nothing where the site has no such page: the apps behind some may be absent."""
        try:
            path = reverse(f"admin:{name}", args=[address(key)], current_app=self.site_name)
        except NoReverseMatch:
            return ""
        return f"{path}?{urlencode(query)}" if query else path

    def page_if(self, permission: str, name: str, key: str, **query: Any) -> str:
        """The same, for those alone who have the right to it."""
        return self.page(name, key, **query) if self.user.has_perm(permission) else ""
