"""Spans of OTLP in Jaeger's model (jaeger-api §5)."""

import math
from dataclasses import replace

import pytest

from api.jaeger.adjust import AdjustedSpan, unadjusted
from api.jaeger.aliases import jaeger_spans
from api.jaeger.jaeger_model import (
    JaegerSpan,
    KeyValue,
    Process,
    Reference,
    RefType,
    ValueType,
    to_jaeger,
    to_process,
)
from model.attributes import AttributeValue
from model.span import (
    Event,
    Link,
    MeshIdentity,
    Resource,
    Scope,
    Span,
    SpanKind,
    StatusCode,
)

TRACE = "00000000000000000000000000000c47"
OTHER = "4bf92f3577b34da6a3ce929d0e0e4736"
SPAN = Span(TRACE, "0000000000000001", "GET /", 1_000, 500)


def text(key: str, value: str) -> KeyValue:
    return KeyValue(key, ValueType.STRING, value)


def converted(span: Span, *warnings: str) -> JaegerSpan:
    return to_jaeger(AdjustedSpan(span, warnings))


def test_a_span_that_says_nothing_has_no_tags() -> None:
    assert JaegerSpan(
        TRACE,
        "0000000000000001",
        "GET /",
        (),
        0,
        1_000,
        500,
        (),
        (),
        Process("OTLPResourceNoServiceName", ()),
        (),
    ) == converted(SPAN)


def test_tags_have_the_order_of_the_collectors_translator() -> None:
    span = replace(
        SPAN,
        scope=Scope("envoy", "1.40", {"build": "release"}),
        attributes={"z": "1", "a": "2"},
        kind=SpanKind.CLIENT,
        status_code=StatusCode.ERROR,
        status_message="upstream",
        trace_state="vendor=1",
    )

    assert (
        text("otel.scope.name", "envoy"),
        text("otel.scope.version", "1.40"),
        text("z", "1"),
        text("a", "2"),
        text("span.kind", "client"),
        text("otel.status_code", "ERROR"),
        KeyValue("error", ValueType.BOOL, value=True),
        text("otel.status_description", "upstream"),
        text("w3c.tracestate", "vendor=1"),
    ) == converted(span).tags


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (SpanKind.UNSPECIFIED, []),
        (SpanKind.INTERNAL, ["internal"]),
        (SpanKind.SERVER, ["server"]),
        (SpanKind.CLIENT, ["client"]),
        (SpanKind.PRODUCER, ["producer"]),
        (SpanKind.CONSUMER, ["consumer"]),
    ],
)
def test_the_kind_is_a_tag_but_for_the_unspecified(kind: SpanKind, expected: list[str]) -> None:
    tags = converted(replace(SPAN, kind=kind)).tags

    assert tuple(text("span.kind", word) for word in expected) == tags


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (StatusCode.UNSET, ()),
        (StatusCode.OK, (text("otel.status_code", "OK"),)),
        (
            StatusCode.ERROR,
            (
                text("otel.status_code", "ERROR"),
                KeyValue("error", ValueType.BOOL, value=True),
            ),
        ),
    ],
)
def test_only_an_error_has_the_tag_error(
    status: StatusCode, expected: tuple[KeyValue, ...]
) -> None:
    assert expected == converted(replace(SPAN, status_code=status)).tags


@pytest.mark.parametrize(
    ("value", "kind", "shown"),
    [
        ("text", ValueType.STRING, "text"),
        ("", ValueType.STRING, ""),
        (None, ValueType.STRING, ""),
        (True, ValueType.BOOL, True),
        (False, ValueType.BOOL, False),
        (7, ValueType.INT64, 7),
        (2**63 - 1, ValueType.INT64, 2**63 - 1),
        (0.5, ValueType.FLOAT64, 0.5),
        (2.0, ValueType.FLOAT64, 2.0),
        (math.inf, ValueType.FLOAT64, math.inf),
        (b"\x00\xff", ValueType.BINARY, b"\x00\xff"),
        ([], ValueType.STRING, "[]"),
        (["a", 1, True, None, 0.5], ValueType.STRING, '["a",1,true,null,0.5]'),
        ([2**60, math.nan, -math.inf], ValueType.STRING, '[1152921504606846976,"NaN","-Infinity"]'),
        ({"a": {"b": [b"\x01"]}}, ValueType.STRING, '{"a":{"b":["AQ=="]}}'),
    ],
)
def test_every_type_of_value_becomes_one_of_jaegers(
    value: AttributeValue, kind: ValueType, shown: object
) -> None:
    (tag,) = converted(replace(SPAN, attributes={"key": value})).tags

    assert ("key", kind, shown, type(shown)) == (tag.key, tag.type, tag.value, type(tag.value))


def test_the_parent_is_the_first_reference() -> None:
    links = (
        Link(OTHER, "0000000000000009"),
        Link(TRACE, "0000000000000008", attributes={"opentracing.ref_type": "child_of"}),
        Link(TRACE, "0000000000000007", attributes={"opentracing.ref_type": "follows_from"}),
        Link(TRACE, "0000000000000006", attributes={"opentracing.ref_type": True}),
    )
    span = replace(SPAN, parent_span_id="000000000000000a", links=links)

    assert (
        Reference(RefType.CHILD_OF, TRACE, "000000000000000a"),
        Reference(RefType.FOLLOWS_FROM, OTHER, "0000000000000009"),
        Reference(RefType.CHILD_OF, TRACE, "0000000000000008"),
        Reference(RefType.FOLLOWS_FROM, TRACE, "0000000000000007"),
        Reference(RefType.FOLLOWS_FROM, TRACE, "0000000000000006"),
    ) == converted(span).references


@pytest.mark.parametrize(
    ("event", "fields"),
    [
        (Event(5, "retry", {"attempt": 2}), (text("event", "retry"), ("attempt", 2))),
        (Event(5, "retry", {"event": "own"}), (("event", "own"),)),
        (Event(5, "", {"attempt": 2}), (("attempt", 2),)),
        (Event(5, ""), ()),
    ],
)
def test_the_first_field_of_a_log_is_the_events_name(
    event: Event, fields: tuple[KeyValue | tuple[str, object], ...]
) -> None:
    (log,) = converted(replace(SPAN, events=(event,))).logs
    expected = [(f.key, f.value) if isinstance(f, KeyValue) else f for f in fields]

    assert (5, expected) == (log.time_ns, [(field.key, field.value) for field in log.fields])


@pytest.mark.parametrize(
    ("flags", "expected"), [(0, 0), (1, 1), (0x101, 1), (0x300, 0), (0xFF, 255)]
)
def test_flags_are_those_of_the_trace(flags: int, expected: int) -> None:
    assert expected == converted(replace(SPAN, flags=flags)).flags


def test_warnings_are_no_tag() -> None:
    span = replace(SPAN, attributes={"@jaeger@warnings": ["late", "odd"], "a": "1"})
    (adjusted,) = unadjusted([span])

    assert (("late", "odd"), (text("a", "1"),)) == (
        to_jaeger(adjusted).warnings,
        to_jaeger(adjusted).tags,
    )


@pytest.mark.parametrize(
    ("value", "warnings"),
    [("one", ("one",)), (["a", 7, "b"], ("a", "b")), (7, ()), ({}, ()), (None, ())],
)
def test_warnings_are_texts(value: AttributeValue, warnings: tuple[str, ...]) -> None:
    (adjusted,) = unadjusted([replace(SPAN, attributes={"@jaeger@warnings": value})])

    assert warnings == adjusted.warnings


@pytest.mark.parametrize(
    ("attributes", "name", "tags"),
    [
        ({}, "OTLPResourceNoServiceName", ()),
        ({"a": "b"}, "missing-service-name", (("a", "b"),)),
        ({"service.name": ""}, "empty-service-name", ()),
        ({"service.name": "cart"}, "cart", ()),
        ({"a": 1, "service.name": "cart", "b": True}, "cart", (("a", 1), ("b", True))),
        (
            {"service.name": "cart", "k8s.pod.name": "cart-v1-x", "host.name": "node"},
            "cart",
            (("k8s.pod.name", "cart-v1-x"), ("host.name", "node"), ("hostname", "cart-v1-x")),
        ),
        (
            {"service.name": "cart", "host.name": "node"},
            "cart",
            (("host.name", "node"), ("hostname", "node")),
        ),
        (
            {"service.name": "cart", "host.name": "node", "hostname": "own"},
            "cart",
            (("host.name", "node"), ("hostname", "own")),
        ),
        ({"service.name": "cart", "host.name": 7}, "cart", (("host.name", 7),)),
    ],
)
def test_a_resource_is_a_process(
    attributes: dict[str, AttributeValue], name: str, tags: tuple[tuple[str, object], ...]
) -> None:
    process = to_process(Resource(attributes))

    assert (name, tags) == (
        process.service_name,
        tuple((tag.key, tag.value) for tag in process.tags),
    )


def test_spans_of_equal_resources_share_one_process() -> None:
    spans = [
        replace(SPAN, span_id=f"{number:016x}", resource=Resource({"service.name": name}))
        for number, name in enumerate(["a", "b", "a", "a"])
    ]
    first, second, third, fourth = (span.process for span in jaeger_spans(map(AdjustedSpan, spans)))

    assert first is third is fourth
    assert ("a", "b") == (first.service_name, second.service_name)


PROXY = replace(
    SPAN,
    attributes={"component": "proxy", "node_id": "sidecar~10.0.0.1~cart-v1-x.shop~shop.svc.local"},
    resource=Resource({"service.name": "cart.shop"}),
    service_name="cart.shop",
    identity=MeshIdentity(service="cart", namespace="shop"),
)


@pytest.mark.parametrize(
    ("asked", "name"),
    [
        ("", "cart.shop"),
        ("cart.shop", "cart.shop"),
        ("cart", "cart"),
        ("cart.shop.svc.cluster.local", "cart.shop.svc.cluster.local"),
        ("cart.other", "cart.shop"),
        ("front", "cart.shop"),
    ],
)
def test_a_proxys_service_has_the_name_that_was_asked_for(asked: str, name: str) -> None:
    spans = [PROXY, replace(PROXY, span_id="0000000000000002")]
    found = list(jaeger_spans(map(AdjustedSpan, spans), asked))

    assert [name, name] == [span.process.service_name for span in found]
    assert found[0].process is found[1].process


def test_an_application_keeps_the_name_that_it_has() -> None:
    application = replace(
        PROXY, attributes={}, resource=Resource({"service.name": "cart"}), service_name="cart"
    )
    found = list(jaeger_spans(map(AdjustedSpan, [application, PROXY]), "cart.shop"))

    assert ["cart", "cart.shop"] == [span.process.service_name for span in found]
