"""A file that is uploaded: whatever it is, it becomes OTLP/JSON."""

import json

import pytest

from collector.uploads import uploaded
from tests.collector.builders import request, span

BODY = request(span(1, {"http.status_code": "200", "ratio": 0.5, "raw": b"\x00\xff"}), span(2))


def spans(documents):
    return [
        found
        for document in documents
        for resource in json.loads(document)["resourceSpans"]
        for scope in resource["scopeSpans"]
        for found in scope["spans"]
    ]


def framed(*messages):
    return b"".join(len(message).to_bytes(4, "big") + message for message in messages)


def test_protobuf_is_told_with_hexadecimal_ids_and_numbers_for_enums():
    first, second = spans(uploaded(BODY))

    assert 32 == len(first["traceId"])
    assert int(first["spanId"], 16) != int(second["spanId"], 16)
    assert isinstance(first["kind"], int)


def test_the_attributes_of_protobuf_are_those_of_otlp_json():
    first, _ = spans(uploaded(BODY))

    assert {
        "http.status_code": {"stringValue": "200"},
        "ratio": {"doubleValue": 0.5},
        "raw": {"bytesValue": "AP8="},
    } == {each["key"]: each["value"] for each in first["attributes"]}


def test_the_file_exporters_lengths_before_requests_are_understood():
    assert 4 == len(spans(uploaded(framed(BODY, BODY))))


def test_json_is_taken_as_it_is():
    document = b' {"resourceSpans": []}'

    assert [document] == list(uploaded(document))


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "the file is empty"),
        (b"\n", "a number is cut off"),
        (b"%PDF-1.7", "neither JSON nor OTLP protobuf"),
        (b"\x00\x00\x00\x09short", "neither JSON nor OTLP protobuf"),
        (b"{", "not JSON of traces"),
    ],
)
def test_what_is_no_file_of_traces_is_refused_and_told(body, message):
    with pytest.raises(ValueError, match=message):
        spans(uploaded(body))
