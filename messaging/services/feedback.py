"""What people and evaluators think of messages: one for each message, name and user."""

import math
from collections.abc import Collection, Mapping, Sequence, Set
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import Case, F, TextField, Value, When
from django.db.models.functions import Concat

from messaging.exceptions import FeedbackNotFound, InvalidValue, MessageNotFound
from messaging.models import Feedback, Message, MessageQuerySet
from messaging.values.choices import ChangeKind, FeedbackType
from messaging.values.text import text_problem

from .clock import later_than
from .locks import lock_conversation_of
from .recording import change_of_messages, changes_of_messages, record
from .removal import remove_rows
from .retries.answers import forget_answers_with_feedback
from .rows import differing, write
from .transactions import atomic

NAME = "rating"
"""The name of feedback that has none."""
VALUE = ("data_type", "number", "text")
"""Columns that hold a value."""
CATEGORY_LENGTH = 255
"""Characters of a category; a longer text is a text."""


class GivenFeedback(NamedTuple):
    """Feedback as an import brings it."""

    id: str | None
    name: str
    data_type: str | None
    value: float | bool | str
    comment: str | None
    user_id: str
    created_by: str | None
    created_at: datetime
    updated_at: datetime


def give_feedback(
    *,
    workspace_id: str,
    message_id: str,
    value: float | bool | str,
    name: str = NAME,
    data_type: str | None = None,
    comment: str | None = None,
    user_id: str | None = None,
    created_by: str | None = None,
) -> tuple[Feedback, bool]:
    """Store what this user thinks of a message under this name, in place of what the user thought before.

    Returns the row and whether it is new. Without `data_type` a truth value is boolean, a number numeric, a
    text of up to CATEGORY_LENGTH characters categorical and a longer one a text. A lock of a run does not
    matter: nothing is written into the conversation. Raises MessageNotFound, InvalidValue.
    """
    values = {**columns_of(value, data_type), "comment": comment}
    _require_texts(name=name, text=values["text"], comment=comment, user_id=user_id)
    with atomic():
        message = _locked_message(workspace_id, message_id)
        key = {"message_id": message_id, "name": name, "user_id": user_id or ""}
        row = Feedback.objects.for_workspace(workspace_id).filter(**key).first()
        if row is None:
            new = Feedback(
                workspace_id=workspace_id,
                conversation_id=message.conversation_id,
                created_by=created_by,
                **key,
                **values,
            )
            Feedback.objects.insert_all([new])
            record(change_of_messages(ChangeKind.FEEDBACK_CREATED, [message]))
            return new, True
        if changed := differing(row, values):
            moment = later_than(row.updated_at)
            write(Feedback.objects.for_workspace(workspace_id), row, {**changed, "updated_at": moment})
            record(change_of_messages(ChangeKind.FEEDBACK_UPDATED, [message]))
        return row, False


def delete_feedback(*, workspace_id: str, feedback_id: str) -> None:
    """Take back what somebody thought. Raises FeedbackNotFound."""
    rows = Feedback.objects.for_workspace(workspace_id).filter(pk=feedback_id)
    with atomic():
        message_id = rows.values_list("message_id", flat=True).first()
        if message_id is None:
            raise FeedbackNotFound
        message = _locked_message(workspace_id, message_id)
        if not remove_rows(rows):
            raise FeedbackNotFound
        forget_answers_with_feedback(workspace_id, message.conversation_id, feedback_id)
        record(change_of_messages(ChangeKind.FEEDBACK_DELETED, [message]))


def columns_of(value: float | bool | str, data_type: str | None = None) -> dict[str, Any]:
    """The columns of Feedback that hold a value. Raises InvalidValue for one that its type does not take."""
    match value, data_type:
        case bool(), None | FeedbackType.BOOLEAN:
            return {"data_type": FeedbackType.BOOLEAN, "number": float(value), "text": None}
        case ((0 | 1), FeedbackType.BOOLEAN):
            return {"data_type": FeedbackType.BOOLEAN, "number": float(value), "text": None}
        case ((int() | float()), None | FeedbackType.NUMERIC) if not isinstance(value, bool):
            return {"data_type": FeedbackType.NUMERIC, "number": _finite(value), "text": None}
        case str(), None:
            kind = FeedbackType.CATEGORICAL if len(value) <= CATEGORY_LENGTH else FeedbackType.TEXT
            return {"data_type": kind, "number": None, "text": value}
        case str(), FeedbackType.TEXT:
            return {"data_type": FeedbackType.TEXT, "number": None, "text": value}
        case str(), FeedbackType.CATEGORICAL if len(value) <= CATEGORY_LENGTH:
            return {"data_type": FeedbackType.CATEGORICAL, "number": None, "text": value}
    raise InvalidValue(("body", "value"), f"This is no value of {data_type or 'feedback'}", "value_type")


def remove_feedback(workspace_id: str, messages: MessageQuerySet | Collection[str]) -> None:
    """Delete the feedback on these messages, which go, in the caller's transaction."""
    remove_rows(Feedback.objects.for_workspace(workspace_id).filter(message__in=messages))


def redact_feedback(
    workspace_id: str, message_ids: Collection[str], *, mark: str, with_people: bool = False
) -> None:
    """Take out what people wrote of these messages, and with `with_people` who they are, in the caller's
    transaction. Numbers and truth values stay; a category may be any words of theirs."""
    rows = Feedback.objects.for_workspace(workspace_id).of_messages(message_ids)
    words = When(text__isnull=False, then=Value(mark))
    values: dict[str, Any] = {
        "comment": None,
        "text": Case(words, default=F("text"), output_field=TextField()),
    }
    if with_people:  # each a name of its own, since a user has one of a name
        name = Concat(Value(f"{mark} "), F("id"), output_field=TextField())
        nobody = When(user_id="", then=Value(""))
        values["user_id"] = Case(nobody, default=name, output_field=TextField())
    rows.update(**values)


def store_feedback(
    workspace_id: str, conversation_id: str, given: Mapping[str, Sequence[GivenFeedback]], *, keeps_ids: bool
) -> None:
    """Store the feedback that an import brings on messages of a locked conversation, by their ids here.

    What is there already stays, unless what comes is newer. With `keeps_ids` it keeps an id that nobody has.
    """
    if not given:
        return
    stored = Feedback.objects.for_workspace(workspace_id).of_messages(given)
    known = {(row.message_id, row.name, row.user_id): row for row in stored}
    free = _free([one.id for some in given.values() for one in some if one.id]) if keeps_ids else frozenset()
    changed: dict[str, Feedback] = {}
    new: dict[str, Feedback] = {}
    for message_id, one in ((message_id, one) for message_id, some in given.items() for one in some):
        row = known.get((message_id, one.name, one.user_id))
        if row is None:
            row = Feedback(workspace_id=workspace_id, conversation_id=conversation_id, message_id=message_id)
            row.pk = one.id if one.id in free else row.pk
            row.name, row.user_id, row.created_at = one.name, one.user_id, one.created_at
            row.created_by = one.created_by
            known[message_id, one.name, one.user_id] = new[row.pk] = row
        elif row.updated_at >= one.updated_at:
            continue
        elif row.pk not in new:
            changed[row.pk] = row
        for name, value in (columns_of(one.value, one.data_type) | {"comment": one.comment}).items():
            setattr(row, name, value)
        row.updated_at = one.updated_at
    Feedback.objects.insert_all(list(new.values()))
    rows = Feedback.objects.for_workspace(workspace_id)
    rows.update_each(list(changed.values()), (*VALUE, "comment", "updated_at"))
    _record_imported(workspace_id, new, changed)


def _record_imported(workspace_id: str, new: Mapping[str, Feedback], changed: Mapping[str, Feedback]) -> None:
    """The changes that tell on which messages there is imported feedback."""
    for kind, rows in ((ChangeKind.FEEDBACK_CREATED, new), (ChangeKind.FEEDBACK_UPDATED, changed)):
        ids = {row.message_id for row in rows.values()}
        if ids:
            messages = Message.objects.for_workspace(workspace_id).filter(pk__in=ids)
            named = messages.only("workspace_id", "conversation_id", "seq").order_by("seq")
            record(*changes_of_messages(kind, named, imported=True))


def _free(ids: Sequence[str]) -> Set[str | None]:
    """Those of these ids that no row has, in whichever workspace."""
    taken = Feedback.objects.filter(pk__in=ids).values_list("pk", flat=True) if ids else ()
    return {*ids}.difference(taken)


def _locked_message(workspace_id: str, message_id: str) -> Message:
    """The message, whose conversation is locked: it neither goes nor is redacted meanwhile."""
    lock_conversation_of(workspace_id, message_id)
    messages = Message.objects.for_workspace(workspace_id).filter(pk=message_id)
    message = messages.only("workspace_id", "conversation_id", "seq").first()
    if message is None:
        raise MessageNotFound
    return message


def _finite(value: float) -> float:
    if not math.isfinite(value):
        raise InvalidValue(("body", "value"), "A number should be finite", "finite_number")
    return float(value)


def _require_texts(**texts: str | None) -> None:
    for name, text in texts.items():
        if text and (problem := text_problem(text)):
            raise InvalidValue(("body", name), problem, "string_unstorable")
