"""Structured filters: which of them a query can say, and which are refused."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.jaeger.filtered_search import filtered
from api.jaeger.filters import UnsupportedFilter
from api.jaeger.search import Search
from model.query import AttributeCondition, AttributeScope, Comparison
from model.span import SpanKind, StatusCode

ALL = Search(1_000, 2_000_000_000_000_000_000)
Node = dict[str, object]


def attr(key: str, level: str = "") -> Node:
    return {"attr": {"key": key, "level": level} if level else {"key": key}}


def field(name: str) -> Node:
    level, _, own = name.partition(".")
    return {"field": {"level": level, "name": own}}


def scalar(value: str, **hint: str) -> Node:
    return {"scalar": {"value": value, **hint}}


def values(*texts: str) -> Node:
    return {"list": {"values": texts}}


def call(op: str, *args: Node) -> Node:
    return {"op": op, "args": args}


def nested(op: str, *args: Node) -> Node:
    return {"call": call(op, *args)}


def narrowed(node: Node) -> Search:
    return filtered(ALL, json.dumps(node))


ANY, SPAN, RESOURCE = AttributeScope.ANY, AttributeScope.SPAN, AttributeScope.RESOURCE
EVENT, LINK, SCOPE = AttributeScope.EVENT, AttributeScope.LINK, AttributeScope.SCOPE


@pytest.mark.parametrize(
    ("node", "conditions"),
    [
        (call("eq", attr("k"), scalar("1")), [("k", Comparison.EQUAL, "1", ANY)]),
        (call("eq", scalar("1"), attr("k")), [("k", Comparison.EQUAL, "1", ANY)]),
        (call("eq", attr("k", "span"), scalar("1")), [("k", Comparison.EQUAL, "1", SPAN)]),
        (call("eq", attr("k", "resource"), scalar("")), [("k", Comparison.EQUAL, "", RESOURCE)]),
        (call("eq", attr("k", "scope"), scalar("1")), [("k", Comparison.EQUAL, "1", SCOPE)]),
        (call("eq", attr("k", "event"), scalar("1")), [("k", Comparison.EQUAL, "1", EVENT)]),
        (call("eq", attr("k", "link"), scalar("1")), [("k", Comparison.EQUAL, "1", LINK)]),
        (call("in", attr("k"), values("1")), [("k", Comparison.EQUAL, "1", ANY)]),
        (call("exists", attr("k")), [("k", Comparison.EXISTS, "", ANY)]),
        (call("gt", attr("k"), scalar("4")), [("k", Comparison.GREATER, "4", ANY)]),
        (call("gte", attr("k"), scalar("4")), [("k", Comparison.GREATER_OR_EQUAL, "4", ANY)]),
        (call("lt", attr("k"), scalar("4")), [("k", Comparison.LESS, "4", ANY)]),
        (call("lte", attr("k"), scalar("4")), [("k", Comparison.LESS_OR_EQUAL, "4", ANY)]),
        (call("gt", scalar("4"), attr("k")), [("k", Comparison.LESS, "4", ANY)]),
        (call("lte", scalar("4"), attr("k")), [("k", Comparison.GREATER_OR_EQUAL, "4", ANY)]),
        (
            call("ne", attr("k", "span"), scalar("1")),
            [("k", Comparison.EXISTS, "", SPAN), ("k", Comparison.NOT_EQUAL, "1", SPAN)],
        ),
        (
            call("not_in", attr("k", "event"), values("1", "2")),
            [
                ("k", Comparison.EXISTS, "", EVENT),
                ("k", Comparison.NOT_EQUAL, "1", EVENT),
                ("k", Comparison.NOT_EQUAL, "2", EVENT),
            ],
        ),
        (
            call("not", nested("eq", attr("k", "span"), scalar("1"))),
            [("k", Comparison.NOT_EQUAL, "1", SPAN)],
        ),
        (
            call("not", nested("not", nested("eq", attr("k"), scalar("1")))),
            [("k", Comparison.EQUAL, "1", ANY)],
        ),
        (
            call("not", nested("in", attr("k", "span"), values("1", "2"))),
            [("k", Comparison.NOT_EQUAL, "1", SPAN), ("k", Comparison.NOT_EQUAL, "2", SPAN)],
        ),
        (
            call("not", nested("exists", attr("k", "span"))),
            [("k", Comparison.NOT_EXISTS, "", SPAN)],
        ),
        (
            call(
                "not",
                nested(
                    "or",
                    nested("exists", attr("k", "span")),
                    nested("eq", attr("l", "link"), scalar("1")),
                ),
            ),
            [("k", Comparison.NOT_EXISTS, "", SPAN), ("l", Comparison.NOT_EQUAL, "1", LINK)],
        ),
        (
            call(
                "some",
                {"nested": {"level": "event"}},
                nested("eq", attr("k", "event"), scalar("1")),
            ),
            [("k", Comparison.EQUAL, "1", EVENT)],
        ),
        (
            call(
                "not",
                nested("some", {"nested": {"level": "link"}}, nested("exists", attr("k", "link"))),
            ),
            [("k", Comparison.NOT_EXISTS, "", LINK)],
        ),
        (
            call(
                "and",
                nested("eq", attr("a"), scalar("1")),
                nested(
                    "and", nested("eq", attr("b"), scalar("2")), nested("exists", attr("c", "span"))
                ),
            ),
            [
                ("a", Comparison.EQUAL, "1", ANY),
                ("b", Comparison.EQUAL, "2", ANY),
                ("c", Comparison.EXISTS, "", SPAN),
            ],
        ),
    ],
)
def test_conditions_on_attributes(
    node: Node, conditions: list[tuple[str, Comparison, str, AttributeScope]]
) -> None:
    expected = tuple(AttributeCondition(*condition) for condition in conditions)
    assert replace(ALL, conditions=expected) == narrowed(node)


@pytest.mark.parametrize(
    ("node", "expected"),
    [
        (call("eq", field("span.name"), scalar("GET /")), replace(ALL, operation="GET /")),
        (call("in", field("span.name"), values("GET /")), replace(ALL, operation="GET /")),
        (call("eq", field("resource.service"), scalar("reviews")), replace(ALL, service="reviews")),
        (call("eq", scalar("client"), field("span.kind")), replace(ALL, kind=SpanKind.CLIENT)),
        (
            call("eq", field("span.status"), scalar("error", type="string")),
            replace(ALL, status=StatusCode.ERROR),
        ),
        (call("eq", field("scope.name"), scalar("envoy")), replace(ALL, scope_name="envoy")),
        (call("eq", field("scope.version"), scalar("")), replace(ALL, scope_version="")),
        (
            call("gt", field("span.duration"), scalar("2s")),
            replace(ALL, min_duration_ns=2_000_000_001),
        ),
        (
            call("gte", field("span.duration"), scalar("2s")),
            replace(ALL, min_duration_ns=2_000_000_000),
        ),
        (
            call("lt", field("span.duration"), scalar("2s")),
            replace(ALL, max_duration_ns=1_999_999_999),
        ),
        (
            call("gte", scalar("2s"), field("span.duration")),
            replace(ALL, max_duration_ns=2_000_000_000),
        ),
        (
            call("eq", field("span.duration"), scalar("1us")),
            replace(ALL, min_duration_ns=1000, max_duration_ns=1000),
        ),
        (
            call(
                "and",
                nested("gt", field("span.duration"), scalar("1us")),
                nested("gt", field("span.duration"), scalar("3us")),
                nested("lt", field("span.duration"), scalar("9us")),
                nested("lte", field("span.duration"), scalar("8us")),
            ),
            replace(ALL, min_duration_ns=3001, max_duration_ns=8000),
        ),
        (
            call("gt", field("span.startTime"), scalar("2026-11-20T12:00:00.000000001Z")),
            replace(ALL, start_ns=1_795_176_000_000_000_002),
        ),
        (
            call("lt", field("span.startTime"), scalar("2026-11-20T13:00:00+01:00")),
            replace(ALL, end_ns=1_795_175_999_999_999_999),
        ),
    ],
)
def test_conditions_on_fields(node: Node, expected: Search) -> None:
    assert expected == narrowed(node)


KIND, DURATION = field("span.kind"), field("span.duration")


@pytest.mark.parametrize(
    ("node", "reason"),
    [
        (
            call("or", nested("exists", attr("a")), nested("exists", attr("b"))),
            "a choice between conditions (or)",
        ),
        (
            call("not", nested("and", nested("exists", attr("a")), nested("exists", attr("b")))),
            "a choice between conditions (or)",
        ),
        (
            call("in", attr("a"), values("1", "2")),
            "in with several values: a choice between conditions",
        ),
        (call("regex", attr("a"), scalar("x.*")), "the operator regex"),
        (call("phrase", attr("a"), values("x")), "the operator phrase"),
        (call("fulltext", attr("a"), values("x")), "the operator fulltext"),
        (call("not", nested("gt", attr("a", "span"), scalar("1"))), "not around gt"),
        (call("not", nested("ne", attr("a", "span"), scalar("1"))), "not around ne"),
        (
            call("ne", attr("a"), scalar("1")),
            "a negated condition on 'a' without a level; give one",
        ),
        (
            call("not", nested("exists", attr("a"))),
            "a negated condition on 'a' without a level; give one",
        ),
        (
            call("eq", attr("a"), scalar("1", type="int")),
            (
                "a constant of type int for the attribute 'a': attributes are compared by their "
                "text, or as numbers; leave out the type"
            ),
        ),
        (call("eq", attr("a"), attr("b")), "eq of other than a reference and a constant"),
        (call("eq", scalar("1"), scalar("1")), "eq of other than a reference and a constant"),
        (call("ne", KIND, scalar("server")), "ne on span.kind"),
        (call("not", nested("eq", KIND, scalar("server"))), "not eq on span.kind"),
        (call("exists", KIND), "exists on span.kind"),
        (call("in", KIND, values("server", "client")), "in on span.kind"),
        (call("gt", KIND, scalar("server")), "gt on span.kind"),
        (call("gt", DURATION, scalar("1", type="int")), "gt (int) on span.duration"),
        (call("lte", DURATION, scalar("0s")), "a duration of 0 or less"),
        (call("eq", field("span.name"), scalar("")), "an empty span.name"),
        (call("eq", field("span.traceID"), scalar("1")), "a condition on span.traceID"),
        (call("eq", field("event.name"), scalar("retry")), "a condition on event.name"),
        (
            call("and", nested("eq", KIND, scalar("server")), nested("eq", KIND, scalar("client"))),
            "two values of span.kind on one span",
        ),
        (
            call("lt", field("span.startTime"), scalar("1970-01-01T00:00:00Z")),
            "a span.startTime outside of the search's time range",
        ),
        (
            call(
                "some",
                {"nested": {"level": "event"}},
                nested(
                    "and",
                    nested("exists", attr("a", "event")),
                    nested("exists", attr("b", "event")),
                ),
            ),
            "several conditions on one event (some)",
        ),
        (
            call("some", {"nested": {"level": "event"}}, nested("exists", attr("a", "span"))),
            "several conditions on one event (some)",
        ),
        (call("and", *[nested("exists", attr("a"))] * 51), "more than 50 conditions"),
    ],
)
def test_what_a_query_cannot_say_is_refused(node: Node, reason: str) -> None:
    with pytest.raises(UnsupportedFilter) as caught:
        narrowed(node)
    assert reason == str(caught.value)


@pytest.mark.parametrize(
    ("node", "reason"),
    [
        (call("matches", attr("a"), scalar("1")), "unknown filter operator 'matches'"),
        (call("eq", attr("a")), "eq takes two references (attr or field) or constants (scalar)"),
        (
            call("eq", attr("a"), values("1")),
            "eq takes two references (attr or field) or constants (scalar)",
        ),
        (call("and", nested("exists", attr("a"))), "and takes two or more calls"),
        (call("or"), "or takes two or more calls"),
        (call("and", attr("a"), attr("b"), attr("c")), "and takes two or more calls"),
        (call("not", attr("a")), "not takes one call"),
        (call("exists", scalar("a")), "exists takes one reference (attr or field)"),
        (call("in", attr("a"), scalar("1")), "in takes a reference (attr or field) and a list"),
        (call("in", attr("a"), values()), "the list of in is empty"),
        (call("eq", attr("a", "trace"), scalar("1")), "unknown level 'trace'"),
        (call("eq", {"field": {"name": "name", "level": ""}}, scalar("1")), "unknown level ''"),
        (call("eq", field("span.nome"), scalar("1")), "unknown field span.nome"),
        (call("eq", attr("a"), scalar("1", type="float")), "unknown type 'float'"),
        (
            call("eq", KIND, scalar("SERVER")),
            (
                "span.kind is one of unspecified, internal, server, client, producer, consumer, "
                "not 'SERVER'"
            ),
        ),
        (
            call("eq", field("span.status"), scalar("bad")),
            "span.status is one of unset, ok, error, not 'bad'",
        ),
        (
            call("gt", DURATION, scalar("2")),
            'time: missing unit in duration "2"',
        ),
        (
            call("eq", {}, scalar("1")),
            "of attr, field, nested, scalar, list and call exactly one must be set in an argument",
        ),
        (
            call("some", {"nested": {"level": "span"}}, nested("exists", attr("a", "event"))),
            "some is of level event or link, not 'span'",
        ),
        (
            call("some", attr("a"), nested("exists", attr("a", "event"))),
            "some takes the events or links (nested) and one call",
        ),
        (
            {"op": "exists", "argument": []},
            "Object contains unknown field `argument`",
        ),
        ({"args": []}, "Object missing required field `op`"),
    ],
)
def test_what_is_no_filter_is_malformed(node: Node, reason: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(reason)}$") as caught:
        narrowed(node)
    assert not isinstance(caught.value, UnsupportedFilter)


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '"eq"', '{"op": 1}'])
def test_what_is_no_json_object_of_a_call_is_malformed(text: str) -> None:
    with pytest.raises(msgspec.DecodeError):
        filtered(ALL, text)


@pytest.mark.parametrize("depth", [40, 500, 100_000])
def test_a_filter_that_is_nested_too_deeply_is_refused(depth: int) -> None:
    inner = '{"op":"exists","args":[{"attr":{"key":"a","level":"span"}}]}'
    text = '{"op":"not","args":[{"call":' * depth + inner + "}]}" * depth
    with pytest.raises(ValueError, match="nested"):
        filtered(ALL, text)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["op", "args", "attr", "field", "scalar", "key", "level", "value"]),
                inner,
                max_size=3,
            )
        ),
        max_leaves=12,
    )
)
def test_any_json_is_a_filter_or_refused(document: object) -> None:
    try:
        search = filtered(ALL, json.dumps(document))
    except ValueError:
        return
    assert isinstance(search, Search)
