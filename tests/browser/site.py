"""The service as a browser meets it, and the people of its staff."""

import subprocess
import sys

from tests.e2e.server import ROOT, Database

PASSWORD = "correct horse battery staple"
ADMIN = "admin"


def manage(store: Database, *command: str, **environment: str) -> None:
    """Run a command of the service's operator."""
    subprocess.run(
        [sys.executable, "manage.py", *command], cwd=ROOT, env=store.environment(**environment), check=True
    )


def static_files(store: Database) -> dict[str, str]:
    """Collect them, with the names they have in production; returns where they are."""
    where = {"STATIC_ROOT": str(store.folder / "static")}
    manage(store, "collectstatic", "--noinput", "-v0", **where)
    return where


def make_admin(store: Database) -> None:
    """One who may do everything."""
    names = ("--username", ADMIN, "--email", "admin@example.com")
    manage(store, "createsuperuser", "--noinput", "-v0", *names, DJANGO_SUPERUSER_PASSWORD=PASSWORD)


def make_member(store: Database, workspace_id: str) -> None:
    """Make the administrator a member of the workspace, who needs it no more than a row for the list."""
    lines = (
        "from django.contrib.auth import get_user_model",
        "from messaging.models import Membership",
        f"user = get_user_model().objects.get(username={ADMIN!r})",
        f"Membership.objects.create(user=user, workspace_id={workspace_id!r})",
    )
    manage(store, "shell", "-v0", "-c", "\n".join(lines))
