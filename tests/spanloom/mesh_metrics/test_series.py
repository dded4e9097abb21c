"""Series are bounded, rise only, and are forgotten when nothing is added to them."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from spanloom.mesh_metrics.observations import Definition, Observations
from spanloom.mesh_metrics.series import SeriesTable
from tests.spanloom.mesh_metrics.places import table_samples

COUNTER = Definition("made_up", "A counter.", ("place",))
HISTOGRAM = Definition("made_up_seconds", "A histogram.", ("place",), (1.0, 2.0))
LINES_OF_A_HISTOGRAM = 5  # two bounds, +Inf, sum, count


def observations(definition, *rows):
    """Rows are (label value, value, weight, trace)."""
    series = tuple(dict.fromkeys((row[0],) for row in rows))
    return Observations(
        definition,
        series,
        np.array([series.index((row[0],)) for row in rows], np.int64),
        np.array([row[1] for row in rows], np.float64),
        np.array([row[2] for row in rows], np.float64),
        np.array([(0, row[3]) for row in rows], np.uint64).reshape(-1, 2),
        np.array([row[3] for row in rows], np.int64) * 1_000_000_000,
    )


def values(table, name="made_up_total"):
    return {
        dict(labels)["place"]: value for labels, value in table_samples(table).get(name, {}).items()
    }


def exemplars(table):
    text = "".join([*table.lines(openmetrics=True), "# EOF\n"])
    return {
        (sample.name, sample.labels.get("le")): sample.exemplar
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.exemplar is not None
    }


ADDED = st.lists(
    st.lists(
        st.tuples(st.sampled_from("abcd"), st.floats(0, 3), st.floats(1, 8), st.integers(1, 9)),
        max_size=5,
    ),
    max_size=5,
)


@given(ADDED)
def test_no_sample_ever_falls(added):
    table = SeriesTable("", 12)
    before = {}
    for rows in added:
        table.add([observations(COUNTER, *rows), observations(HISTOGRAM, *rows)], 0)
        now = table_samples(table)
        for name, series in before.items():
            for labels, value in series.items():
                assert value <= now[name][labels]
        before = now


@given(ADDED, st.integers(0, 30))
def test_never_more_lines_are_served_than_allowed(added, limit):
    table = SeriesTable("", limit)
    for rows in added:
        table.add([observations(HISTOGRAM, *rows), observations(COUNTER, *rows)], 0)
    lines = sum(len(series) for series in table_samples(table).values())
    assert lines == len(table)
    assert lines <= limit


def test_series_beyond_the_limit_are_dropped_and_known_ones_go_on():
    table = SeriesTable("", 2)
    rows = [("a", 0, 1, 1), ("b", 0, 1, 1), ("c", 0, 1, 1), ("d", 0, 1, 1)]
    assert 2 == table.add([observations(COUNTER, *rows)], 0)
    assert 1 == table.add([observations(COUNTER, *rows[1:3])], 0)
    assert {"a": 1.0, "b": 2.0} == values(table)


def test_a_histogram_counts_as_all_its_lines():
    table = SeriesTable("", LINES_OF_A_HISTOGRAM)
    assert 0 == table.add([observations(HISTOGRAM, ("a", 0, 1, 1))], 0)
    assert 1 == table.add([observations(COUNTER, ("a", 0, 1, 1))], 0)
    assert LINES_OF_A_HISTOGRAM == len(table)


def test_stale_series_are_forgotten_and_make_room():
    table = SeriesTable("", 2)
    table.add([observations(COUNTER, ("a", 0, 5, 1), ("b", 0, 1, 1))], 10)
    table.add([observations(COUNTER, ("b", 0, 1, 1))], 20)
    table.expire(20)
    assert {"b": 2.0} == values(table)
    assert 0 == table.add([observations(COUNTER, ("a", 0, 1, 1))], 30)
    assert {"a": 1.0, "b": 2.0} == values(table)


def test_buckets_are_cumulated_and_hold_their_bounds():
    table = SeriesTable("", 100)
    rows = [("a", 0.5, 1, 1), ("a", 1.0, 2, 1), ("a", 1.5, 4, 1), ("a", 9.0, 8, 1)]
    table.add([observations(HISTOGRAM, *rows)], 0)
    buckets = table_samples(table)["made_up_seconds_bucket"]
    by_bound = {dict(labels)["le"]: value for labels, value in buckets.items()}
    assert {"1": 3.0, "2": 7.0, "+Inf": 15.0} == by_bound
    assert {"a": 15.0} == values(table, "made_up_seconds_count")
    assert {"a": 0.5 + 2 + 6 + 72} == values(table, "made_up_seconds_sum")


def test_the_newest_trace_is_the_exemplar_of_its_bucket():
    table = SeriesTable("", 100)
    table.add([observations(HISTOGRAM, ("a", 0.25, 1, 7), ("a", 0.5, 1, 5))], 0)
    table.add([observations(HISTOGRAM, ("a", 9.0, 1, 6))], 0)
    found = exemplars(table)
    assert {("made_up_seconds_bucket", "1.0"), ("made_up_seconds_bucket", "+Inf")} == found.keys()
    first = found["made_up_seconds_bucket", "1.0"]
    assert ({"trace_id": f"{7:032x}"}, 0.25, 7.0) == (
        first.labels,
        first.value,
        float(first.timestamp),
    )


def test_a_counters_exemplar_is_the_newest_trace_with_its_weight():
    table = SeriesTable("", 100)
    table.add([observations(COUNTER, ("a", 0, 4, 7), ("a", 0, 2, 5))], 0)
    (exemplar,) = exemplars(table).values()
    assert ({"trace_id": f"{7:032x}"}, 4.0) == (exemplar.labels, exemplar.value)


def test_names_have_the_prefix():
    table = SeriesTable("spanloom_", 100)
    table.add([observations(COUNTER, ("a", 0, 1, 1)), observations(HISTOGRAM, ("a", 0, 1, 1))], 0)
    assert all(name.startswith("spanloom_made_up") for name in table_samples(table))
