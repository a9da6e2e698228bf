"""Where the rectangles of a chart are."""

import pytest

from messaging.admin.dashboard.charts import bar_chart, scale_top


@pytest.mark.parametrize(
    ("largest", "top"),
    [(0, 2), (1, 2), (2, 2), (3, 4), (7, 8), (10, 10), (11, 20), (99, 100), (101, 200), (999_999, 1_000_000)],
)
def test_the_scale_ends_at_a_round_number(largest: int, top: int):
    assert scale_top(largest) == top


def test_segments_stand_on_one_another_from_the_bottom():
    chart = bar_chart([(30, 0, 50, 20)])
    assert [(one.series, one.y, one.height) for one in chart.bars[0].segments] == [
        (0, 140, 60),
        (2, 40, 100),
        (3, 0, 40),
    ]


@pytest.mark.parametrize("rows", [[(1, 2, 4)], [(5, 5), (1_000_000, 0), (0, 3)], [(7,)] * 366])
def test_heights_add_up_to_the_share_of_the_scale(rows: list[tuple[int, ...]]):
    chart = bar_chart(rows)
    for bar in chart.bars:
        height = sum(segment.height for segment in bar.segments)
        assert height == pytest.approx(chart.height * bar.total / chart.top, abs=0.01)


@pytest.mark.parametrize("count", [1, 7, 31, 366])
def test_bars_share_the_width_without_touching(count: int):
    chart = bar_chart([(1,)] * count)
    edges = [edge for bar in chart.bars for edge in (bar.x, bar.x + bar.width)]
    assert edges == sorted(edges)
    assert edges[0] > 0
    assert edges[-1] < chart.width


def test_beside_a_spike_the_others_are_small_but_there():
    quiet, spike = bar_chart([(1,), (1_000_000,)]).bars
    assert spike.segments[0].y == 0
    assert quiet.segments[0].value == 1


@pytest.mark.parametrize("rows", [[], [(0, 0)], [()]])
def test_nothing_makes_an_empty_chart(rows: list[tuple[int, ...]]):
    chart = bar_chart(rows)
    assert chart.is_empty
    assert not [segment for bar in chart.bars for segment in bar.segments]
