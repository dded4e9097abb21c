"""Jaeger's adjusters, one by one and all in order (jaeger-api §10)."""

import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.jaeger.adjust import AdjustedSpan, adjust, readjust
from model.attributes import AttributeValue
from model.span import Event, Link, Resource, Scope, Span, SpanKind
from tests.api.jaeger.adjusting import (
    EMPTY,
    MS,
    SECOND,
    START,
    TRACE,
    adjusted,
    span,
    warnings,
)

# 1. Unique span ids


def test_a_server_with_its_clients_id_gets_its_own_below_it() -> None:
    client = span(1, kind=SpanKind.CLIENT)
    server = replace(span(1, at_ms=1, ms=5, kind=SpanKind.SERVER), name="server")
    child = span(3, parent=1, at_ms=2, ms=1)
    found = adjusted(client, server, child)
    new_id = found["server"].span.span_id

    assert client == found["span 1"].span
    assert client.span_id != new_id
    assert client.span_id == found["server"].span.parent_span_id
    assert new_id == found["span 3"].span.parent_span_id
    assert {} == warnings(found)


def test_a_new_id_stays_the_same_when_more_spans_arrive() -> None:
    client = span(1, kind=SpanKind.CLIENT)
    server = replace(span(1, at_ms=1, ms=5, kind=SpanKind.SERVER), name="server")
    first = adjusted(client, server)["server"].span.span_id

    assert (
        first == adjusted(server, span(2, parent=1, at_ms=1, ms=1), client)["server"].span.span_id
    )
    assert 16 == len(first)


@pytest.mark.parametrize(
    "kinds",
    [
        (SpanKind.CLIENT, SpanKind.CLIENT),
        (SpanKind.SERVER, SpanKind.SERVER),
        (SpanKind.SERVER, SpanKind.INTERNAL),
        (SpanKind.PRODUCER, SpanKind.CONSUMER),
    ],
)
def test_other_spans_that_share_an_id_are_ambiguous(kinds: tuple[SpanKind, SpanKind]) -> None:
    first, second = (replace(span(1, kind=kind), name=str(kind)) for kind in kinds)
    second = replace(second, name="second", start_ns=START + 1)
    found = adjusted(first, second)

    assert [{first.span_id}, {first.span_id}] == [{each.span.span_id} for each in found.values()]
    assert {"duplicate span IDs; skipping clock skew adjustment"} == {
        text for each in found.values() for text in each.warnings
    }


# 2. Sort and 3. deduplicate


def test_everything_is_in_one_order() -> None:
    resource = Resource({"z": 1, "host.name": "a"})
    first = span(
        2,
        at_ms=1,
        ms=1,
        resource=resource,
        scope=Scope("s", attributes={"b": 1, "a": 2}),
        attributes={"c": 1, "b": [2, 1], "a": 3},
        events=(Event(START + 5, "late"), Event(START + 2, "early", {"y": 1, "x": 2})),
        links=(Link(TRACE, "0" * 15 + "9", attributes={"n": 1, "m": 2}),),
    )
    second = span(1, at_ms=1, ms=1, resource=resource)
    found = adjust([first, second, span(3)], max_clock_skew_ns=0)
    sorted_one = found[2].span

    assert ["span 3", "span 1", "span 2"] == [each.span.name for each in found]
    assert ["a", "b", "c"] == list(sorted_one.attributes)
    assert ["host.name", "z"] == list(sorted_one.resource.attributes)
    assert ["a", "b"] == list(sorted_one.scope.attributes)
    assert ["early", "late"] == [event.name for event in sorted_one.events]
    assert ["x", "y"] == list(sorted_one.events[0].attributes)
    assert ["m", "n"] == list(sorted_one.links[0].attributes)
    assert found[1].span.resource is found[2].span.resource


def test_equal_spans_are_one() -> None:
    first = span(1, attributes={"nan": float("nan"), "a": 1})
    same = replace(first, attributes={"a": 1, "nan": float("nan")})
    found = adjust([first, same], max_clock_skew_ns=0)

    assert [((), "span 1")] == [(each.warnings, each.span.name) for each in found]


@pytest.mark.parametrize(
    "change",
    [
        {"attributes": {"a": True}},
        {"resource": Resource({"host.name": "b"})},
        {"scope": Scope("other")},
        {"duration_ns": 1},
    ],
)
def test_spans_that_differ_are_not_one(change: dict[str, object]) -> None:
    first = span(1, attributes={"a": 1})
    found = adjust([first, replace(first, **change)], max_clock_skew_ns=0)  # type: ignore[arg-type]

    assert 2 == len(found)


# 5. IP attributes


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0x0A000001, "10.0.0.1"),
        (-1, "255.255.255.255"),
        (2**32 + 1, "0.0.0.1"),
        (134744072.0, "8.8.8.8"),
        (0, "0.0.0.0"),
        ("10.0.0.1", "10.0.0.1"),
        (True, True),
        (float("inf"), float("inf")),
        ([1], [1]),
    ],
)
def test_addresses_are_text(value: AttributeValue, shown: AttributeValue) -> None:
    attributes = {"ip": value, "other": 7, "peer.ipv4": value}
    found = adjusted(span(1, attributes=attributes))["span 1"].span.attributes

    assert {"ip": shown, "other": 7, "peer.ipv4": shown} == found
    assert list(attributes) == list(found)


# 6. Library attributes


def test_what_tells_of_an_sdk_moves_to_the_resource() -> None:
    one = span(1, attributes={"telemetry.sdk.name": "otel", "a": 1, "telemetry.distro.name": "d"})
    two = span(2, 1)
    found = adjusted(one, two)
    expected = {"host.name": "a", "telemetry.distro.name": "d", "telemetry.sdk.name": "otel"}

    assert {"a": 1} == found["span 1"].span.attributes
    assert expected == found["span 1"].span.resource.attributes
    assert sorted(expected) == list(found["span 1"].span.resource.attributes)
    assert found["span 1"].span.resource is found["span 2"].span.resource
    assert {} == warnings(found)


@pytest.mark.parametrize("value", ["java", 7])
def test_a_contradiction_to_the_resource_stays_with_a_warning(value: AttributeValue) -> None:
    resource = Resource({"telemetry.sdk.language": "go" if value == "java" else 7})
    found = adjusted(span(1, attributes={"telemetry.sdk.language": value}, resource=resource))[
        "span 1"
    ]

    assert value == found.span.attributes["telemetry.sdk.language"]
    assert resource == found.span.resource
    assert (
        "conflicting values between Span and Resource for attribute telemetry.sdk.language",
    ) == found.warnings


def test_what_the_resource_says_already_is_dropped_from_the_span() -> None:
    resource = Resource({"telemetry.sdk.language": "go"})
    found = adjusted(span(1, attributes={"telemetry.sdk.language": "go"}, resource=resource))

    assert {} == found["span 1"].span.attributes
    assert {} == warnings(found)


# 7. Empty links


@pytest.mark.parametrize("nothing", [EMPTY, ""])
def test_links_to_nothing_are_dropped(nothing: str) -> None:
    kept = Link(TRACE, "0" * 15 + "9")
    found = adjusted(span(1, links=(Link(nothing, "1"), kept, Link(nothing, "2"))))["span 1"]

    assert ((kept,), ("Invalid span link removed",)) == (found.span.links, found.warnings)


# All of them

IDS = st.integers(1, 6)
ATTRIBUTES: st.SearchStrategy[dict[str, AttributeValue]] = st.dictionaries(
    st.sampled_from(["b", "a", "peer.ipv4", "telemetry.sdk.name", "telemetry.sdk.version"]),
    st.sampled_from(["x", "y", 7, float("nan")]),
    max_size=3,
)
SPANS = st.builds(
    span,
    IDS,
    st.integers(0, 7),
    at_ms=st.integers(-20, 20),
    ms=st.sampled_from([0, 1, 5, 7, 20, 21]),
    host=st.sampled_from(["", "a", "b"]),
    kind=st.sampled_from(SpanKind),
    attributes=ATTRIBUTES,
    events=st.lists(st.builds(Event, st.integers(START, START + 9), st.just("e"))).map(tuple),
    links=st.lists(st.builds(Link, st.sampled_from([TRACE, EMPTY]), st.just("1"))).map(tuple),
)
# The store holds one report for each identity and start (rule G1).
TRACES = st.lists(
    SPANS, max_size=9, unique_by=lambda each: (each.span_id, each.kind, each.start_ns)
)
LIMITS = st.sampled_from([0, 9 * MS, SECOND])


def texts(spans: list[AdjustedSpan]) -> list[str]:
    """What they are, in their order; equality would not know NaN."""
    return [repr(each) for each in spans]


@given(TRACES, LIMITS)
def test_adjusting_again_changes_nothing(spans: list[Span], limit: int) -> None:
    once = adjust(spans, max_clock_skew_ns=limit)

    assert texts(once) == texts(readjust(once, max_clock_skew_ns=limit))


@given(TRACES, LIMITS, st.randoms(use_true_random=False))
def test_the_order_of_spans_changes_nothing(
    spans: list[Span], limit: int, chance: random.Random
) -> None:
    shuffled = chance.sample(spans, len(spans))

    assert texts(adjust(spans, max_clock_skew_ns=limit)) == texts(
        adjust(shuffled, max_clock_skew_ns=limit)
    )


@given(TRACES)
def test_no_span_is_lost(spans: list[Span]) -> None:
    found = adjust(spans, max_clock_skew_ns=0)

    assert sorted(each.name for each in spans) == sorted(each.span.name for each in found)
