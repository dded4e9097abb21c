"""Numbers over time."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.graph.edge import EdgeKey
from model.graph.measures import EdgeTable, merge_edges
from model.graph.series import SeriesTable, heat_map, series_table, shown_latency
from tests.graph.bookinfo import DETAILS, PRODUCTPAGE, RATINGS, REVIEWS, edge
from tests.graph.tables import CallGroup, edge_table

TO_DETAILS, TO_RATINGS = edge(PRODUCTPAGE, DETAILS), edge(REVIEWS[0], RATINGS)
NOTHING = merge_edges([])


def series(*tables: EdgeTable, limit: int = 10) -> SeriesTable[str]:
    return series_table(
        [(one.keys, one.measures) for one in tables],
        lambda key: key.destination.service if key.destination.service != "skip" else None,
        limit,
    )


def calls(key: EdgeKey, **group: float) -> EdgeTable:
    return edge_table([(key, group)])  # type: ignore[list-item] - members of CallGroup


def matrix(table: SeriesTable[str]) -> dict[str, list[int]]:
    rows = table.measures.calls.reshape(len(table.labels), table.steps).tolist()
    return dict(zip(table.labels, rows, strict=True))


def test_each_series_has_a_row_a_step_and_most_calls_come_first() -> None:
    table = series(
        calls(TO_DETAILS, calls=1), NOTHING, calls(TO_RATINGS, calls=9), calls(TO_DETAILS, calls=2)
    )

    assert {"ratings": [0, 0, 9, 0], "details": [1, 0, 0, 2]} == matrix(table)
    assert ("ratings", "details") == table.labels
    assert [9, 3] == table.totals.calls.tolist()


def test_series_beyond_the_limit_count_in_the_steps_of_all() -> None:
    table = series(calls(TO_DETAILS, calls=1), calls(TO_RATINGS, calls=9), limit=1)

    assert ({"ratings": [0, 9]}, True) == (matrix(table), table.truncated)
    assert [1, 9] == table.all_steps.calls.tolist()


def test_no_tables_and_empty_tables_are_no_series() -> None:
    assert ((), 0) == (series().labels, series().steps)
    assert ((), [0, 0]) == (
        series(NOTHING, NOTHING).labels,
        series(NOTHING, NOTHING).all_steps.calls.tolist(),
    )


def test_latency_is_the_callers_word_then_the_callees_then_the_lag() -> None:
    found = {
        name: shown_latency(calls(TO_DETAILS, **{f"{one}_ms": 5.0 for one in told}).measures)[0]
        for name, told in (
            ("all", ["client", "server", "lag"]),
            ("callee", ["server", "lag"]),
            ("message", ["lag"]),
            ("none", []),
        )
    }

    assert {"all": "client", "callee": "server", "message": "lag", "none": "server"} == found


def test_a_heat_map_has_the_buckets_between_the_least_and_the_greatest_duration() -> None:
    table = series(
        calls(TO_DETAILS, calls=3, client_ms=1), NOTHING, calls(TO_DETAILS, calls=2, client_ms=2)
    )
    found = heat_map(table.all_steps.client)

    # Eight buckets to each doubling.
    assert 9 == len(found.upper_bounds_ns)
    assert ([3.0, *[0.0] * 8], [0.0] * 9, [*[0.0] * 8, 2.0]) == tuple(map(list, found.counts))
    assert 1e6 <= found.upper_bounds_ns[0] <= 1.1e6


def test_a_heat_map_of_nothing_has_no_buckets() -> None:
    found = heat_map(series(NOTHING, NOTHING).all_steps.client)

    assert ((), ((), ())) == (found.upper_bounds_ns, found.counts)


@given(
    st.lists(
        st.lists(
            st.tuples(
                st.sampled_from([edge(PRODUCTPAGE, one) for one in (DETAILS, RATINGS, *REVIEWS)]),
                st.integers(1, 4).map(lambda count: CallGroup(calls=count, client_ms=count)),
            ),
            max_size=5,
        ),
        max_size=5,
    )
)
def test_steps_add_up_to_the_whole(
    steps: list[list[tuple[EdgeKey, CallGroup]]],
) -> None:
    table = series(*(edge_table(groups) for groups in steps))
    expected: dict[str, int] = {}
    for key, group in (pair for groups in steps for pair in groups):
        service = key.destination.service
        expected[service] = expected.get(service, 0) + group["calls"]

    assert expected == {label: sum(row) for label, row in matrix(table).items()}
    assert expected == dict(zip(table.labels, table.totals.calls.tolist(), strict=True))
    assert sum(expected.values()) == pytest.approx(
        sum(sum(step) for step in heat_map(table.all_steps.client).counts)
    )
