from typing import Any

from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.core.management.base import BaseCommand, CommandError

from messaging.kinds import kinds
from messaging.models import Conversation, Membership, Message
from messaging.rights import EXPORT, REDACT

READERS, EDITORS = "Parley readers", "Parley editors"


def permissions() -> dict[str, list[tuple[type[Any], str]]]:
    """What each group may do, as pairs of a model and a permission on it."""
    models: list[type[Any]] = [*kinds().values(), Membership]
    views = [(model, f"view_{model._meta.model_name}") for model in models]
    corrections: list[tuple[type[Any], str]] = [
        (Conversation, "change_conversation"),
        (Message, "change_message"),
        *((Message, name.removeprefix("parley.")) for name in (REDACT, EXPORT)),
    ]
    return {READERS: views, EDITORS: [*views, *corrections]}


class Command(BaseCommand):
    help = f"Make the groups “{READERS}” and “{EDITORS}”, or give them what they lack; takes nothing away."

    def handle(self, *args: Any, **options: Any) -> None:
        for name, wanted in permissions().items():
            group, is_new = Group.objects.get_or_create(name=name)
            held = set(group.permissions.all())
            lacking = [found for pair in wanted if (found := _permission(*pair)) not in held]
            group.permissions.add(*lacking)
            given = ", ".join(permission.codename for permission in lacking) or "nothing new"
            self.stdout.write(f"{'Made' if is_new else 'Found'} {name}: {given}.")


def _permission(model: type[Any], codename: str) -> Permission:
    found = Permission.objects.filter(
        content_type=ContentType.objects.get_for_model(model), codename=codename
    ).first()
    if found is None:
        raise CommandError(f"There is no permission {codename} yet: run migrate first.")
    return found
