"""The oracle of the queries agrees with a full scan."""

from __future__ import annotations

import random

import pytest

from bench.expected import Dataset
from bench.mesh import SpanDraft
from bench.spans import Round, build_template

BASE_NS, ROUND_NS = 1_800_000_000_000_000_000, 60 * 10**9


@pytest.fixture(scope="module")
def data() -> Dataset:
    template = build_template(traces=200, spans_per_request=512, round_ns=ROUND_NS, seed=3)
    return Dataset(template, seed=9, base_ns=BASE_NS, rounds=5)


def is_wanted(span: SpanDraft) -> bool:
    return span.pod.app == "ratings"


def scan(data: Dataset, from_ns: int, to_ns: int) -> list[str]:
    found = []
    for number in range(data.rounds):
        round_ = Round(data.seed, number, data.base_ns, data.template.round_ns)
        for trace in data.template.traces:
            starts = [span.start_ns + round_.shift_ns for span in trace.spans if is_wanted(span)]
            if any(from_ns <= start < to_ns for start in starts):
                found.append((trace.start_ns + round_.shift_ns, round_.trace_id(trace)))
    return [trace_id for _, trace_id in sorted(found, reverse=True)]


@pytest.mark.parametrize("seed", range(20))
def test_the_newest_matches_are_those_of_a_full_scan(data: Dataset, seed: int) -> None:
    rng = random.Random(seed)
    to_ns = rng.randrange(BASE_NS, data.end_ns + ROUND_NS)
    from_ns = to_ns - rng.randrange(2 * ROUND_NS)

    newest = data.newest(is_wanted, from_ns, to_ns, 20)

    assert [trace.trace_id for trace in newest] == scan(data, from_ns, to_ns)[:20]


def test_traces_are_numbered_from_the_oldest(data: Dataset) -> None:
    place = 3 * len(data.template.traces) + 7

    trace = data.trace(place)

    assert trace.trace_id == Round(9, 3, BASE_NS, ROUND_NS).trace_id(data.template.traces[7])
    assert len(trace.span_ids) == len(data.template.traces[7].spans)
