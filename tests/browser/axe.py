"""axe-core: the rules of accessibility that a program can check."""

import json
from functools import cache
from typing import Any

from playwright.sync_api import Page

from tests.browser.chromium import missing
from tests.e2e.server import ROOT

FILE = ROOT / ".tools" / "node_modules" / "axe-core" / "axe.min.js"
GRAVE = ("serious", "critical")
# Found in markup of Django itself, which is not ours to change: (rule, part of its target, why).
DJANGOS: tuple[tuple[str, str, str], ...] = (
    ("link-in-text-block", ".breadcrumbs", "told apart by colour alone, and by the marks between them"),
    (
        "label-title-only",
        "#searchbar",
        "labelled by the picture of a magnifying glass, whose text axe overlooks",
    ),
    ("label", ".select2-search__field", "select2 names the list that opens, not the text that narrows it"),
    ("aria-input-field-name", "select2-", "the same: the name is on the field that it replaces"),
)


@cache
def source() -> str:
    return FILE.read_text() if FILE.exists() else missing("axe-core is not installed")


def grave(page: Page) -> list[str]:
    """The serious and critical violations on a page, each with the elements that it was found in."""
    # Through the debugger, which the page's policy does not bind.
    page.evaluate(source())
    found: list[dict[str, Any]] = page.evaluate("axe.run(document, {resultTypes: ['violations']})")[
        "violations"
    ]
    return [
        f"{rule['id']}: {json.dumps(node['target'])} {node['failureSummary']} {node['html'][:200]}"
        for rule in found
        if rule["impact"] in GRAVE
        for node in rule["nodes"]
        if not _is_djangos(rule["id"], " ".join(map(str, node["target"])))
    ]


def _is_djangos(rule: str, target: str) -> bool:
    return any(rule == known and part in target for known, part, _ in DJANGOS)
