"""The decoder: bodies to columns, faults mended and counted."""

import pytest
from prometheus_client import REGISTRY

from collector.decode import Decoder, Undecodable
from model.batch import ShapeEntry, ValueType
from tests.collector.builders import START, key_values, request, span


def rows(*spans, **options):
    return Decoder().decode(request(*spans, **options)).spans.to_pylist()


def shape_of(attributes):
    batch = Decoder().decode(request(span(attributes=attributes)))
    return batch.shapes[batch.spans["shape"][0].as_py()].entries


def mended(reason):
    return REGISTRY.get_sample_value("spanloom_mended_spans_total", {"reason": reason}) or 0.0


@pytest.mark.parametrize(
    ("key", "value", "column", "held"),
    [
        ("http.method", "GET", "http_method", "GET"),
        ("http.request.method", "GET", "http_method", "GET"),
        ("http.status_code", "200", "http_status_code", 200),
        ("http.response.status_code", 200, "http_status_code", 200),
        ("response_size", "178", "response_size", 178),
        ("error", "true", "error", True),
        ("error", False, "error", False),
        (
            "guid:x-request-id",
            "c8f1b2a0-1f0e-9e4b-8a6b-2f3c4d5e6f70",
            "request_id",
            "c8f1b2a0-1f0e-9e4b-8a6b-2f3c4d5e6f70",
        ),
    ],
)
def test_a_well_known_attribute_lies_in_its_column_whatever_its_name_and_type(
    key, value, column, held
):
    (row,) = rows(span(attributes={key: value}))

    assert (held, None) == (row[column], row["attributes"])


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("http.method", 7),
        ("http.status_code", "0200"),
        ("http.status_code", "+200"),
        ("http.status_code", "2e2"),
        ("http.status_code", "9223372036854775808"),
        ("http.status_code", "-9223372036854775808"),
        ("http.status_code", "-0"),
        ("error", "True"),
        ("guid:x-request-id", "C8F1B2A0-1F0E-9E4B-8A6B-2F3C4D5E6F70"),
        ("guid:x-request-id", "not a uuid"),
    ],
)
def test_a_value_that_its_column_could_not_give_back_unchanged_stays_outside(key, value):
    (entry,) = shape_of({key: value})

    assert entry.column == ""


def test_of_two_names_of_one_thing_the_first_takes_the_column():
    assert (
        ShapeEntry("http.method", ValueType.STRING, "http_method"),
        ShapeEntry("http.request.method", ValueType.STRING),
    ) == shape_of({"http.method": "GET", "http.request.method": "POST"})


def test_attributes_without_a_column_are_one_json_object():
    (row,) = rows(span(attributes={"user.id": 7, "cart": 'a"b', "blob": b"\x00"}))

    assert '{"user.id":7,"cart":"a\\"b","blob":{"bytesValue":"AA=="}}' == row["attributes"]


def test_spans_of_one_layout_share_a_shape():
    batch = Decoder().decode(
        request(span(1, {"a": "x"}), span(2, {"a": "y"}), span(3, {"a": 1}), span(4, {"b": "x"}))
    )

    assert [2, 1, 1] == sorted(
        batch.spans["shape"].to_pylist().count(number) for number in range(len(batch.shapes))
    )[::-1]


def test_the_last_of_two_values_of_one_key_stays_and_the_fault_is_counted():
    before = mended("duplicate_attribute_key")
    twice = span()
    twice.attributes.extend(key_values({"user": "first"}))
    twice.attributes.extend(key_values({"user": "last"}))

    (row,) = rows(twice)

    assert '{"user":"last"}' == row["attributes"]
    assert before + 1 == mended("duplicate_attribute_key")


def test_invalid_utf8_is_replaced_and_counted():
    before = mended("invalid_utf8")
    body = request(span(name="caf__")).replace(b"caf__", b"caf\xc3\x28")

    (row,) = Decoder().decode(body).spans.to_pylist()

    assert "caf\ufffd(" == row["name"]
    assert before + 1 == mended("invalid_utf8")


@pytest.mark.parametrize(
    ("fields", "reason", "column", "instead"),
    [
        ({"kind": 77}, "unknown_kind", "kind", 0),
        ({"kind": -1}, "unknown_kind", "kind", 0),
        ({"parent_span_id": b"short"}, "invalid_parent_span_id", "parent_span_id", None),
        ({"start_time_unix_nano": 1 << 63}, "impossible_time", "start_ns", 0),
    ],
)
def test_a_field_out_of_range_is_mended_and_counted(fields, reason, column, instead):
    before = mended(reason)

    (row,) = rows(span(**fields))

    assert instead == row[column]
    assert before + 1 == mended(reason)


def test_an_all_zero_parent_is_a_root():
    (row,) = rows(span(parent_span_id=bytes(8)))

    assert row["parent_span_id"] is None


def test_an_attribute_that_cannot_be_decoded_is_left_out_alone():
    before = mended("undecodable_attribute")
    body = request(span(attributes={"good": "kept", "evil": "xxxx"}))
    evil = key_values({"evil": "xxxx"})[0].SerializeToString()

    (row,) = Decoder().decode(body.replace(evil, b"\xff" * len(evil))).spans.to_pylist()

    assert '{"good":"kept"}' == row["attributes"]
    assert before + 1 == mended("undecodable_attribute")


def test_joined_bodies_decode_as_one_batch_with_their_own_resources():
    body = request(span(1)) + request(span(2), resource={"service.name": "ratings.default"})

    batch = Decoder().decode(body)

    assert {(START + 1, "reviews.default"), (START + 2, "ratings.default")} == {
        (row["start_ns"], row["service_name"]) for row in batch.spans.to_pylist()
    }


def test_an_empty_body_is_an_empty_batch():
    assert 0 == len(Decoder().decode(b""))


def test_garbage_is_refused():
    with pytest.raises(Undecodable):
        Decoder().decode(b"\xff\xff\xff")


def test_a_decoder_that_has_forgotten_its_tables_decodes_the_same(monkeypatch):
    monkeypatch.setattr("collector.attribute_table._MAX_ENTRIES", 2)
    decoder = Decoder()
    body = request(*(span(number, {"n": str(number), "k": number}) for number in range(1, 9)))

    first, second = decoder.decode(body), decoder.decode(body)

    assert first.spans.to_pylist() == second.spans.to_pylist()
