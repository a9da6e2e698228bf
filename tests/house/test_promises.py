"""The table of promises speaks of drills that exist, and of all of them."""

import re

from tests.e2e.figures import DATABASES, NOTHING, PAGE, drills, written

TABLE = """<!-- written by tests/e2e/figures.py -->

| drill | SQLite | PostgreSQL |
| --- | --- | --- |
{}
<!-- until here -->"""


def rows(page: str) -> list[str]:
    table = page.partition("<!-- written by tests/e2e")[2].partition("<!-- until here")[0]
    return re.findall(r"^\| (.+?) \|", table, re.M)[2:]


def test_every_drill_that_reports_has_its_row():
    page = PAGE.read_text()
    assert sorted(rows(page)) == sorted(set(drills()))
    assert written(page, {}) == page


def test_a_drill_that_did_not_run_keeps_its_figures():
    drill = drills()[0]
    page = TABLE.format(f"| {drill} | 1 ms | 2 ms |\n| a drill that is gone | 3 ms | 4 ms |\n")
    told = written(page, {drill: {"PostgreSQL": "5 ms"}})
    assert f"| {drill} | 1 ms | 5 ms |\n" in told
    assert "gone" not in told


def test_where_nothing_was_measured_nothing_is_said():
    assert f"| {drills()[0]} | {NOTHING} | {NOTHING} |" in written(TABLE.format(""), {})
    assert len(DATABASES) == 2
