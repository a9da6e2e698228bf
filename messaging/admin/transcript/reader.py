"""The person who reads a transcript, and the addresses that this person may follow."""

import re
from dataclasses import dataclass, field
from urllib.parse import urlencode

from django.contrib.admin.utils import quote
from django.urls import NoReverseMatch, reverse

from messaging.models import Message
from messaging.rights import REDACT, Person

__all__ = ["Reader", "address", "may_read_messages"]

OURS = re.compile(r"[a-z]+_[0-9a-z]{26}", re.ASCII)


def address(key: str) -> str:
    """A key as part of an address of the admin.

    Django quotes the `_` of an id as `_5F`, and understands `_` as well. Ids of the store stay unquoted, as
    people copy them out of addresses; other keys may hold any character.
    """
    return key if OURS.fullmatch(key) else quote(key)


def may_read_messages(user: Person) -> bool:
    """Whether this user may see messages at all; `visible_to` decides of which workspaces."""
    return bool(user.has_perm("parley.view_message") or user.has_perm("parley.change_message"))


@dataclass(slots=True)
class Reader:
    """A person of the staff at an admin site."""

    user: Person
    site_name: str
    limit: int | None
    """Characters of one value that are shown; None on the page that shows all."""
    objects: dict[str, str] = field(default_factory=dict)
    """Addresses of stored objects that this page offers, with their ids. No other address counts as ours."""

    def transcript(self, conversation_id: str, **query: str | int) -> str:
        return self.page("parley_conversation_transcript", conversation_id, **query)

    def permalink(self, message_id: str) -> str:
        """The permalink of a message."""
        return self.page("parley_message_open", message_id)

    def whole(self, message: Message) -> str:
        return self.page("parley_message_whole", message.pk)

    def edit(self, message: Message) -> str:
        """The form, which leads back to the permalink."""
        back = self.permalink(message.pk)
        return self.page_if("parley.change_message", "parley_message_change", message.pk, next=back)

    def redact(self, message: Message) -> str:
        """The page that redacts, which leads back to the permalink."""
        back = self.permalink(message.pk)
        return self.page_if(REDACT, "parley_message_redact", message.pk, next=back)

    def run(self, run_id: str) -> str:
        return self.page_if("parley.view_run", "parley_run_change", run_id)

    def object(self, object_id: str) -> str:
        """The bytes of a stored object."""
        url = self.page_if("parley.view_storedobject", "parley_storedobject_content", object_id)
        if url:
            self.objects[url] = object_id
        return url

    def page(self, name: str, key: str, **query: str | int) -> str:
        """The address; empty where the site has no such page."""
        try:
            path = reverse(f"admin:{name}", args=[address(key)], current_app=self.site_name)
        except NoReverseMatch:
            return ""
        return f"{path}?{urlencode(query)}" if query else path

    def page_if(self, permission: str, name: str, key: str, **query: str | int) -> str:
        """The same; empty without the permission."""
        return self.page(name, key, **query) if self.user.has_perm(permission) else ""
