"""Making, changing and deleting webhooks; what was sent to them is noted by `messaging.webhooks`."""

from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Any

from django.db import IntegrityError
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from messaging.changes import current_position, read_changes
from messaging.exceptions import (
    ConversationNotFound,
    InvalidPosition,
    InvalidValue,
    ResyncNeeded,
    WebhookMade,
    WebhookNotFound,
)
from messaging.models import Conversation, Webhook, WebhookDelivery
from messaging.models.epoch import EPOCH_TABLE, current_epoch
from messaging.sql.running import rows_of
from messaging.values.addresses import AddressRefused, require_allowed
from messaging.values.ids import new_id
from messaging.values.position import Position
from messaging.values.signatures import is_known, made_secret

from .removal import remove_rows
from .rows import Version, differing, locked, require_editable, write
from .transactions import atomic, write_database

EDITABLE = frozenset({"conversation_id", "description", "include", "state", "types", "url"})
FOLLOWED = (
    "epoch",
    "xid",
    "change_id",
    "state",
    "resync_reason",
    "ping_id",
    "failures",
    "next_attempt_at",
)
"""What a worker that sends to a webhook has to know of it after each attempt."""
OVERLAP = timedelta(days=1)
"""How long the former secret signs too, after a rotation."""


def create_webhook(
    *,
    workspace_id: str,
    url: str,
    types: Collection[str] = (),
    conversation_id: str | None = None,
    webhook_id: str | None = None,
    **fields: Any,
) -> tuple[Webhook, str]:
    """Make a webhook that is sent what happens from now on; returns the row and its secret.

    The secret is not shown again. `fields` are further columns of Webhook. A caller who may ask twice for one
    webhook names its id, made by `new_id`. Raises InvalidValue for a URL that is not sent to,
    ConversationNotFound, and WebhookMade the second time.
    """
    _require_url(url)
    stored, secret = made_secret()
    webhook = Webhook(
        **fields,
        workspace_id=workspace_id,
        url=url,
        types=_as_set(types),
        conversation_id=conversation_id,
        secrets=[stored],
        **columns_of(Position.of(current_position())),
    )
    if webhook_id:
        webhook.pk = webhook_id
    try:
        with atomic():
            _require_conversation(workspace_id, conversation_id)
            webhook.save(force_insert=True, using=write_database())
    except IntegrityError:
        if webhook_id and Webhook.objects.for_workspace(workspace_id).filter(pk=webhook_id).exists():
            raise WebhookMade from None
        raise
    return webhook, secret


def update_webhook(
    *,
    workspace_id: str,
    webhook_id: str,
    changes: Mapping[str, Any],
    expected_version: Version | None = None,
) -> Webhook:
    """Give fields of a webhook new values; `state` is `active`, which resumes it, or `paused`.

    Values that it holds already change nothing. One that is resumed, or has another URL, is sent to at once.
    Raises WebhookNotFound, InvalidValue,
    ConversationNotFound and ChangedMeanwhile.
    """
    require_editable(changes, EDITABLE)
    values = dict(changes)
    if "url" in values:
        _require_url(values["url"])
    if "types" in values:
        values["types"] = _as_set(values["types"])
    with atomic():
        _require_conversation(workspace_id, values.get("conversation_id"))
        webhook = _locked(workspace_id, webhook_id, expected_version)
        values = differing(webhook, values)
        if not values:
            return webhook
        if "state" in values:
            values |= {"state_reason": "", "state_since": timezone.now()}
        if not {"state", "url"}.isdisjoint(values):
            values |= {"failures": 0, "next_attempt_at": timezone.now()}
        write(Webhook.objects.for_workspace(workspace_id), webhook, values | {"updated_at": timezone.now()})
    return webhook


def rotate_webhook_secret(
    *, workspace_id: str, webhook_id: str, overlap: timedelta = OVERLAP
) -> tuple[Webhook, str]:
    """Give a webhook a new secret; the former one signs too for so long. Returns the row and the secret.

    A former one that is lost is left out. Raises WebhookNotFound.
    """
    stored, secret = made_secret()
    with atomic():
        webhook = _locked(workspace_id, webhook_id)
        until = (timezone.now() + overlap).isoformat(timespec="seconds")
        former = [{**webhook.secrets[0], "until": until}] if is_known(webhook.secrets[0]) else []
        values = {"secrets": [stored, *former], "updated_at": timezone.now()}
        write(Webhook.objects.for_workspace(workspace_id), webhook, values)
    return webhook, secret


def ping_webhook(*, workspace_id: str, webhook_id: str) -> str:
    """Have a worker send a test event once, whatever the state of the webhook; returns the event's id.

    Raises WebhookNotFound.
    """
    event_id = new_id("ping")
    webhooks = Webhook.objects.for_workspace(workspace_id).filter(pk=webhook_id)
    if not webhooks.update(ping_id=event_id):
        raise WebhookNotFound
    return event_id


def replay_webhook(*, workspace_id: str, webhook_id: str, after: str | None) -> Webhook:
    """Have a webhook be sent all changes after this position, also those that it was sent before.

    None stands for the beginning of what is kept. The state of the webhook stays. Raises WebhookNotFound, and
    InvalidValue for a position that is none or is too old.
    """
    position = _oldest_position() if after is None else _known_position(workspace_id, after)
    with atomic():
        webhook = _locked(workspace_id, webhook_id)
        now = timezone.now()
        values = {**columns_of(position), "resync_reason": "", "failures": 0, "next_attempt_at": now}
        # Without its lease a worker that is sending notes nothing, so its position is not taken for ours.
        free = {"leased_by": None, "lease_until": None, "updated_at": now}
        write(Webhook.objects.for_workspace(workspace_id), webhook, values | free)
    return webhook


def delete_webhook(*, workspace_id: str, webhook_id: str) -> None:
    """Delete a webhook with the list of what it was sent. Raises WebhookNotFound."""
    with atomic():
        webhook = _locked(workspace_id, webhook_id)
        remove_rows(WebhookDelivery.objects.for_workspace(workspace_id).filter(webhook=webhook.pk))
        remove_rows(Webhook.objects.for_workspace(workspace_id).filter(pk=webhook.pk))


def note_attempt(webhook: Webhook, delivery: WebhookDelivery | None, *, seconds: int, **values: Any) -> bool:
    """Note an attempt and what follows from it for a leased webhook, whose lease is prolonged by so long.

    False, and nothing is noted, where the lease was lost or somebody else has moved the position: what was
    sent will be sent again. The instance is brought up to date.
    """
    holder, position = webhook.leased_by, webhook.position
    rows = Webhook.objects.for_workspace(webhook.workspace_id).filter(pk=webhook.pk, leased_by=holder)
    rows = rows.filter(epoch=position.epoch, xid=position.xid, change_id=position.id)
    with atomic():
        noted = rows.update_returning(FOLLOWED, **values, lease_until=Now() + timedelta(seconds=seconds))
        if noted and delivery is not None:
            delivery.save(force_insert=True, using=write_database())
    for name, value in zip(FOLLOWED, noted[0] if noted else (), strict=bool(noted)):
        setattr(webhook, name, value)
    return bool(noted)


def free_webhook(webhook: Webhook) -> None:
    """End the lease."""
    rows = Webhook.objects.for_workspace(webhook.workspace_id).filter(pk=webhook.pk)
    rows.filter(leased_by=webhook.leased_by).update(leased_by=None, lease_until=None)


def remove_old_deliveries(webhook: Webhook, *, kept: int, age: timedelta) -> int:
    """Delete the attempts older than `age`, and all but the latest `kept`; returns how many there were."""
    rows = WebhookDelivery.objects.for_workspace(webhook.workspace_id).filter(webhook=webhook.pk)
    is_old = Q(created_at__lt=Now() - age)
    for created_at, pk in rows.order_by("-created_at", "-id").values_list("created_at", "pk")[
        kept : kept + 1
    ]:
        is_old |= Q(created_at__lt=created_at) | Q(created_at=created_at, pk__lte=pk)
    return rows.filter(is_old).delete_rows()


def _locked(workspace_id: str, webhook_id: str, expected_version: Version | None = None) -> Webhook:
    webhooks = Webhook.objects.for_workspace(workspace_id).filter(pk=webhook_id)
    return locked(webhooks, WebhookNotFound, expected_version)


def _require_url(url: str) -> None:
    try:
        require_allowed(url)
    except AddressRefused as error:
        raise InvalidValue(("body", "url"), str(error), "url_refused") from None


def _require_conversation(workspace_id: str, conversation_id: str | None) -> None:
    conversations = Conversation.objects.for_workspace(workspace_id)
    if conversation_id is not None and not conversations.filter(pk=conversation_id).exists():
        raise ConversationNotFound


def _known_position(workspace_id: str, text: str) -> Position:
    try:
        read_changes(workspace_id=workspace_id, after=text, limit=1)
    except (InvalidPosition, ResyncNeeded) as error:
        raise InvalidValue(("body", "after"), str(error), "position_invalid") from None
    return Position.of(text)


def _oldest_position() -> Position:
    """That behind which no change was removed."""
    using = write_database()
    removed = rows_of(f"SELECT removed_xid, removed_id FROM {EPOCH_TABLE}", [], using)  # noqa: S608  constant
    return Position(current_epoch(using), *removed[0])


def columns_of(position: Position) -> dict[str, Any]:
    """The columns of a webhook that stands here."""
    epoch, xid, change_id = position
    return {"epoch": epoch, "xid": xid, "change_id": change_id, "moved_at": timezone.now()}


def _as_set(types: Collection[str]) -> list[str]:
    return sorted({str(kind) for kind in types})
