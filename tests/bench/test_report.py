"""What a run prints: the table, its verdicts, and the comparison with an earlier run."""

from dataclasses import asdict, replace

import pytest

from tests.bench.growth import Growth
from tests.bench.report import changes, columns, number, table
from tests.bench.running import Figure

FIGURE = Figure(name="list", unit="ms", value=2.0, p99=3.0, cpu=1.5, floor=0.5, times_floor=4.0, goal=3.0)


@pytest.mark.parametrize(
    ("holds", "says"),
    [
        ((True, True), "goal, ratios"),
        ((False, True), "NOT goal, ratios"),
        ((None, False), "NOT ratios"),
        ((None, None), ""),
    ],
)
def test_goal_and_ratios_are_judged_apart(holds, says):
    figure = replace(FIGURE, goal_holds=holds[0], ratios_hold=holds[1])
    assert table([figure]).splitlines()[-1].split("|")[-2].strip() == says


def test_what_was_not_measured_is_left_blank():
    cells = [cell.strip() for cell in table([FIGURE]).splitlines()[-1].split("|")[1:-1]]
    assert cells == ["list", "2.00", "3.00", "1.50", "", "0.50", "4.00", "", "", "<= 3.00", ""]


def test_a_rate_shall_be_at_least_its_goal():
    assert ">= 1,500" in table([replace(FIGURE, unit="/s", goal=1_500.0)])


def test_columns_line_up():
    lines = columns(["a", "b"], [["long name", "1"], ["x", "1,000"]]).splitlines()
    assert len({len(line) for line in lines}) == 1


@pytest.mark.parametrize(("value", "text"), [(0.123, "0.12"), (12.34, "12.3"), (1234.5, "1,234"), (None, "")])
def test_numbers_have_three_digits_that_count(value, text):
    assert number(value) == text


def test_changes_are_told_figure_by_figure():
    earlier = {
        "machine": {"date": "yesterday"},
        "figures": [asdict(FIGURE), asdict(replace(FIGURE, name="gone"))],
    }
    told = changes([replace(FIGURE, value=1.0), replace(FIGURE, name="new")], earlier)
    assert "run of yesterday" in told
    assert "2.00 -> 1.00 (-50 %)" in told
    assert "gone" not in told and "new" not in told


def test_growth_is_to_the_smallest_size():
    growth = Growth("list", {100: 2.0, 1_000: 1.0, 10_000: 3.0}, dict.fromkeys((100, 1_000, 10_000), 100))
    assert (growth.ratio, growth.verdict) == (1.5, "yes")


def test_a_size_with_a_shorter_page_does_not_compare():
    growth = Growth("list", {100: 1.0, 1_000: 2.0, 10_000: 3.2}, {100: 10, 1_000: 100, 10_000: 100})
    assert (growth.ratio, growth.verdict) == (1.6, "NO")


def test_one_size_alone_says_nothing():
    growth = Growth("list", {100: 1.0, 1_000: 2.0}, {100: 10, 1_000: 100})
    assert (growth.ratio, growth.verdict) == (None, "")
