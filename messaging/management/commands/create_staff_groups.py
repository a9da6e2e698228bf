"""Creates the groups of staff that most projects need."""

from typing import Any

from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.core.management.base import CommandError
from django.db.models import Model

from messaging.kinds import kinds
from messaging.management.store import StoreCommand
from messaging.models import Conversation, Membership, Memory, Message
from messaging.rights import EXPORT, REDACT
from messaging.sql.databases import write_database

READERS, EDITORS = "Parley readers", "Parley editors"


def permissions() -> dict[str, list[tuple[type[Model], str]]]:
    """What each group may do, as pairs of a model and a permission on it."""
    models: list[type[Model]] = [*kinds().values(), Membership]
    views = [(model, f"view_{model._meta.model_name}") for model in models]
    corrections: list[tuple[type[Model], str]] = [
        (Conversation, "change_conversation"),
        (Memory, "change_memory"),
        (Memory, "redraw_memory"),
        (Message, "change_message"),
        *((Message, name.removeprefix("parley.")) for name in (REDACT, EXPORT)),
    ]
    return {READERS: views, EDITORS: [*views, *corrections]}


class Command(StoreCommand):
    help = f"Make the groups “{READERS}” and “{EDITORS}”, or give them what they lack; takes nothing away."

    def handle(self, *args: Any, **options: Any) -> None:
        groups = Group.objects.using(write_database(Group))
        for name, wanted in permissions().items():
            group, is_new = groups.get_or_create(name=name)
            held = set(group.permissions.all())
            missing = [right for pair in wanted if (right := _permission(*pair)) not in held]
            group.permissions.add(*missing)
            given = ", ".join(permission.codename for permission in missing) or "nothing new"
            self.stdout.write(f"{'Made' if is_new else 'Found'} {name}: {given}.")


def _permission(model: type[Model], codename: str) -> Permission:
    using = write_database(Permission)
    content_type = ContentType.objects.db_manager(using).get_for_model(model)
    permission = Permission.objects.using(using).filter(content_type=content_type, codename=codename).first()
    if permission is None:
        raise CommandError(f"There is no permission {codename} yet: run migrate first.")
    return permission
