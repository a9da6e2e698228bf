"""Migrates the database of the environment and prints a key that may do everything in it."""

import os

import django

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()

    from django.core.management import call_command

    from messaging.services import create_api_key, create_workspace

    call_command("migrate", verbosity=0)
    workspace = create_workspace(name="The operator's own")
    permissions = ("read", "write", "agent", "admin")
    print(create_api_key(workspace_id=workspace.pk, label="operator", permissions=permissions)[1])
