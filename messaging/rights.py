"""What a person of the staff may see: the tenancy of the admin, as keys are that of the wires."""

from typing import Any

from .models import Membership, Workspace

__all__ = ["ACCESS_ALL", "EXPORT", "REDACT", "reachable_workspaces", "visible_to"]

ACCESS_ALL = "parley.access_all_workspaces"
REDACT = "parley.redact_message"
EXPORT = "parley.export_message"


def reachable_workspaces(user: Any) -> list[str] | None:
    """Ids of the workspaces that this user may see; None for all of them.

    Asked of the database once for each request, as the user is.
    """
    if user.has_perm(ACCESS_ALL):
        return None
    if not hasattr(user, "_parley_workspaces"):
        memberships = Membership.objects.filter(user=user.pk) if user.is_active else Membership.objects.none()
        user._parley_workspaces = sorted(memberships.values_list("workspace_id", flat=True))
    found: list[str] = user._parley_workspaces
    return found


def visible_to(user: Any, queryset: Any) -> Any:
    """The rows of `queryset`, workspaces or of a table with `workspace_id`, that this user may see."""
    reachable = reachable_workspaces(user)
    if reachable is None:
        return queryset
    column = "pk" if queryset.model is Workspace else "workspace_id"
    if len(reachable) == 1:  # an equality lets an index that begins with the workspace give the order too
        return queryset.filter(**{column: reachable[0]})
    return queryset.filter(**{f"{column}__in": reachable})
