import json

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from collector.otlp_json import to_protobuf
from collector.zipkin_json import ZipkinJsonError, zipkin_to_otlp

TRACE, SPAN = "463ac35c9f6413ad48485a3953bb6124", "a2fb4a1d1a96d312"
START_US = 1_700_000_000_000_000


def zipkin(**more):
    return {"traceId": TRACE, "id": SPAN, "timestamp": START_US, "duration": 1500, **more}


def convert(*spans):
    (request,) = zipkin_to_otlp(json.dumps(span).encode() for span in spans)
    return request["resourceSpans"]


def converted(**more):
    return convert(zipkin(**more))[0]["scopeSpans"][0]["spans"][0]


def values(attributes):
    """Attributes as a dictionary of the one member that each value has."""
    return {each["key"]: next(iter(each["value"].values())) for each in attributes}


def test_a_span_of_zipkins_documentation_is_the_span_of_otlp():
    resource = convert(
        zipkin(
            parentId="6b221d5bc9e6496c",
            name="get /api",
            kind="CLIENT",
            localEndpoint={"serviceName": "frontend", "ipv4": "10.0.0.1"},
            remoteEndpoint={"serviceName": "backend", "ipv4": "10.0.0.2", "port": 9000},
            tags={"http.path": "/api", "http.status_code": "200"},
            annotations=[{"timestamp": START_US + 5, "value": "wire send"}],
        )
    )[0]
    span = resource["scopeSpans"][0]["spans"][0]

    assert {"service.name": "frontend"} == values(resource["resource"]["attributes"])
    assert {
        "http.path": "/api",
        "http.status_code": "200",
        "network.local.address": "10.0.0.1",
        "peer.service": "backend",
        "network.peer.address": "10.0.0.2",
        "network.peer.port": "9000",
    } == values(span.pop("attributes"))
    assert {
        "traceId": TRACE,
        "spanId": SPAN,
        "parentSpanId": "6b221d5bc9e6496c",
        "traceState": "",
        "flags": 0,
        "name": "get /api",
        "kind": 3,
        "startTimeUnixNano": "1700000000000000000",
        "endTimeUnixNano": "1700000000001500000",
        "status": {"code": 0, "message": ""},
        "links": [],
        "events": [
            {
                "timeUnixNano": "1700000000000005000",
                "name": "wire send",
                "attributes": [],
                "droppedAttributesCount": 0,
            }
        ],
    } == span


@pytest.mark.parametrize(
    ("sent", "field", "expected"),
    [
        ({"traceId": "48485A3953BB6124"}, "traceId", "000000000000000048485a3953bb6124"),
        ({"traceId": "abc"}, "traceId", "abc".zfill(32)),
        ({"id": "1"}, "spanId", "1".zfill(16)),
        ({"parentId": "1"}, "parentSpanId", "1".zfill(16)),
        ({"parentId": "0000000000000000"}, "parentSpanId", ""),
        ({"parentId": SPAN}, "parentSpanId", ""),
        ({"parentId": None}, "parentSpanId", ""),
        ({"kind": "SERVER"}, "kind", 2),
        ({"kind": "PRODUCER"}, "kind", 4),
        ({"kind": "CONSUMER"}, "kind", 5),
        ({"kind": "anything else"}, "kind", 0),
        ({"tags": {"span.kind": "internal"}}, "kind", 1),
        ({"tags": {"w3c.tracestate": "a=b"}}, "traceState", "a=b"),
        ({"debug": True}, "flags", 1),
        ({"name": None}, "name", ""),
        ({"duration": None}, "endTimeUnixNano", "1700000000000000000"),
        ({"duration": -5}, "endTimeUnixNano", "1700000000000000000"),
    ],
)
def test_what_zipkin_writes_becomes_the_field_of_otlp(sent, field, expected):
    assert expected == converted(**sent)[field]


@pytest.mark.parametrize(
    ("tags", "code", "message"),
    [
        ({"error": "true"}, 2, ""),
        ({"error": ""}, 2, ""),
        ({"error": "timed out"}, 2, "timed out"),
        ({"otel.status_code": "ERROR", "error": "timed out"}, 2, "timed out"),
        ({"otel.status_code": "ERROR", "otel.status_description": "no"}, 2, "no"),
        ({"otel.status_code": "OK", "error": "handled"}, 1, ""),
        ({"otel.status_code": "UNSET"}, 0, ""),
        ({}, 0, ""),
    ],
)
def test_the_status_is_what_the_tags_say_and_the_tags_are_gone(tags, code, message):
    found = converted(tags=tags)

    assert {"code": code, "message": message} == found["status"]
    assert [] == found["attributes"]


def test_an_error_that_is_false_is_none_and_stays():
    found = converted(tags={"error": "false"})

    assert 0 == found["status"]["code"]
    assert {"error": "false"} == values(found["attributes"])


def test_an_annotation_named_error_is_no_error():
    found = converted(annotations=[{"timestamp": START_US, "value": "error"}])

    assert 0 == found["status"]["code"]


@pytest.mark.parametrize(
    ("annotation", "name", "attributes", "dropped"),
    [
        ("ws", "ws", {}, 0),
        ('retry|{"n": 2}|3', "retry", {"n": "2"}, 3),
        ('retry|{"a": "x|y"}|0', "retry", {"a": "x|y"}, 0),
        ("a|b|3", "a|b|3", {}, 0),
        ('"retry": {"n": 2}', "retry", {"n": "2"}, 0),
        ('"retry": nothing', '"retry": nothing', {}, 0),
        ('big|{"n": 18446744073709551615}|0', "big", {"n": "18446744073709551615"}, 0),
    ],
)
def test_annotations_become_events_with_what_is_packed_into_them(
    annotation, name, attributes, dropped
):
    (event,) = converted(annotations=[{"timestamp": START_US, "value": annotation}])["events"]

    assert (name, attributes) == (event["name"], values(event["attributes"]))
    assert dropped == event["droppedAttributesCount"]


def test_a_span_without_a_time_has_that_of_its_first_annotation_and_says_so():
    stamps = [{"timestamp": START_US + n, "value": "a"} for n in (7, 3)]
    found = converted(timestamp=None, duration=2, annotations=stamps)

    assert "1700000000000003000" == found["startTimeUnixNano"]
    assert "1700000000000005000" == found["endTimeUnixNano"]
    assert {"otel.zipkin.absentField.startTime": True} == values(found["attributes"])


def test_a_span_without_any_time_has_none():
    found = converted(timestamp=0, duration=2)

    assert ("0", "0") == (found["startTimeUnixNano"], found["endTimeUnixNano"])


def test_a_shared_id_stays_with_both_spans_which_their_kind_tells_apart():
    client = zipkin(kind="CLIENT", localEndpoint={"serviceName": "front"})
    server = zipkin(kind="SERVER", localEndpoint={"serviceName": "back"}, shared=True)
    found = [resource["scopeSpans"][0]["spans"][0] for resource in convert(client, server)]

    assert [(SPAN, 3), (SPAN, 2)] == [(span["spanId"], span["kind"]) for span in found]
    assert [{}, {"zipkin.shared": True}] == [values(span["attributes"]) for span in found]


def test_a_tag_wins_over_the_endpoint_that_says_the_same():
    found = converted(tags={"peer.service": "tag"}, remoteEndpoint={"serviceName": "endpoint"})

    assert {"peer.service": "tag"} == values(found["attributes"])


def test_spans_are_grouped_by_resource_and_scope():
    here = {"serviceName": "shop"}
    scoped = {"otel.library.name": "lib", "otel.library.version": "2", "host.name": "h"}
    shop, host = convert(
        zipkin(localEndpoint=here),
        zipkin(localEndpoint=here, id="1"),
        zipkin(localEndpoint=here, id="2", tags=scoped),
    )

    assert 2 == len(shop["scopeSpans"][0]["spans"])
    assert {"service.name": "shop", "host.name": "h"} == values(host["resource"]["attributes"])
    assert {"name": "lib", "version": "2"} == host["scopeSpans"][0]["scope"]


def test_links_of_the_collector_are_links_again():
    sent = f'{TRACE}|{SPAN}|a=b|{{"k": "v|w"}}|1'
    found = converted(tags={"otlp.link.0": sent, "otlp.link.1": "nonsense"})
    (link,) = found["links"]

    assert (TRACE, SPAN, "a=b", 1) == (
        link["traceId"],
        link["spanId"],
        link["traceState"],
        link["droppedAttributesCount"],
    )
    assert {"k": "v|w"} == values(link["attributes"])
    assert {"otlp.link.1": "nonsense"} == values(found["attributes"])


def test_tags_that_are_no_text_become_text():
    assert {"n": "1", "b": "true"} == values(converted(tags={"n": 1, "b": True})["attributes"])


def test_many_spans_come_in_several_requests():
    spans = (json.dumps(zipkin(id=f"{n:x}")).encode() for n in range(1, 4502))
    counts = [
        len(request["resourceSpans"][0]["scopeSpans"][0]["spans"])
        for request in zipkin_to_otlp(spans)
    ]

    assert [2000, 2000, 501] == counts


def test_the_receiver_takes_what_is_made_of_it():
    shared = zipkin(shared=True, tags={"error": "x"}, remoteEndpoint={"port": 80})
    request = json.dumps({"resourceSpans": convert(shared)}).encode()
    message = ExportTraceServiceRequest.FromString(to_protobuf(request))

    assert bytes.fromhex(SPAN) == message.resource_spans[0].scope_spans[0].spans[0].span_id


@pytest.mark.parametrize(
    ("sent", "message"),
    [
        ({"traceId": "xyz"}, "span 1: trace id must be 1 to 32 hex digits"),
        ({"traceId": "0" * 16}, "must not be all zeros"),
        ({"id": "1" * 17}, "span id must be 1 to 16 hex digits"),
        ({"parentId": "xyz"}, "span id must be"),
        ({"timestamp": "now"}, "timestamp"),
        ({"timestamp": 2**63}, "beyond"),
        ({"tags": ["a"]}, "tags"),
        ({"remoteEndpoint": {"port": 70_000}}, "port"),
    ],
)
def test_what_zipkin_would_refuse_is_refused(sent, message):
    with pytest.raises(ZipkinJsonError, match=message):
        convert(zipkin(**sent))
