import base64
import json

import pytest

from collector.trace_json import uploaded

TRACE, SPAN, PARENT = "463ac35c9f6413ad48485a3953bb6124", "a2fb4a1d1a96d312", "6b221d5bc9e6496c"
OTLP_SPAN = {
    "traceId": TRACE,
    "spanId": SPAN,
    "parentSpanId": PARENT,
    "name": "n",
    "kind": 2,
    "status": {"code": 2},
}
RESOURCE_SPANS = [{"scopeSpans": [{"spans": [OTLP_SPAN]}]}]
JAEGER_SPAN = {
    "traceID": TRACE,
    "spanID": SPAN,
    "operationName": "n",
    "references": [{"refType": "CHILD_OF", "traceID": TRACE, "spanID": PARENT}],
    "tags": [
        {"key": "span.kind", "type": "string", "value": "server"},
        {"key": "error", "type": "bool", "value": True},
    ],
}
JAEGER = {"traceID": TRACE, "spans": [JAEGER_SPAN], "processes": {}, "warnings": None}
ZIPKIN_SPAN = {
    "traceId": TRACE,
    "id": SPAN,
    "parentId": PARENT,
    "name": "n",
    "kind": "SERVER",
    "tags": {"error": "true"},
}


def base64_of(id):
    return base64.b64encode(bytes.fromhex(id)).decode()


TEMPO_SPAN = {
    "traceId": base64_of(TRACE),
    "spanId": base64_of(SPAN),
    "parentSpanId": base64_of(PARENT),
    "name": "n",
    "kind": "SPAN_KIND_SERVER",
    "status": {"code": "STATUS_CODE_ERROR"},
}
OLD_SCOPE = {"instrumentationLibrary": {"name": "lib"}, "spans": [TEMPO_SPAN]}


def spans(*documents, indent=None):
    body = b"\n".join(json.dumps(each, indent=indent).encode() for each in documents)
    return [
        span
        for document in uploaded(body)
        for resource in json.loads(document)["resourceSpans"]
        for scope in resource["scopeSpans"]
        for span in scope["spans"]
    ]


@pytest.mark.parametrize(
    "document",
    [
        {"resourceSpans": RESOURCE_SPANS},
        {"result": {"resourceSpans": RESOURCE_SPANS}},
        {"trace": {"resourceSpans": RESOURCE_SPANS}},
        {"trace": {"resourceSpans": [{"scopeSpans": [{"spans": [TEMPO_SPAN]}]}]}},
        {"batches": RESOURCE_SPANS},
        {"batches": [{"scopeSpans": [{"spans": [TEMPO_SPAN]}]}]},
        {"batches": [{"instrumentationLibrarySpans": [OLD_SCOPE]}]},
        {"data": [JAEGER], "total": 0, "limit": 0, "offset": 0, "errors": None},
        JAEGER,
        [JAEGER],
        [ZIPKIN_SPAN],
        [[ZIPKIN_SPAN]],
        [{"resourceSpans": RESOURCE_SPANS}],
    ],
    ids=lambda document: json.dumps(document)[:40],
)
@pytest.mark.parametrize("indent", [None, 2])
def test_every_known_document_holds_the_same_span(document, indent):
    (span,) = spans(document, indent=indent)

    assert {
        "traceId": TRACE,
        "spanId": SPAN,
        "parentSpanId": PARENT,
        "name": "n",
        "kind": 2,
        "code": 2,
    } == {"code": span["status"]["code"]} | {key: span[key] for key in OTLP_SPAN if key != "status"}


@pytest.mark.parametrize(
    "line", [{"resourceSpans": RESOURCE_SPANS}, {"result": {"resourceSpans": RESOURCE_SPANS}}]
)
def test_lines_of_documents_are_read_one_by_one(line):
    assert [SPAN] * 3 == [span["spanId"] for span in spans(line, line, line)]


def test_all_traces_of_a_document_are_read():
    assert 2 == len(spans({"data": [JAEGER, JAEGER]}))
    assert 3 == len(spans([[ZIPKIN_SPAN], [], [ZIPKIN_SPAN, ZIPKIN_SPAN]]))
    assert [] == spans([])
    assert [] == spans({"data": []})


def test_the_name_of_an_old_documents_library_is_the_scopes():
    document = {"batches": [{"instrumentationLibrarySpans": [OLD_SCOPE]}]}
    (found,) = (json.loads(each) for each in uploaded(json.dumps(document).encode()))

    assert {"name": "lib"} == found["resourceSpans"][0]["scopeSpans"][0]["scope"]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "not JSON"),
        (b"{", "not JSON"),
        (b"7", "not JSON of traces"),
        (b'"text"', "not JSON of traces"),
        (b"{}", "no traces in a form that is known"),
        (b"[7]", "no traces in a form that is known"),
        (b'[{"a": 1}]', "no traces in a form that is known"),
        (b'{"result": {}}', "no traces in a form that is known"),
        (b'{"result": 7}', "not JSON of traces"),
        (b'{"batches": 7}', "not JSON of traces"),
        (b'{"batches": [7]}', "not JSON of traces"),
        (b'{"data": null, "errors": [{"code": 404}]}', "no traces, but an error"),
        (b'{"data": ["a service"]}', "not Jaeger's JSON"),
        (b'[[{"traceId": "1"}]]', "not Zipkin's JSON: span 1: .*`id`"),
        (b"[[7]]", "not Zipkin's JSON"),
        (b"[" * 100_000, "not JSON"),
    ],
)
def test_what_holds_no_traces_is_refused_with_the_reason(body, message):
    with pytest.raises(ValueError, match=message):
        list(uploaded(body))
