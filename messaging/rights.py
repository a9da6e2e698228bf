"""What a person of the staff may see: the tenancy of the admin, as keys are that of the wires."""

from typing import Any, Protocol, TypeVar

from django.db.models import QuerySet

from .models import Membership, Workspace

ACCESS_ALL = "parley.access_all_workspaces"
REDACT = "parley.redact_message"
EXPORT = "parley.export_message"
RUN_JOBS = "parley.run_job"

Rows = TypeVar("Rows", bound=QuerySet[Any])


class Person(Protocol):
    """What the admin needs of a user, whichever model of users a project has."""

    @property
    def pk(self) -> Any: ...
    @property
    def is_active(self) -> bool: ...
    def has_perm(self, perm: str, /) -> bool: ...


def reachable_workspaces(user: Person) -> list[str] | None:
    """Ids of the workspaces that this user may see; None for all of them.

    One statement for each request: the answer stays with the user, who is loaded for each request.
    """
    if user.has_perm(ACCESS_ALL):
        return None
    known: list[str] | None = getattr(user, "_parley_workspaces", None)
    if known is None:
        memberships = Membership.objects.filter(user=user.pk) if user.is_active else Membership.objects.none()
        known = sorted(memberships.values_list("workspace_id", flat=True))
        setattr(user, "_parley_workspaces", known)  # noqa: B010, a user of any model
    return known


def visible_to(user: Person, queryset: Rows) -> Rows:
    """The rows of `queryset`, workspaces or of a table with `workspace_id`, that this user may see."""
    reachable = reachable_workspaces(user)
    if reachable is None:
        return queryset
    column = "pk" if queryset.model is Workspace else "workspace_id"
    if len(reachable) == 1:  # an equality lets an index that begins with the workspace give the order too
        return queryset.filter(**{column: reachable[0]})
    return queryset.filter(**{f"{column}__in": reachable})
