"""The files of attachments, as they follow a message that changes."""

from collections.abc import Sequence

from messaging.content import refs_in, with_refs, without_ids
from messaging.models import Message, StoredObject

from .files import NewObject
from .removal import remove_rows


def settled(message: Message, given: object) -> object:
    """New attachments of a message, in which refs of its own are those that are stored.

    The stored attachments themselves, where these hold the same: whatever objects hold it.
    """
    stored = {ref["object_id"]: ref for ref in refs_in(message.attachments)}
    attachments = with_refs(given, stored)
    is_known = without_ids(attachments) == without_ids(message.attachments)
    return message.attachments if is_known else attachments


def follow_attachments(message: Message, before: object, new: Sequence[NewObject]) -> None:
    """Delete the objects that the attachments named before and nothing names now; insert the new ones."""
    named = {ref["object_id"] for ref in refs_in([message.attachments, message.structured_content])}
    gone = {ref["object_id"] for ref in refs_in(before)} - named
    if gone:
        objects = StoredObject.objects.for_workspace(message.workspace_id).of_message(message.pk)
        remove_rows(objects.with_ids(gone))
    StoredObject.objects.insert_all([row for row, _ in new])
