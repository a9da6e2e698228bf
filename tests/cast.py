"""Who is always there: two workspaces that must never see each other, each with something to find."""

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import NamedTuple, TypeVar

from django.db import models, transaction
from django.utils import timezone

from messaging.models import ApiKey, Change, Conversation, Message, Workspace
from messaging.services import Writer
from messaging.services.drafts import checksum_of
from messaging.services.recording import Told, record
from messaging.sql.insertions import insert_rows
from messaging.testing import make_conversation, make_key, make_workspace
from messaging.values.ids import new_id

Row = TypeVar("Row", bound=models.Model)


@dataclass(frozen=True)
class Tenant:
    """A workspace, a key that may do everything in it, and a conversation of two messages."""

    workspace: Workspace
    api_key: ApiKey
    secret: str
    conversation: Conversation
    messages: tuple[Message, Message]

    @property
    def question(self) -> Message:
        return self.messages[0]

    @property
    def reply(self) -> Message:
        return self.messages[1]


def make_tenant(name: str) -> Tenant:
    workspace = make_workspace(name)
    api_key, secret = make_key(workspace, label=f"{name} key", owner_id=f"{name}-owner")
    conversation, [question, reply] = make_conversation(
        workspace,
        f"{name}: are you open on Sunday?",
        f"{name}: yes, from ten to four.",
        writer=Writer(owner_id=f"{name}-owner"),
        title=f"{name} opening hours",
        user_id=f"{name}-customer",
    )
    return Tenant(workspace, api_key, secret, conversation, (question, reply))


class _Made(NamedTuple):
    """What the services have made once in this process."""

    at: datetime
    """When all of it was there, so that no copy comes from the future."""
    tenants: tuple[Tenant, Tenant]
    changes: list[Told]


_made: list[_Made] = []


def make_cast() -> tuple[Tenant, Tenant]:
    """acme and globex, which are in most tests: made once by the services, then copied row by row.

    A copy has ids of its own and the times of now. Its keys were used a moment ago, so that a test of
    something else writes no use of them.
    """
    if not _made:
        _made.append(_make())
    made = _made[0]
    late = timezone.now() - made.at
    ids = {row.pk: new_id(row.pk.partition("_")[0]) for tenant in made.tenants for row in _rows_of(tenant)}
    first, second = (_copied(tenant, ids, late) for tenant in made.tenants)
    using = str(first.workspace._state.db)
    rows = [*_rows_of(first), *_rows_of(second)]
    with transaction.atomic(using, savepoint=False):  # where the test has no transaction of its own
        for model in (Workspace, ApiKey, Conversation, Message):
            insert_rows([row for row in rows if isinstance(row, model)], using)
        record(*(_told(change, ids) for change in made.changes))
    return first, second


def _make() -> _Made:
    with transaction.atomic():
        tenants = make_tenant("acme"), make_tenant("globex")
        of_them = Change.objects.filter(workspace__in=[tenant.workspace.pk for tenant in tenants])
        changes = [Told(**values) for values in of_them.order_by("id").values(*Told.__slots__)]
        transaction.set_rollback(True)
    return _Made(timezone.now(), tenants, changes)


def _rows_of(tenant: Tenant) -> tuple[models.Model, ...]:
    return (tenant.workspace, tenant.api_key, tenant.conversation, *tenant.messages)


def _copied(tenant: Tenant, ids: Mapping[str, str], late: timedelta) -> Tenant:
    copy = partial(_copy, ids=ids, late=late)
    question, reply = map(copy, tenant.messages)
    for message in (question, reply):
        message.checksum = checksum_of(message, imported_at=None)
    copied = Tenant(
        copy(tenant.workspace),
        copy(tenant.api_key),
        tenant.secret,
        copy(tenant.conversation),
        (question, reply),
    )
    copied.api_key.last_used_at = timezone.now()
    return copied


def _copy(row: Row, *, ids: Mapping[str, str], late: timedelta) -> Row:
    """The row with these ids, and later by so much."""

    def copied(value: object) -> object:
        match value:
            case datetime():
                return value + late
            case str():
                return ids.get(value, value)
        return deepcopy(value)

    names = [field.attname for field in row._meta.concrete_fields]
    values = [copied(getattr(row, name)) for name in names]
    return type(row).from_db(row._state.db or "default", names, values)


def _told(change: Told, ids: Mapping[str, str]) -> Told:
    """The change with these ids."""
    return replace(
        change,
        workspace_id=ids[change.workspace_id],
        conversation_id=change.conversation_id and ids[change.conversation_id],
        message_ids=change.message_ids and [ids[each] for each in change.message_ids],
    )
