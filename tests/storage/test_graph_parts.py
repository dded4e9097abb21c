"""Parts of the graph's storage that can be looked at alone: covers, keys, and their bound."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from model.graph.calls import Sampling
from model.graph.edge import EdgeKey, OperationKey, Protocol, Via
from model.graph.histogram import Histograms
from model.graph.measures import Measures
from model.graph.place import Place, PlaceKind
from model.span import SpanKind, StatusCode
from storage.config import RollupConfig
from storage.graph.allowance import Allowance
from storage.graph.cover import Cover, cover, joined, runs
from storage.graph.histogram_bytes import pack
from storage.graph.key_limit import OTHER, limited, reduced_edge, reduced_operation
from storage.graph.keys import KeyTable, key_text
from storage.graph.state import RollupState
from storage.graph.sums import KeptRuns, PeriodSum, total
from storage.rollup_schema import HOUR_NS, MINUTE_NS, WIDTHS_NS

_TEN_NS = 10 * MINUTE_NS
_CART = Place(PlaceKind.WORKLOAD, "east", "shop", "cart", "v1", "cart-v1", "cart.shop")


def _state(
    minutes: range, stale: tuple[int, ...] = (), frozen: int = 0, expired: int = 0
) -> RollupState:
    """The state after minutes with traces were rolled up; times are numbers of minutes."""
    starts = np.array(minutes, np.int64) * MINUTE_NS
    wrong = np.array(stale, np.int64) * MINUTE_NS
    rolled = {width: np.unique(starts - starts % width) for width in WIDTHS_NS}
    for width in WIDTHS_NS[1:]:
        rolled[width] = np.setdiff1d(rolled[width], wrong - wrong % width)
    return RollupState(0, frozen * MINUTE_NS, expired * MINUTE_NS, rolled, rolled, wrong)


def _minutes(found: Cover) -> tuple[dict[int, list[int]], list[tuple[float, float]]]:
    """The cover in minutes: starts by width, and live ranges."""
    periods = {
        width // MINUTE_NS: (starts // MINUTE_NS).tolist()
        for width, starts in found.periods.items()
        if len(starts)
    }
    return periods, [(first / MINUTE_NS, last / MINUTE_NS) for first, last in found.live]


@pytest.mark.parametrize(
    ("state", "window", "periods", "live"),
    [
        (_state(range(120)), (0, 120), {60: [0, 60]}, []),
        (
            _state(range(120)),
            (0, 119),
            {60: [0], 10: [60, 70, 80, 90, 100], 1: [*range(110, 119)]},
            [],
        ),
        (_state(range(120)), (58.5, 61), {1: [59, 60]}, [(58.5, 59)]),
        (_state(range(3, 5)), (0, 60), {60: [0]}, []),
        (_state(range(1440)), (0, 1500), {1440: [0]}, []),
        (
            _state(range(60), (15,)),
            (0, 60),
            {10: [0, 20, 30, 40, 50], 1: [*range(10, 15), *range(16, 20)]},
            [(15, 16)],
        ),
        (_state(range(0), (7, 8, 10)), (0, 60), {}, [(7, 9), (10, 11)]),
        (_state(range(10)), (100, 200), {}, []),
        (_state(range(3), frozen=2), (0.5, 1.5), {1: [1]}, []),
        (_state(range(3), frozen=2), (1.5, 3), {1: [2]}, []),
        (_state(range(60, 120), expired=60), (30, 120), {60: [60]}, [(30, 60)]),
    ],
)
def test_a_window_is_covered_by_the_widest_periods_that_are_right(
    state: RollupState,
    window: tuple[float, float],
    periods: dict[int, list[int]],
    live: list[tuple[float, float]],
) -> None:
    found = cover(state, int(window[0] * MINUTE_NS), int(window[1] * MINUTE_NS))

    assert (periods, live) == _minutes(found)


def test_periods_that_follow_one_another_are_read_at_once() -> None:
    starts = np.array([0, 1, 2, 5, 7, 8]) * _TEN_NS

    assert [(0, 2 * _TEN_NS), (5 * _TEN_NS, 5 * _TEN_NS), (7 * _TEN_NS, 8 * _TEN_NS)] == runs(
        starts, _TEN_NS
    )
    assert [] == runs(starts[:0], HOUR_NS)
    assert [(0, 3), (4, 6)] == joined([(0, 1), (1, 3), (4, 5), (5, 6)])


def test_keys_have_a_text_that_tells_them_apart_and_stays_the_same() -> None:
    key = EdgeKey(
        source=_CART,
        destination=Place(PlaceKind.DATABASE, name="mysql:3306"),
        operation="SELECT é",
        protocol=Protocol.DATABASE,
        via=Via.WAYPOINT,
        mtls=False,
    )
    table = KeyTable(lambda schema: schema.graph.edge_keys, EdgeKey)

    assert (
        '{"source":{"kind":"workload","cluster":"east","namespace":"shop","service":"cart",'
        '"version":"v1","workload":"cart-v1","name":"cart.shop"},"destination":{"kind":"database",'
        '"name":"mysql:3306"},"operation":"SELECT é","protocol":"database","via":"waypoint",'
        '"mtls":false}'
    ) == key_text(key)
    ids = table.ids([key, replace(key, mtls=None), replace(key, mtls=True)])
    assert -6757646360050468438 == ids[0]
    assert 3 == len(set(ids.tolist()))


def _measures(calls: list[int]) -> Measures:
    return replace(Measures.zeros(len(calls)), calls=np.array(calls))


def test_a_table_with_few_keys_stays_as_it_is() -> None:
    keys = tuple(EdgeKey(_CART, _CART, operation=f"{n}") for n in range(3))
    measures = _measures([1, 2, 3])

    assert (keys, measures) == limited(keys, measures, reduced_edge, most=3)


def test_of_too_many_keys_the_rarest_lose_their_operation() -> None:
    keys = tuple(EdgeKey(_CART, _CART, operation=f"{n}") for n in range(10))

    kept, measures = limited(keys, _measures([*range(10)]), reduced_edge, most=6)

    assert ["9", "8", "7", OTHER] == [key.operation for key in kept]
    assert [9, 8, 7, 0 + 1 + 2 + 3 + 4 + 5 + 6] == measures.calls.tolist()


def test_of_too_many_places_the_rarest_become_one() -> None:
    hosts = [Place(PlaceKind.EXTERNAL, name=f"host-{n}") for n in range(50)]
    edges = tuple(EdgeKey(_CART, host) for host in hosts)
    callers = tuple(EdgeKey(host, _CART) for host in hosts)
    operations = tuple(
        OperationKey(host, "GET /", SpanKind.SERVER, StatusCode.UNSET) for host in hosts
    )
    counts = _measures([1] * 50)

    for keys, reduced, most in (
        (edges, reduced_edge, 6),
        (callers, reduced_edge, 6),
        (operations, reduced_operation, 6),
    ):
        kept, measures = limited(keys, counts, reduced, most)

        assert (4, 50) == (len(kept), measures.calls.sum())


def _sum(count: int) -> PeriodSum:
    return PeriodSum(np.arange(count), Measures.zeros(count))


def test_sums_are_kept_for_one_version_of_the_rows() -> None:
    sums: KeptRuns[PeriodSum] = KeptRuns()
    first, second = _sum(1), _sum(2)
    run = (HOUR_NS, 0, 5 * HOUR_NS)

    sums.keep(run, b"1", first)

    assert sums.get(run, b"1") is first
    assert sums.get(run, b"2") is None
    assert sums.get((HOUR_NS, 0, 4 * HOUR_NS), b"1") is None
    sums.keep(run, b"2", second)
    assert sums.get(run, b"2") is second
    assert sums.get(run, b"1") is None


def test_sums_of_several_runs_add_up_by_key() -> None:
    def calls(ids: list[int], counts: list[int]) -> PeriodSum:
        return PeriodSum(
            np.array(ids), replace(Measures.zeros(len(ids)), calls=np.array(counts, np.int64))
        )

    found = total((calls([1, 5], [10, 20]), calls([3, 5], [1, 2])))

    assert {1: 10, 3: 1, 5: 22} == dict(
        zip(found.ids.tolist(), found.measures.calls.tolist(), strict=True)
    )


def test_sums_that_were_not_asked_for_the_longest_are_dropped_first() -> None:
    one = _sum(10)
    sums: KeptRuns[PeriodSum] = KeptRuns(kept_bytes=2 * one.bytes)
    runs_of_hours = [(HOUR_NS, 0, number * HOUR_NS) for number in range(3)]
    for run in runs_of_hours[:2]:
        sums.keep(run, b"", one)
    assert sums.get(runs_of_hours[0], b"") is one

    sums.keep(runs_of_hours[2], b"", one)

    assert [one, None, one] == [sums.get(run, b"") for run in runs_of_hours]


@pytest.mark.parametrize(
    ("counts", "length"),
    [([1.0, 255.0], 2), ([1.0, 256.0], 4), ([65_536.0, 1.0], 8), ([1.5, 2.0], 16), ([2.0**32], 8)],
)
def test_counts_take_the_bytes_that_they_need(counts: list[float], length: int) -> None:
    packed = pack([_histogram([counts])])

    assert length == len(packed.counts[0].as_py())
    (unpacked,) = packed.grouped(np.array([0]), 1)
    assert counts == unpacked.counts.tolist()


def test_rows_of_any_widths_are_added_up_by_group() -> None:
    client = _histogram([[1, 2], [], [70_000], [0.25, 0.5, 1000]])
    server = _histogram([[], [5], [300, 4], []])
    groups = np.array([1, 0, 1, 1])

    found = pack([client, server]).grouped(groups, 3)

    for histograms, expected in zip(found, (client, server), strict=True):
        wanted = expected.grouped(groups, 3)
        assert wanted.offsets.tolist() == histograms.offsets.tolist()
        assert wanted.buckets.tolist() == histograms.buckets.tolist()
        assert wanted.counts.tolist() == histograms.counts.tolist()
        assert wanted.sums_ns.tolist() == histograms.sums_ns.tolist()


def test_no_row_at_all_is_no_histogram() -> None:
    (found,) = pack([_histogram([])]).grouped(np.array([], np.int64), 2)

    assert ([0, 0, 0], [], [0, 0]) == (
        found.offsets.tolist(),
        found.buckets.tolist(),
        found.sums_ns.tolist(),
    )


def _histogram(rows: list[list[float]]) -> Histograms:
    """Rows with these counts, in buckets from 300 down so that two bytes are needed."""
    lengths = [len(row) for row in rows]
    return Histograms(
        np.concatenate(([0], np.cumsum(lengths))).astype(np.int64),
        np.concatenate([np.arange(300 - n, 300) for n in lengths] or [[]]).astype(np.int32),
        np.array([count for row in rows for count in row], np.float64),
        np.arange(len(rows), dtype=np.float64),
    )


def test_an_allowance_is_spent_at_once_and_comes_back_slowly() -> None:
    now = [100.0]
    allowance = Allowance(10.0, 0.2, lambda: now[0])

    assert allowance.is_left()
    allowance.spend(9.0)
    assert allowance.is_left()
    allowance.spend(3.0)
    assert not allowance.is_left()
    now[0] += 9.9
    assert not allowance.is_left()
    now[0] += 0.2
    assert allowance.is_left()
    now[0] += 10_000
    assert allowance.is_left()
    allowance.spend(10.0)
    assert not allowance.is_left()


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"settle_ns": -1}, "settle_ns must not be negative"),
        ({"max_age_ns": 0}, "max_age_ns must be more than 0"),
        ({"sampling": Sampling(default=0.0)}, "'default': a probability is more than 0"),
        ({"sampling": Sampling(services={"cart": 1.5})}, "'cart': a probability .* got 1.5"),
    ],
)
def test_settings_that_make_no_sense_are_refused(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        RollupConfig(**settings)
