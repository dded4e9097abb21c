"""Rules G1, G2 and G10 in columns: merged reports and their parents."""

from dataclasses import replace
from random import Random

import pytest

from model.graph.ancestry import NONE
from model.graph.forest import build_forest
from model.span import Link, SpanKind
from tests.graph.columns import columns_of
from tests.model.graph.meshed import inbound, outbound, span


def _parents(*spans):
    """Return each span's parent's id by its own and its side; "-" for an orphan."""
    columns = columns_of(spans)
    forest = build_forest(columns)
    ids = [f"{int(one) & (2**64 - 1):x}" for one in forest.span_id]
    kinds = [columns.classes[one].kind.name[0] for one in forest.span_class]
    names = [f"{one}{kind}" for one, kind in zip(ids, kinds, strict=True)]
    return {
        name: "-" if orphan else "" if parent == NONE else names[parent]
        for name, parent, orphan in zip(names, forest.parent, forest.is_orphan, strict=True)
    }


def test_a_parent_is_found_by_its_id_in_the_same_trace_only():
    spans = [outbound(1, 0, "a", "b"), inbound(2, 1, "b")]
    other = replace(inbound(3, 1, "b"), trace_id=f"{2:032x}")

    assert {"1C": "", "2S": "1C", "3S": "-"} == _parents(*spans, other)


def test_the_server_of_a_shared_id_is_the_clients_child_and_owns_the_children():
    spans = [outbound(1, 9, "a", "b"), inbound(1, 0, "b"), outbound(2, 1, "b", "c")]

    assert {"1C": "-", "1S": "1C", "2C": "1S"} == _parents(*spans)


def test_the_first_side_that_names_another_parent_speaks_for_a_shared_id():
    spans = [outbound(1, 1, "a", "b"), inbound(1, 5, "b"), inbound(5, 0, "a")]

    assert {"1C": "5S", "1S": "1C", "5S": ""} == _parents(*spans)


def test_a_span_that_names_itself_is_a_root():
    assert {"1S": ""} == _parents(inbound(1, 1, "a"))


def test_a_cycle_is_broken_at_its_earliest_span():
    spans = [
        inbound(3, 2, "a", start_ms=5),
        inbound(1, 3, "a", start_ms=7),
        inbound(2, 1, "a", start_ms=5),
        inbound(4, 1, "a"),
    ]

    # Spans 2 and 3 start together: the lesser id is the earlier.
    assert {"1S": "3S", "2S": "", "3S": "2S", "4S": "1S"} == _parents(*spans)


@pytest.mark.parametrize("high", [0, 0xFFFFFFFFFFFF0000])
def test_ids_that_begin_alike_are_told_apart(high):
    spans = [inbound(high + 1, 0, "a", start_ms=1), inbound(high + 2, high + 1, "a", start_ms=2)]
    spans += [inbound(high + 4, high + 3, "a", start_ms=3)]

    first, second, third = (f"{high + one:x}S" for one in (1, 2, 4))
    assert {first: "", second: first, third: "-"} == _parents(*spans)


def test_reports_of_one_span_merge_to_one_whatever_their_order():
    link = Link("a" * 32, "b" * 16)
    full = inbound(1, 0, "a", tags={"request_size": "3", "response_flags": "UH"}, start_ms=5)
    bare = replace(
        inbound(1, 7, "a", start_ms=4, duration_ms=2, error=True), links=(link,), attributes={}
    )
    for reports in ([full, bare, full], [bare, full, bare]):
        columns = columns_of(reports)
        forest = build_forest(columns)

        assert 1 == len(forest)
        assert "UH" == columns.classes[forest.span_class[0]].response_flags
        assert (4_000_000, 15_000_000, 3) == (
            int(forest.start_ns[0]),
            int(forest.end_ns[0]),
            int(forest.request_bytes[0]),
        )
        assert forest.error[0]
        assert (True, 7) == (forest.is_orphan[0], forest.missing_id[0])
        assert ["a" * 32] == [one.trace_id for one in forest.links[0]]


def test_the_main_root_is_the_earliest_span_that_sent_no_parent():
    spans = [inbound(1, 9, "a"), inbound(2, 0, "b", start_ms=8), inbound(3, 0, "b", start_ms=6)]
    forest = build_forest(columns_of(spans))

    assert 3 == forest.span_id[forest.main_root[0]]
    assert [NONE] == build_forest(columns_of(spans[:1])).main_root.tolist()


def test_a_chain_of_many_spans_is_as_deep_as_it_has_spans():
    count = 5_000
    spans = [
        span(number, number - 1, SpanKind.INTERNAL, "n", {}, {}) for number in range(1, count + 1)
    ]
    Random(1).shuffle(spans)
    forest = build_forest(columns_of(spans))

    assert count - 1 == forest.depth.max()
    assert {int(forest.main_root[0])} == set(forest.top.tolist())
