"""The person who reads a transcript, and the addresses that this person may follow."""

import re
from dataclasses import dataclass, field
from urllib.parse import urlencode

from django.contrib.admin.utils import quote

from messaging.admin.pages import address_of
from messaging.rights import Person

OURS = re.compile(r"[a-z]+_[0-9a-z]{26}", re.ASCII)
"""Ids that stay as they are in an address, as people copy them; Django would spell `_` as `_5F`."""


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
        part = key if OURS.fullmatch(key) else quote(key)
        path = address_of(f"admin:{name}", part, site=self.site_name)
        return f"{path}?{urlencode(query)}" if path and query else path

    def page_if(self, permission: str, name: str, key: str, **query: str | int) -> str:
        """The same; empty without the permission."""
        return self.page(name, key, **query) if self.user.has_perm(permission) else ""
