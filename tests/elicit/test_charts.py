"""Numbers become few points on round axes, and spikes survive."""

import math

from hypothesis import given
from hypothesis import strategies as st

from elicit import charts

FINITE = st.floats(min_value=-1e6, max_value=1e6, allow_nan=False)


def test_unknown_and_infinite_numbers_are_left_out_and_x_is_put_in_order() -> None:
    assert charts.finite_points([(2, 1.0), (1, None), (0, math.inf), (1, 3.0)]) == ((1.0, 3.0), (2.0, 1.0))


def test_downsampling_keeps_the_ends_and_a_single_spike() -> None:
    points = [(float(i), 0.0) for i in range(10_000)]
    points[5_001] = (5_001.0, 9.0)
    kept = charts.downsample(points)
    assert len(kept) <= charts.MOST_POINTS
    assert kept[0] == points[0] and kept[-1] == points[-1]
    assert (5_001.0, 9.0) in kept


@given(FINITE, FINITE)
def test_an_axis_covers_its_values_with_few_even_ticks(one: float, other: float) -> None:
    low, high = sorted((one, other))
    axis = charts.nice_axis(low, high)
    slack = 1e-6 * max(1.0, abs(low), abs(high))
    assert axis.low <= low + slack and axis.high >= high - slack
    assert 2 <= len(axis.ticks) <= 6
    assert axis.low < axis.high


def test_a_flat_line_has_an_axis() -> None:
    axis = charts.nice_axis(0.0, 0.0)
    assert axis.low < axis.high


def test_a_line_goes_up_when_the_numbers_do() -> None:
    axis = charts.Axis(low=0.0, high=10.0, ticks=(0.0, 10.0))
    assert charts.polyline([(0, 0), (10, 10)], x=axis, y=axis) == f"0.0,{charts.HEIGHT}.0 {charts.WIDTH}.0,0.0"


def test_intervals_stand_on_one_axis() -> None:
    rows = [charts.Interval("a", 50, 0, 100), charts.Interval("b", 25, 20, 30), charts.Interval("c", None, note="few")]
    chart = charts.interval_chart(rows, low=0, high=100)
    assert chart is not None and (chart.axis.low, chart.axis.high) == (0, 100)
    assert [row.mid for row in chart.rows] == ["300.0", "150.0", ""]
    assert (chart.rows[1].low, chart.rows[1].high) == ("120.0", "180.0")


def test_a_rule_beyond_the_axis_is_not_drawn() -> None:
    rows = [charts.Interval("a", 1.0, 0.5, 1.5)]
    near, far = charts.interval_chart(rows, rule=1.0), charts.interval_chart(rows, rule=90.0)
    assert near is not None and near.rule and far is not None and far.rule == ""


def test_intervals_without_numbers_are_no_chart() -> None:
    assert charts.interval_chart([charts.Interval("a", None)]) is None
