"""Who holds how much of the critical path, over many traces."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.critical_shares import (
    HopKey,
    PathSample,
    compare_shares,
    critical_shares,
    sample_path,
)
from model.span import SpanKind
from model.trace import assemble
from tests.model.bookinfo import TRACE_ID, bookinfo_spans

A = HopKey("a", "get", "app", SpanKind.SERVER)
B = HopKey("b", "get", "client sidecar", SpanKind.CLIENT)


def sample(number: int, **held: int) -> PathSample:
    keys = {"a": A, "b": B}
    return PathSample(
        f"{number:032x}", sum(held.values()), {keys[name]: ns for name, ns in held.items()}
    )


def test_a_trace_gives_each_hop_what_it_held_and_all_of_it_together() -> None:
    trace = assemble(TRACE_ID, bookinfo_spans())

    path = sample_path(trace)

    assert (50_000_000, 50_000_000) == (path.total_ns, sum(path.held_ns.values()))
    assert {"gateway", "upstream attempt", "server sidecar", "client sidecar"} == {
        key.hop for key in path.held_ns
    }


def test_a_span_that_is_not_stored_holds_its_part_as_missing() -> None:
    orphans = [replace(span, trace_id=TRACE_ID) for span in bookinfo_spans()[3:4]]

    path = sample_path(assemble(TRACE_ID, orphans))

    assert {"client sidecar"} == {key.hop for key in path.held_ns}
    two = [orphans[0], replace(orphans[0], span_id="f" * 16, start_ns=orphans[0].start_ns + 10**7)]
    assert {"client sidecar", "missing"} == {
        key.hop for key in sample_path(assemble(TRACE_ID, two)).held_ns
    }


def test_shares_are_of_the_time_of_the_band_and_means_per_trace_of_it() -> None:
    found = critical_shares([sample(1, a=10), sample(2, a=10, b=20)])

    assert (0.5, 10.0, 2) == (
        found.all.hop(A).share,
        found.all.hop(A).mean_ns,
        found.all.hop(A).traces,
    )
    assert (0.5, 10.0, 1) == (
        found.all.hop(B).share,
        found.all.hop(B).mean_ns,
        found.all.hop(B).traces,
    )


def test_the_slowest_twentieth_and_the_middle_tenth_are_judged_apart() -> None:
    fast = [sample(number, a=100 + number) for number in range(38)]
    slow = [sample(100 + number, a=100, b=900 + number) for number in range(2)]

    found = critical_shares([*slow, *fast])

    assert (40, 4, 2) == (found.all.traces, found.typical.traces, found.slowest.traces)
    assert (0.0, 900.5) == (found.typical.hop(B).mean_ns, found.slowest.hop(B).mean_ns)
    assert slow[1].trace_id == found.slowest.slowest_trace_id
    assert [B, A] == found.hops()


def test_nothing_is_nothing() -> None:
    found = critical_shares([])

    assert (0, 0, 0, []) == (
        found.all.traces,
        found.typical.traces,
        found.slowest.traces,
        found.hops(),
    )


def test_what_got_slower_comes_first_and_what_went_is_there_too() -> None:
    before = critical_shares([sample(1, a=10, b=5)])
    after = critical_shares([sample(2, a=40)])

    found = compare_shares(after, before)

    assert [(A, 30.0), (B, -5.0)] == [(each.key, each.slowest_ns) for each in found]
    assert [pytest.approx(1 / 3), pytest.approx(-1 / 3)] == [each.slowest_share for each in found]


@given(st.lists(st.tuples(st.integers(0, 10**9), st.integers(0, 10**9)), min_size=1, max_size=60))
def test_the_shares_of_every_band_add_up_to_one(held: list[tuple[int, int]]) -> None:
    samples = [sample(number, a=a, b=b) for number, (a, b) in enumerate(held)]

    found = critical_shares(samples)

    for band in (found.all, found.typical, found.slowest):
        total = sum(hop.share for hop in band.hops.values())
        assert pytest.approx(1.0 if band.most_ns else 0.0) == total
        assert pytest.approx(band.mean_ns) == sum(hop.mean_ns for hop in band.hops.values())
    assert found == critical_shares(reversed(samples))
