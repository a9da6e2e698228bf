import secrets
from argparse import ArgumentParser
from typing import Any

from django.contrib.auth import get_user_model
from django.core.checks import Tags
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import connection

from config import demo
from messaging.models import Workspace
from messaging.services import create_api_key, create_workspace
from messaging.values.choices import Permission

WELCOME = """
Parley is ready for its first request. This key opens the demo workspace and is shown this once:

  {secret}

  curl -s 'http://{address}/api/v1/messages?limit=3' -H 'Authorization: Bearer {secret}'

  curl -s http://{address}/api/v1/messages -H 'Authorization: Bearer {secret}' \\
    -H 'Content-Type: application/json' -H 'Prefer: handling=strict' \\
    -d '{{"content": {{"content": "Hello, Parley!"}}}}'

Admin: http://{address}/admin/  user admin, password {password}  (also shown this once)
Docs:  http://{address}/api/docs
"""


class Command(BaseCommand):
    help = (
        "Bring the database up to date; on a first start also make a demo workspace, a key and a staff user."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--address", default="127.0.0.1:8000", help="where the service will listen")

    def handle(self, *args: Any, **options: Any) -> None:
        self.check(tags=[Tags.database], databases=[connection.alias])
        call_command("migrate", verbosity=0, interactive=False)
        if Workspace.objects.exists():
            self.stdout.write(f"Parley serves http://{options['address']}/ from {self._database()}.")
            return
        secret = self._demo_workspace()
        password = secrets.token_urlsafe(12)
        get_user_model().objects.create_superuser("admin", password=password)
        self.stdout.write(WELCOME.format(secret=secret, password=password, address=options["address"]))

    def _demo_workspace(self) -> str:
        """The demo with its conversations; returns the text of its key."""
        workspace = create_workspace(name="Demo", slug="demo")
        demo.fill(workspace.pk)
        _, secret = create_api_key(
            workspace_id=workspace.pk,
            label="Demo",
            permissions=Permission.values,
            owner_id="demo",
        )
        return secret

    def _database(self) -> str:
        return f"{connection.vendor} database {connection.settings_dict['NAME']}"
