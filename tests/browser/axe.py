"""axe-core: the rules of accessibility that a program can check."""

import json
from functools import cache
from typing import Any

from playwright.sync_api import Page

from tests.browser.chromium import missing
from tests.e2e.server import ROOT

FILE = ROOT / ".tools" / "node_modules" / "axe-core" / "axe.min.js"
GRAVE = ("serious", "critical")
# Found in markup of Django itself, which is not ours to change: (rule, beginning of its target, why).
DJANGOS: tuple[tuple[str, str, str], ...] = ()


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
        f"{rule['id']} ({rule['impact']}): {rule['help']}: {json.dumps(node['target'])} {node['html'][:200]}"
        for rule in found
        if rule["impact"] in GRAVE
        for node in rule["nodes"]
        if not _is_djangos(rule["id"], " ".join(map(str, node["target"])))
    ]


def _is_djangos(rule: str, target: str) -> bool:
    return any(rule == known and target.startswith(beginning) for known, beginning, _ in DJANGOS)
