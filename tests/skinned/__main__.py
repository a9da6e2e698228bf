"""Opens every page of the admin in the skin that SKIN names; prints what each answered, as JSON."""

import json
import os
from collections.abc import Iterator
from itertools import chain
from typing import Any

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.skinned.settings"
django.setup()

from django.contrib import admin  # noqa: E402  Django must be set up
from django.contrib.auth import get_user_model  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import setup_test_environment  # noqa: E402
from django.urls import reverse  # noqa: E402

from messaging.models import Membership  # noqa: E402
from tests.cast import Tenant, make_tenant  # noqa: E402
from tests.messaging.test_admin_walk import fill  # noqa: E402
from tests.walk import OURS, ids, paths, sections  # noqa: E402

Answers = Iterator[tuple[str, Any]]


def pages(client: Client, tenant: Tenant) -> Answers:
    """The statuses of each pattern with the id of each kind of row."""
    own = ids(tenant.workspace.pk)
    for pattern in chain(*sections().values()):
        yield pattern, [client.get(path).status_code for path in paths(pattern, own)]


def lists(client: Client) -> Answers:
    """The statuses of each list, searched, by each choice of its filters, and on the page of each action."""
    for model, model_admin in admin.site._registry.items():
        if model._meta.app_label not in OURS:
            continue
        path = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        page = client.get(path, {"q": "acme"})
        found = page.context["cl"]
        chosen = [choice for spec in found.filter_specs for choice in spec.choices(found)]
        queries = [choice.get("query_string", "?") for choice in chosen]
        yield f"filters of {path}", [client.get(path + query).status_code for query in queries]
        rows = [str(row.pk) for row in found.result_list]
        asked = [
            client.post(path, {"action": name, "_selected_action": rows}).status_code
            for name in model_admin.get_actions(page.wsgi_request)
        ]
        yield f"actions of {path}", asked


def main() -> None:
    setup_test_environment()
    call_command("migrate", verbosity=0)
    call_command("check", fail_level="ERROR")
    tenant = make_tenant("acme")
    fill(tenant, "acme")
    staff = get_user_model().objects.create_superuser("staff", email="staff@example.com", password="secret")
    Membership.objects.create(pk=765_432_101, user=staff, workspace=tenant.workspace)
    client = Client(raise_request_exception=False)
    client.force_login(staff)
    answers: dict[str, Any] = {**dict(pages(client, tenant)), **dict(lists(client))}
    skin = os.environ.get("SKIN") or "admin"
    wears = f"{skin}/" in client.get("/admin/").content.decode()
    print(json.dumps({"answers": answers, "wears": wears}))


if __name__ == "__main__":
    main()
