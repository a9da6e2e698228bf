"""Two tenants write and read, over the wires, in the admin and by commands; prints what was seen, as JSON."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from typing import Any

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.shards.settings"
django.setup()

from django.contrib.auth.models import Group, User  # noqa: E402  Django must be set up
from django.core.management import call_command  # noqa: E402
from django.db import connections  # noqa: E402
from django.test import Client, override_settings  # noqa: E402

from messaging.models import ApiKey, Conversation, Job, Message  # noqa: E402
from messaging.services import delete_conversation  # noqa: E402
from messaging.sql.databases import choose_database, on_database  # noqa: E402
from tests.cast import Tenant, make_tenant  # noqa: E402
from tests.shards.middleware import SHARDS  # noqa: E402

UPKEEP = ("recount_messages", "remove_expired", "remove_orphans", "fail_stale_runs", "fill_index_terms")


def command(name: str, *args: str, **options: Any) -> str:
    output = StringIO()
    call_command(name, *args, stdout=output, stderr=StringIO(), **options)
    return output.getvalue().strip()


def by_commands(folder: Path) -> dict[str, Any]:
    """Every command, in a project without a router: `--database` alone says where."""
    with override_settings(DATABASE_ROUTERS=[]):
        for alias in ("one", "two"):
            command("migrate", database=alias)
            command("issue_key", "--workspace", "copy", "--database", alias)
        with on_database("one"):
            tenant = make_tenant("source")
        export = str(folder / "export.jsonl")
        command("export_conversations", "-o", export, "--database", "one")
        command("import_conversations", export, "--workspace", "copy", "--database", "two")
        for name in (*UPKEEP, "create_staff_groups", "begin_epoch"):
            command(name, "--database", "two")
        command("run_worker", "--once", "--database", "two")
        seen: dict[str, Any] = {
            "imported": counts("two"),
            "jobs": Job.objects.using("two").exists(),
        }
        if connections["two"].vendor == "sqlite":  # elsewhere a backup is of all schemas
            seen |= brought_back("two", str(folder / "backup"))
        with on_database("one"):
            delete_conversation(workspace_id=tenant.workspace.pk, conversation_id=tenant.conversation.pk)
        seen |= {"last": counts("two"), "kept": counts("one")}
        return seen | {"groups": [Group.objects.using(alias).count() for alias in ("one", "two")]}


def brought_back(alias: str, backup: str) -> dict[str, Any]:
    """What a database holds after a loss, whose backup is restored then."""
    command("backup", backup, "--database", alias)
    with on_database(alias):
        lost = Conversation.objects.get()
        delete_conversation(workspace_id=lost.workspace_id, conversation_id=lost.pk)
    left = counts(alias)
    command("restore", backup, "--replace", "--no-input", "--database", alias)
    return {"left": left}


@contextmanager
def schemas() -> Iterator[None]:
    """Within, PostgreSQL has a schema for each alias; the extension lies where all of them see it."""
    if connections["default"].vendor != "postgresql":
        yield
        return
    with connections["default"].cursor() as cursor:
        cursor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm SCHEMA public")
        cursor.execute("CREATE SCHEMA one")
        cursor.execute("CREATE SCHEMA two")
    try:
        yield
    finally:
        connections.close_all()
        with connections["default"].cursor() as cursor:
            cursor.execute("DROP SCHEMA one, two CASCADE")


def counts(alias: str) -> list[int]:
    return [model.objects.using(alias).count() for model in (Conversation, Message)]


def tenants() -> dict[str, Tenant]:
    """One in each database, by the services."""
    made = {}
    for host, alias in SHARDS.items():
        with on_database(alias):
            made[host] = make_tenant(host.removesuffix(".example"))
            User.objects.create_superuser("staff")
    return made


def over_the_wires(host: str, tenant: Tenant, stranger: Tenant) -> dict[str, Any]:
    """What a caller of this host sees of both wires."""
    client = Client(headers={"host": host, "authorization": f"Bearer {tenant.secret}"})
    made = client.post("/v1/threads", {}, content_type="application/json").json()
    path = f"/v1/threads/{made['id']}"
    message = {"role": "user", "content": f"thread of {host}"}
    run = {"agent_id": "helper", "stream": False}
    foreign = client.get(
        f"/api/v1/conversations/{tenant.conversation.pk}",
        headers={"authorization": f"Bearer {stranger.secret}"},
    )
    sent = [
        client.post(
            "/api/v1/messages",
            {"content": {"content": f"hello {host}"}},
            content_type="application/json",
            headers={"idempotency-key": "once"},
        )
        for _ in range(2)
    ]
    return {
        "messages": [answer.status_code for answer in sent],
        "once": sent[0].json() == sent[1].json(),
        "thread": client.post(f"{path}/messages", message, content_type="application/json").status_code,
        "run": client.post(f"{path}/runs", run, content_type="application/json").status_code,
        "texts": sorted(item["content"] for item in client.get("/api/v1/messages?limit=50").json()["data"]),
        "foreign": foreign.status_code,
    }


def in_the_admin(host: str, tenant: Tenant) -> dict[str, Any]:
    """What staff of this host see; an export, which is read after the middleware returned, holds the rest."""
    client = Client(headers={"host": host})
    with on_database(SHARDS[host]):
        client.force_login(User.objects.get())
    page = client.get("/admin/parley/conversation/").content.decode()
    export: Any = client.post(
        "/admin/parley/conversation/",
        {"action": "export_as_jsonl", "_selected_action": [tenant.conversation.pk]},
    )
    lines = b"".join(export.streaming_content).splitlines()
    return {
        "list": [name for name in ("acme", "globex") if f"{name} opening hours" in page],
        "export": sorted(json.loads(line)["type"] for line in lines),
    }


def main() -> None:
    with schemas():
        see()


def see() -> None:
    """Prints what is seen."""
    seen: dict[str, Any] = {"commands": by_commands(Path(os.environ["SHARDS_FOLDER"]))}
    cast = tenants()
    before = {alias: counts(alias) for alias in SHARDS.values()}
    for host, tenant in cast.items():
        [stranger] = [other for name, other in cast.items() if name != host]
        seen[host] = over_the_wires(host, tenant, stranger) | in_the_admin(host, tenant)
    choose_database(None)
    seen["unknown host"] = Client(headers={"host": "nobody.example"}).get("/api/v1/messages").status_code
    seen["written"] = {
        alias: [now - then for now, then in zip(counts(alias), before[alias], strict=True)]
        for alias in before
    }
    seen["used"] = {
        alias: ApiKey.objects.using(alias).exclude(last_used_at=None).count() for alias in SHARDS.values()
    }
    seen["strays"] = connections["default"].introspection.table_names()
    print(json.dumps(seen))


if __name__ == "__main__":
    main()
