"""Pages of the admin, asked for by a person who is logged in.

To add one is to add a line: its name, its path and its goal.
"""

from tests.bench.measuring import Subject
from tests.bench.scene import Scene

from .case import Case, get

__all__ = ["ADMIN"]


def admin_page(name: str, path: str, goal: float | None = None) -> Case:
    """A GET of a page below `/admin/`; `{large}`, `{workspace}`, `{rare}` stand for what is in the scene."""

    page = f"/admin/{path}"

    def service(scene: Scene) -> Subject:
        return get(scene.person, page.format(**scene.names), None)

    return Case(name=f"admin: {name}", group="admin", service=service, page=page, goal=goal)


ADMIN = (
    admin_page("messages", "messaging/message/"),
    admin_page("messages, text search", "messaging/message/?q={rare}"),
    admin_page("conversations", "messaging/conversation/"),
)
