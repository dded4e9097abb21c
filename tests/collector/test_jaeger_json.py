import json

import pytest

from collector.jaeger_json import JaegerJsonError, jaeger_to_otlp


def convert(*spans, processes=None):
    processes = processes or {"p1": {"serviceName": "shop", "tags": []}}
    trace = {"traceID": "abc", "spans": list(spans), "processes": processes}
    (request,) = jaeger_to_otlp([json.dumps(trace).encode()])
    return request["resourceSpans"]


def span(**more):
    return {
        "traceID": "abc",
        "spanID": "1",
        "operationName": "GET /",
        "startTime": 1_700_000_000_000_000,
        "duration": 1500,
        "processID": "p1",
        **more,
    }


def converted(**more):
    return convert(span(**more))[0]["scopeSpans"][0]["spans"][0]


def tag(key, type, value):
    return {"key": key, "type": type, "value": value}


def test_ids_are_filled_up_to_their_length():
    found = converted(references=[{"refType": "CHILD_OF", "traceID": "abc", "spanID": "f"}])

    assert "abc".zfill(32) == found["traceId"]
    assert ["1".zfill(16), "f".zfill(16)] == [found["spanId"], found["parentSpanId"]]


def test_microseconds_become_nanoseconds():
    found = converted()

    assert "1700000000000000000" == found["startTimeUnixNano"]
    assert "1700000000001500000" == found["endTimeUnixNano"]


@pytest.mark.parametrize(
    ("type", "value", "otlp"),
    [
        ("string", "x", {"stringValue": "x"}),
        ("bool", True, {"boolValue": True}),
        ("bool", "false", {"boolValue": False}),
        ("int64", 200, {"intValue": "200"}),
        ("int64", "9223372036854775807", {"intValue": "9223372036854775807"}),
        ("int64", "many", {"stringValue": "many"}),
        ("int64", 2**63, {"stringValue": str(2**63)}),
        ("float64", 0.5, {"doubleValue": 0.5}),
        ("float64", 1, {"doubleValue": 1.0}),
        ("binary", "AQI=", {"bytesValue": "AQI="}),
        ("", "x", {"stringValue": "x"}),
        ("string", None, {}),
        ("string", {"a": 1}, {"stringValue": '{"a":1}'}),
    ],
)
def test_tags_keep_their_type(type, value, otlp):
    (attribute,) = converted(tags=[tag("k", type, value)])["attributes"]

    assert {"key": "k", "value": otlp} == attribute


@pytest.mark.parametrize(
    ("tags", "field", "value"),
    [
        ([tag("span.kind", "string", "client")], "kind", 3),
        ([tag("span.kind", "string", "SERVER")], "kind", 2),
        ([], "kind", 0),
        ([tag("error", "bool", True)], "status", {"code": 2, "message": ""}),
        ([tag("otel.status_code", "string", "OK")], "status", {"code": 1, "message": ""}),
        (
            [
                tag("otel.status_code", "string", "ERROR"),
                tag("otel.status_description", "string", "no"),
            ],
            "status",
            {"code": 2, "message": "no"},
        ),
        ([tag("w3c.tracestate", "string", "a=b")], "traceState", "a=b"),
    ],
)
def test_tags_that_stand_for_fields_become_the_fields(tags, field, value):
    found = converted(tags=tags)

    assert value == found[field]
    assert [] == found["attributes"]


@pytest.mark.parametrize(
    "kept", [tag("error", "string", "true"), tag("error", "bool", False), tag("span.kind", "", "?")]
)
def test_tags_that_only_look_like_fields_stay_attributes(kept):
    assert [kept["key"]] == [a["key"] for a in converted(tags=[kept])["attributes"]]


def test_the_parent_is_the_first_child_of_and_the_rest_are_links():
    other = {"refType": "FOLLOWS_FROM", "traceID": "abc", "spanID": "2"}
    parent = {"refType": "CHILD_OF", "traceID": "abc", "spanID": "3"}
    elsewhere = {"refType": "CHILD_OF", "traceID": "def", "spanID": "4"}
    found = converted(references=[other, elsewhere, parent])

    assert "3".zfill(16) == found["parentSpanId"]
    assert ["2".zfill(16), "4".zfill(16)] == [link["spanId"] for link in found["links"]]


def test_a_follows_from_of_the_trace_is_the_parent_if_nothing_better_is_there():
    found = converted(references=[{"refType": "FOLLOWS_FROM", "traceID": "abc", "spanID": "2"}])

    assert ("2".zfill(16), []) == (found["parentSpanId"], found["links"])


def test_logs_become_events_named_by_their_event_field():
    fields = [tag("event", "string", "retry"), tag("n", "int64", 2)]
    (event,) = converted(logs=[{"timestamp": 5, "fields": fields}])["events"]

    assert ("retry", "5000") == (event["name"], event["timeUnixNano"])
    assert [{"key": "n", "value": {"intValue": "2"}}] == event["attributes"]


def test_spans_of_one_process_share_a_resource():
    processes = {
        "p1": {"serviceName": "shop", "tags": [tag("ip", "string", "10.0.0.1")]},
        "p2": {"serviceName": "shop", "tags": [tag("ip", "string", "10.0.0.1")]},
        "p3": {"serviceName": "bank"},
    }
    spans = [span(spanID=str(n), processID=f"p{n}") for n in (1, 2, 3)]
    shop, bank = convert(*spans, processes=processes)

    assert 2 == len(shop["scopeSpans"][0]["spans"])
    assert ["service.name", "ip"] == [a["key"] for a in shop["resource"]["attributes"]]
    assert {"stringValue": "bank"} == bank["resource"]["attributes"][0]["value"]


def test_spans_are_grouped_by_scope():
    tags = [tag("otel.scope.name", "string", "lib"), tag("otel.scope.version", "string", "2")]
    (resource,) = convert(span(tags=tags), span(spanID="2"))

    assert [{"name": "lib", "version": "2"}, {"name": "", "version": ""}] == [
        scope["scope"] for scope in resource["scopeSpans"]
    ]


def test_warnings_of_jaeger_are_kept():
    (attribute,) = converted(warnings=["clock skew"])["attributes"]

    assert "@jaeger@warnings" == attribute["key"]
    assert [{"stringValue": "clock skew"}] == attribute["value"]["arrayValue"]["values"]


def test_what_is_not_jaegers_is_refused():
    with pytest.raises(JaegerJsonError, match="traceID"):
        list(jaeger_to_otlp([b'{"spans": [{}]}']))
