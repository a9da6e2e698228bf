"""Imports go one way: config -> threads -> messaging, and api -> wire -> services -> models within an app."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
APPS = [name for name in ("messaging", "threads") if (ROOT / name).exists()]
HTTP = ("rest_framework", "django_filters", "drf_spectacular", "django.http", "django.urls")

# (what imports, what it must not import, why)
RULES = [
    ("messaging", ("threads",), "the store knows no second wire"),
    ("messaging", ("config", "tests"), "an app knows no site"),
    ("threads", ("config", "tests"), "an app knows no site"),
    ("config", ("tests",), "the service runs without its tests"),
    *[
        rule
        for app in APPS
        for rule in (
            (
                f"{app}.models",
                (f"{app}.services", f"{app}.wire", f"{app}.api", *HTTP),
                "models are the floor",
            ),
            (f"{app}.services", (f"{app}.wire", f"{app}.api", *HTTP), "services know no request"),
            (f"{app}.services", ("django.contrib.admin",), "services know no page"),
            (f"{app}.wire", (f"{app}.api",), "wire knows no vendor"),
        )
    ],
]


def modules(name: str) -> Iterator[tuple[str, Path]]:
    """(dotted name, file) of every module at or below this one."""
    path = ROOT.joinpath(*name.split("."))
    for file in [path.with_suffix(".py")] if path.with_suffix(".py").exists() else sorted(path.rglob("*.py")):
        parts = file.relative_to(ROOT).with_suffix("").parts
        yield ".".join(parts).removesuffix(".__init__"), file


def imported(name: str, file: Path) -> Iterator[str]:
    """The dotted names that a module imports, at its top or inside a function."""
    package = name.split(".") if file.name == "__init__.py" else name.split(".")[:-1]
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            yield from (f"{module}.{alias.name}" for alias in node.names)


def is_within(name: str, packages: tuple[str, ...]) -> bool:
    return any(name == package or name.startswith(f"{package}.") for package in packages)


@pytest.mark.parametrize(("importer", "forbidden", "reason"), RULES)
def test_imports_go_one_way(importer, forbidden, reason):
    wrong = [
        f"{name} imports {target}: {reason}"
        for name, file in modules(importer)
        for target in imported(name, file)
        if is_within(target, forbidden)
    ]
    assert not wrong


@pytest.mark.parametrize("app", APPS)
def test_only_the_wire_and_the_api_know_the_framework(app):
    wrong = [
        f"{name} imports {target}"
        for name, file in modules(app)
        for target in imported(name, file)
        if is_within(target, HTTP[:3]) and not is_within(name, (f"{app}.wire", f"{app}.api"))
    ]
    assert not wrong


@pytest.mark.parametrize("app", APPS)
def test_nothing_is_imported_by_a_star(app):
    assert not [
        name for name, file in modules(app) if "*" in {t.split(".")[-1] for t in imported(name, file)}
    ]


def test_the_reader_of_imports_sees_them_all():
    """What the rules above rest on: relative imports are resolved."""
    targets = set(imported("messaging.services.conversations", ROOT / "messaging/services/conversations.py"))
    assert {"messaging.services.drafts.store", "messaging.models.Message", "django.utils.timezone"} <= targets
