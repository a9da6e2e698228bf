"""`{% load parley_dashboard %}{% parley_dashboard %}`: the dashboard on any page of a host's admin."""

from typing import Any

from django import template

from messaging.admin.dashboard.page import dashboard_context
from messaging.models import Workspace

register = template.Library()


@register.inclusion_tag("admin/parley/dashboard_figures.html", takes_context=True)
def parley_dashboard(context: dict[str, Any], workspace: Workspace | None = None) -> dict[str, Any]:
    """The figures of all workspaces that the user may see, or of this one.

    Needs `request` in the context. Shows nothing to a user who may not see messages or this workspace.
    """
    return dashboard_context(context["request"], workspace)
