"""Pages of the admin, asked for by a person who is logged in.

To add one is to add a line: its name, its path and its goal.
"""

from tests.bench.measuring import Subject
from tests.bench.scene import Scene

from .case import Case, get

__all__ = ["ADMIN"]

SECOND = 1_000
"""Milliseconds that a list may take at most."""


def admin_page(name: str, path: str, goal: float | None = None) -> Case:
    """A GET of a page below `/admin/`; names in braces are those of the scene."""

    page = f"/admin/{path}"

    def service(scene: Scene) -> Subject:
        return get(scene.person, page.format(**scene.names), None)

    return Case(name=f"admin: {name}", group="admin", service=service, page=page, goal=goal)


ADMIN = (
    admin_page("messages", "parley/message/", SECOND),
    admin_page("messages of a workspace", "parley/message/?workspace={workspace}", SECOND),
    admin_page("messages, text search", "parley/message/?q={rare}", SECOND),
    admin_page("a message", "parley/message/{message}/change/"),
    admin_page("conversations", "parley/conversation/", SECOND),
    admin_page("transcript of the large conversation", "parley/conversation/{large}/transcript/"),
    admin_page("transcript with tool calls", "parley/conversation/{thread}/transcript/"),
    admin_page("parts", "parley/part/"),
    admin_page("dashboard, a month", "parley/workspace/dashboard/?from=2025-06-01&to=2025-06-30", 300),
    admin_page("dashboard, the year", "parley/workspace/dashboard/?from=2025-01-01&to=2025-12-31", 300),
)
