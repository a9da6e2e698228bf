"""What a reader thought of a message, as `message_feedback.json` of an archive says it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils import timezone

from messaging.services.feedback import CATEGORY_LENGTH, NAME, GivenFeedback
from messaging.transfer.contents import as_list, as_object, text_or_none
from messaging.transfer.fields import moment_of
from messaging.values.json import parsed_or_text

THUMBS = {"thumbs_up": True, "thumbs_down": False}


def feedback_of(rating: Mapping[str, Any], sent_at: datetime | None) -> list[GivenFeedback]:
    """A thumb is a truth value, any other rating a category; tags and note are the comment."""
    given = text_or_none(rating.get("rating"))
    if not given:
        return []
    time = moment_of(rating.get("create_time")) or sent_at or timezone.now()
    return [
        GivenFeedback(
            id=None,
            name=NAME,
            data_type=None,
            value=THUMBS.get(given, given[:CATEGORY_LENGTH]),
            comment=_comment(rating),
            user_id="",
            created_by=None,
            created_at=time,
            updated_at=time,
        )
    ]


def _comment(rating: Mapping[str, Any]) -> str | None:
    content = rating.get("content")
    about = as_object(parsed_or_text(content) if isinstance(content, str) else content)
    note = text_or_none(about.get("text")) or text_or_none(rating.get("note"))
    tags = [tag for tag in as_list(about.get("tags") or rating.get("tags")) if isinstance(tag, str)]
    return "\n".join(filter(None, [note, ", ".join(tags)])) or None
