"""The small parts of the finder: directions, probabilities, groups, who may be the same."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.graph.agreement import Subject, agreeing
from model.graph.ancestry import NONE
from model.graph.directions import Direction, direction_of
from model.graph.grouping import Combination, group
from model.graph.weights import probability_of_trace_state
from model.hosts import host_of_name, host_of_url, without_port
from model.span import SpanKind
from tests.graph.columns import class_of
from tests.model.graph.meshed import app, attempt, gateway, inbound, outbound, waypoint

INWARD = {"upstream_cluster": "inbound|9080||"}
OUTWARD = {"upstream_cluster": "PassthroughCluster"}


@pytest.mark.parametrize(
    ("span", "direction"),
    [
        (outbound(1, 0, "a", "b"), Direction.OUTBOUND),
        (outbound(1, 0, "a", "b", tags=INWARD), Direction.LOCAL),
        (inbound(1, 0, "a"), Direction.INBOUND),
        (inbound(1, 0, "a", tags=OUTWARD), Direction.OUTBOUND),
        (gateway(1, 0), Direction.INBOUND),
        (attempt(1, 0, "a", "b"), Direction.OUTBOUND),
        (waypoint(1, 0, "a"), Direction.INBOUND),
        (app(1, 0, "a", SpanKind.SERVER, tags=OUTWARD), Direction.INBOUND),
        (app(1, 0, "a", SpanKind.CLIENT, tags=INWARD), Direction.OUTBOUND),
        (app(1, 0, "a", SpanKind.PRODUCER), Direction.OUTBOUND),
        (app(1, 0, "a", SpanKind.CONSUMER), Direction.INBOUND),
        (app(1, 0, "a", SpanKind.INTERNAL), Direction.LOCAL),
        (app(1, 0, "a", SpanKind.UNSPECIFIED), Direction.LOCAL),
    ],
)
def test_the_direction_is_the_kinds_but_for_two_listeners_of_sidecars(span, direction):
    assert direction == direction_of(class_of(span))


@pytest.mark.parametrize(
    ("trace_state", "probability"),
    [
        ("", None),
        ("ot=rv:1", None),
        ("x=th:8", None),
        ("ot=th:", None),
        ("ot=th:-8", None),
        ("ot=th:123456789abcdef", None),
        ("ot=th:0", 1.0),
        ("ot=th:8", 0.5),
        ("a=1, ot=rv:1;th:C", 0.25),
        ("ot=th:ffffffffffffff", 2**-56),
    ],
)
def test_the_threshold_of_a_tracestate_tells_the_probability(trace_state, probability):
    assert probability == probability_of_trace_state(trace_state)


@pytest.mark.parametrize("space", [10, 1 << 40])
def test_equal_codes_are_one_group(space):
    distinct, index = group(np.array([7, 3, 7, 9]), space)

    assert ([3, 7, 9], [1, 0, 1, 2]) == (distinct.tolist(), index.tolist())


def test_rows_are_told_apart_by_every_column_however_many_numbers_these_have():
    rows = Combination(4)
    rows.add("first", np.array([0, 1, 0, 0]), 1 << 40)
    rows.add("always", np.zeros(4, np.int64), 1)
    rows.add("second", np.array([5, 5, 5, 6]), 1 << 40)
    columns, index = rows.distinct()

    found = list(zip(columns["first"], columns["always"], columns["second"], strict=True))
    assert [(0, 0, 5), (1, 0, 5), (0, 0, 5), (0, 0, 6)] == [found[one] for one in index]
    assert 3 == len(found)


_words = st.sampled_from(["", "a", "b"])
_rows = st.tuples(st.integers(0, 1), st.builds(Subject, st.tuples(_words), _words, _words))


@given(st.lists(_rows, max_size=8), st.lists(_rows, max_size=8))
def test_offers_of_the_same_name_agree_where_a_part_is_not_known(offers, asks):
    def agree(one, other):
        return one == other or "" in (one, other)

    subjects = [one for _, one in (*offers, *asks)]
    expected = []
    for trace, asked in asks:
        values = [
            value
            for value, (other, offered) in enumerate(offers)
            if other == trace
            and asked.name == offered.name
            and agree(asked.namespace, offered.namespace)
            and agree(asked.cluster, offered.cluster)
        ]
        expected.append((min(values), max(values)) if values else (NONE, NONE))

    found = agreeing(
        (_column(trace for trace, _ in offers), _count(0, offers), _count(0, offers)),
        (_column(trace for trace, _ in asks), _count(len(offers), asks)),
        subjects,
    )

    assert expected == list(zip(*(column.tolist() for column in found), strict=True))


def _column(numbers):
    return np.fromiter(numbers, np.int64)


def _count(first, rows):
    return np.arange(first, first + len(rows))


def test_hosts_and_addresses_are_found_in_what_was_sent():
    assert "a.b.svc" == host_of_name("a.b.svc:80/x")
    assert "" == host_of_name("router a.b.svc egress")
    assert "api.example.com" == host_of_url("https://api.example.com:8443/x")
    assert "" == host_of_url("http://[::")
    assert ["10.0.0.1", "10.0.0.1", "fe80::1", "fe80::1"] == [
        without_port(one) for one in ("10.0.0.1", "10.0.0.1:80", "[fe80::1]:80", "fe80::1")
    ]
