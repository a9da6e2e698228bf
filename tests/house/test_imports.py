"""Imports only go down: every room stands on the floors below its own, and no circle leads back."""

import pytest

from tests.house.imports import PRODUCT, circles, graph, imported, is_within, modules, names_in

# From the ground up. Rooms of one floor do not know each other.
FLOORS = (
    (
        "messaging",
        "messaging.conf",
        "messaging.exceptions",
        "messaging.signals",
        "threads",
    ),
    ("messaging.waits",),
    ("messaging.values", "messaging.storage"),
    ("messaging.sql",),
    ("messaging.index", "messaging.content"),
    ("messaging.models",),
    ("messaging.migrations", "threads.models", "messaging.rights", "messaging.replicas", "messaging.kinds"),
    ("messaging.changes",),
    ("threads.migrations", "messaging.services", "messaging.jobs"),
    ("messaging.jobs.upkeep",),
    ("messaging.transcript",),
    ("messaging.wire", "messaging.transfer", "messaging.reports", "messaging.webhooks", "messaging.backup"),
    ("messaging.memories.extracting",),
    ("messaging.memories", "messaging.memories.rules"),
    ("messaging.api", "threads.seekrflow", "threads.openai"),
    *[
        tuple(f"messaging.admin.{room}" for room in rooms.split())
        for rooms in (
            "typed log pages display web_content roles refusals",
            "tenancy",
            "forms",
            "lists",
            "actions",
            "transcript dashboard keys memberships read_only",
            "webhooks",
        )
    ],
    ("messaging.admin",),
    ("messaging.management", "messaging.templatetags", "messaging.checks", "messaging.testing"),
    ("messaging.apps", "threads.apps"),
    ("config",),
)
LEVEL = {room: number for number, rooms in enumerate(FLOORS) for room in rooms}
# Packages whose modules stand in rooms of their own; the package itself is no room for them.
HALLS = ("messaging", "threads")

FRAMEWORK = ("rest_framework", "django_filters", "drf_spectacular")
HTTP = (*FRAMEWORK, "django.http", "django.urls")
SPEAKS_HTTP = ("messaging.wire", "messaging.api", "threads.seekrflow", "threads.openai")

# (what imports, what it must not import, why): what the floors alone do not say.
NEVER = [
    ("messaging", ("threads",), "the store knows no further wire"),
    ("messaging.admin", ("messaging.wire", "messaging.api"), "a page is no wire"),
    ("messaging.management", ("messaging.api", "threads"), "a command speaks no vendor's HTTP"),
    *[(name, ("config", "tests"), "an app knows no site") for name in HALLS],
    ("config", ("tests",), "the service runs without its tests"),
    *[(room, HTTP, "models know no request") for room in ("messaging.models", "threads.models")],
    ("messaging.services", HTTP, "services know no request"),
    ("messaging.memories", HTTP, "what draws memories knows no request"),
    ("messaging.services", ("django.contrib.admin",), "services know no page"),
]


def room_of(name: str) -> str | None:
    """The room that a module stands in; None for one that has none."""
    rooms = [room for room in LEVEL if name == room or (room not in HALLS and is_within(name, (room,)))]
    return max(rooms, key=len, default=None)


def is_upward(importer: str, target: str) -> bool:
    here, there = room_of(importer), room_of(target)
    if here is None or there is None or here == there:
        return False
    return LEVEL[here] <= LEVEL[there]


def test_every_module_has_a_room():
    assert not {name for name in modules() if room_of(name) is None}


def test_imports_only_go_down():
    assert not [
        f"{importer} imports {target}"
        for importer, targets in graph().items()
        for target in sorted(targets)
        if is_upward(importer, target)
    ]


def test_no_circle_leads_back():
    assert not circles(graph())


@pytest.mark.parametrize(("importer", "forbidden", "reason"), NEVER)
def test_what_a_room_never_imports(importer, forbidden, reason):
    assert not [
        f"{name} imports {target}: {reason}"
        for name in modules()
        if is_within(name, (importer,))
        for target in imported(name)
        if is_within(target, forbidden)
    ]


@pytest.mark.parametrize("app", HALLS)
def test_only_the_wires_know_the_framework(app):
    assert not [
        f"{name} imports {target}"
        for name in modules()
        if is_within(name, (app,)) and not is_within(name, SPEAKS_HTTP)
        for target in imported(name)
        if is_within(target, FRAMEWORK)
    ]


@pytest.mark.parametrize("package", PRODUCT)
def test_nothing_is_imported_by_a_star(package):
    assert not [
        name
        for name in modules()
        if is_within(name, (package,)) and any(target.endswith(".*") for target in imported(name))
    ]


class TestReader:
    """What the rules above rest on."""

    def test_relative_imports_are_resolved(self):
        targets = set(imported("messaging.services.conversations"))
        assert {"messaging.models.Message", "django.utils.timezone"} <= targets
        assert any(target.startswith("messaging.services.") for target in targets)

    def test_imports_for_annotations_and_within_functions_count(self):
        source = "if TYPE_CHECKING:\n    from .models import Run\ndef late():\n    from . import services"
        assert list(names_in(source, "messaging")) == ["messaging.models.Run", "messaging.services"]

    def test_a_circle_is_noticed(self):
        tied = {"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}, "e": set()}
        assert circles(tied) == [["a", "b", "c"]]

    def test_an_arrow_upwards_is_noticed(self):
        assert is_upward("messaging.sql.rows", "messaging.models.message")
        assert is_upward("messaging.transfer.lines", "messaging.wire.view")
        assert not is_upward("messaging.api.urls", "messaging.wire.view")
