"""Histograms hold what went in, add up in any order, and answer within 5 % of exact."""

import math

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from model.graph import histogram
from model.graph.histogram import Histograms, bucket_bounds_ns, bucket_numbers

DURATIONS = st.integers(min_value=0, max_value=2**62)
MEASURABLE = st.integers(min_value=1_000, max_value=2**62)
ROWS = 4
ENTRIES = st.lists(
    st.tuples(DURATIONS, st.integers(-1, ROWS - 1), st.sampled_from([1.0, 2.0, 8.0]))
)
GROUPS = st.lists(st.integers(-1, 2), min_size=ROWS, max_size=ROWS)


def histograms(entries):
    durations, rows, weights = zip(*entries, strict=True) if entries else ((), (), ())
    return Histograms.of(
        np.array(durations, np.int64), np.array(rows, np.int64), ROWS, np.array(weights, float)
    )


def contents(histograms):
    """What every row holds, as plain values."""
    bounds = zip(histograms.offsets[:-1].tolist(), histograms.offsets[1:].tolist(), strict=True)
    return [
        (
            dict(
                zip(
                    histograms.buckets[first:end].tolist(),
                    histograms.counts[first:end].tolist(),
                    strict=True,
                )
            ),
            pytest.approx(total),
        )
        for (first, end), total in zip(bounds, histograms.sums_ns.tolist(), strict=True)
    ]


@given(DURATIONS)
@example(1_000)
@example(1_024_000)
def test_a_duration_is_above_the_bound_below_its_bucket_and_at_most_the_bound_of_its_bucket(
    duration,
):
    bucket = bucket_numbers(np.array([duration]))
    below, bound = bucket_bounds_ns(bucket - 1)[0], bucket_bounds_ns(bucket)[0]
    assert duration <= bound * (1 + 1e-12)
    assert duration > below * (1 - 1e-12) or bucket[0] == 0


@pytest.mark.parametrize(
    ("duration_ns", "bucket"),
    [(0, 0), (1, 0), (1_000, 0), (1_001, 1), (2_000, 8), (2_001, 9), (1_000_000, 80)],
)
def test_bounds_belong_to_the_bucket_below_them(duration_ns, bucket):
    assert [bucket] == bucket_numbers(np.array([duration_ns])).tolist()


def test_durations_that_nobody_told_and_rows_left_out_are_not_counted():
    held = Histograms.of(np.array([5_000, -1, 7_000]), np.array([0, 0, -1]), 2)
    assert [1.0, 0.0] == held.totals().tolist()
    assert [5_000.0, 0.0] == held.sums_ns.tolist()


@given(ENTRIES)
def test_totals_and_sums_are_those_of_the_weighted_durations(entries):
    held = histograms(entries)
    assert [
        sum(weight for _, row, weight in entries if row == wanted) for wanted in range(ROWS)
    ] == held.totals().tolist()
    assert [
        pytest.approx(sum(duration * weight for duration, row, weight in entries if row == wanted))
        for wanted in range(ROWS)
    ] == held.sums_ns.tolist()


@given(ENTRIES, ENTRIES, ENTRIES)
def test_adding_up_knows_no_order_and_no_grouping(one, two, three):
    rows = np.tile(np.arange(ROWS), 2)

    def added(left, right):
        return Histograms.concatenated([left, right]).grouped(rows, ROWS)

    a, b, c = histograms(one), histograms(two), histograms(three)
    assert contents(added(a, b)) == contents(added(b, a))
    assert contents(added(added(a, b), c)) == contents(added(a, added(b, c)))
    assert contents(histograms(one + two + three)) == contents(added(added(a, b), c))


@given(ENTRIES, GROUPS)
def test_grouping_rows_equals_building_with_the_groups(entries, groups):
    regrouped = [
        (duration, -1 if row < 0 else groups[row], weight) for duration, row, weight in entries
    ]
    expected = contents(histograms(regrouped))[:3]
    assert expected == contents(histograms(entries).grouped(np.array(groups), 3))


@given(ENTRIES, GROUPS)
def test_adding_many_sparse_rows_equals_adding_few(entries, groups):
    few = histograms(entries).grouped(np.array(groups), 3)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(histogram, "_DENSE_CELLS", -1)
        wide = np.where(np.array(groups) < 0, -1, np.array(groups) * 10_000)
        many = histograms(entries).grouped(wide, 20_001)
    assert contents(few) == contents(many.take(np.array([0, 10_000, 20_000])))
    assert many.totals().sum() == few.totals().sum()


@given(ENTRIES, st.lists(st.integers(0, ROWS - 1)))
def test_taken_rows_are_the_rows_in_the_order_asked_for(entries, rows):
    held = histograms(entries)
    every = contents(held)
    assert [every[row] for row in rows] == contents(held.take(np.array(rows, np.int64)))


@given(st.lists(MEASURABLE, min_size=1), st.floats(0, 1))
@example([1_000], 0.5)
@example([5_000, 5_000, 9_000, 9_000], 0.5)
def test_a_quantile_is_within_5_percent_of_the_exact_one(durations, q):
    exact = sorted(durations)[max(0, math.ceil(q * len(durations) - 1e-9) - 1)]
    held = Histograms.of(np.array(durations), np.zeros(len(durations), np.int64), 1)
    assert exact == pytest.approx(held.quantiles(q)[0], rel=0.05)


@given(st.lists(st.tuples(MEASURABLE, st.integers(1, 5)), min_size=1), st.floats(0, 1))
def test_a_weighted_quantile_is_that_of_each_duration_repeated(weighted, q):
    durations, weights = zip(*weighted, strict=True)
    row = np.zeros(len(weighted), np.int64)
    once = Histograms.of(np.array(durations), row, 1, np.array(weights, float))
    repeated = np.repeat(durations, weights)
    often = Histograms.of(repeated, np.zeros(len(repeated), np.int64), 1)
    assert often.quantiles(q).tolist() == once.quantiles(q).tolist()


def test_rows_without_durations_have_no_quantile_and_no_mean():
    held = Histograms.of(np.array([4_000, 6_000]), np.array([1, 1]), 3)
    assert [True, False, True] == np.isnan(held.quantiles(0.5)).tolist()
    assert [True, False, True] == np.isnan(held.means_ns()).tolist()
    assert 5_000.0 == held.means_ns()[1]
    assert np.isnan(Histograms.empty(2).quantiles(0.99)).all()


@pytest.mark.parametrize("q", [-0.1, 1.1, math.nan])
def test_a_quantile_out_of_range_is_refused(q):
    with pytest.raises(ValueError, match="from 0 to 1"):
        Histograms.empty(1).quantiles(q)


@given(st.lists(MEASURABLE), MEASURABLE)
def test_counts_below_a_bound_lie_between_those_of_the_buckets_around_it(durations, bound):
    held = Histograms.of(np.array(durations, np.int64), np.zeros(len(durations), np.int64), 1)
    below = held.counts_below([bound])[0, 0]
    assert sum(one <= bound / 1.0906 for one in durations) <= below + 1e-9
    assert sum(one <= bound * 1.0906 for one in durations) >= below - 1e-9


@given(st.lists(DURATIONS), st.lists(st.floats(0, 1e18)))
def test_counts_below_rise_with_the_bound_up_to_the_total(durations, bounds):
    held = Histograms.of(np.array(durations, np.int64), np.zeros(len(durations), np.int64), 1)
    below = held.counts_below([*sorted(bounds), math.inf])[0]
    assert (np.diff(below) >= 0).all()
    assert len(durations) == below[-1]


def test_counts_below_the_bound_of_a_bucket_are_exact():
    held = Histograms.of(np.array([1_000, 2_000, 4_000, 4_001]), np.array([0, 0, 0, 0]), 1)
    assert [[0.0, 1.0, 2.0, 3.0]] == held.counts_below([0, 1_000, 2_000, 4_000]).tolist()


def test_entries_know_their_row():
    held = Histograms.of(np.array([1_000, 2_000, 2_000, 9_000]), np.array([0, 2, 2, 2]), 3)
    assert [0, 2, 2] == held.rows.tolist()
    assert [0, 8, 26] == held.buckets.tolist()
    assert [1.0, 2.0, 1.0] == held.counts.tolist()
