"""Attribute values to the AnyValue of OTLP/JSON and back."""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.attributes import (
    AttributeValue,
    attributes_from_json,
    attributes_to_json,
    value_from_json,
    value_to_json,
)

values = st.recursive(
    st.none()
    | st.text()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats()
    | st.binary(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(st.text(), values))
def test_attributes_come_back_with_types_and_order(attributes: dict[str, AttributeValue]) -> None:
    text = json.dumps(attributes_to_json(attributes), allow_nan=False)

    # The text of a value tells 1 from True and from 1.0, and holds NaN; equality does not.
    assert repr(attributes_from_json(json.loads(text))) == repr(attributes)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("200", {"stringValue": "200"}),
        (200, {"intValue": "200"}),
        (2**63 - 1, {"intValue": "9223372036854775807"}),
        (True, {"boolValue": True}),
        (1.5, {"doubleValue": 1.5}),
        (math.inf, {"doubleValue": "Infinity"}),
        (-math.inf, {"doubleValue": "-Infinity"}),
        (math.nan, {"doubleValue": "NaN"}),
        (b"\x00\xff", {"bytesValue": "AP8="}),
        (["a", 1], {"arrayValue": {"values": [{"stringValue": "a"}, {"intValue": "1"}]}}),
        ({"k": None}, {"kvlistValue": {"values": [{"key": "k", "value": {}}]}}),
        (None, {}),
    ],
)
def test_each_type_has_its_member(value: AttributeValue, expected: object) -> None:
    assert value_to_json(value) == expected


@pytest.mark.parametrize(
    ("given_json", "expected"),
    [
        ({"intValue": 7}, 7),
        ({"doubleValue": "1.5"}, 1.5),
        ({"doubleValue": 2}, 2.0),
        ({"arrayValue": {}}, []),
        ({"kvlistValue": {}}, {}),
    ],
)
def test_what_other_encoders_write_is_read_too(given_json: object, expected: object) -> None:
    assert repr(value_from_json(given_json)) == repr(expected)  # type: ignore[arg-type] # raw JSON


@pytest.mark.parametrize(
    "given_json", [{"wrongValue": 1}, {"stringValue": 1}, {"arrayValue": {"values": "a"}}]
)
def test_what_is_no_any_value_is_refused(given_json: object) -> None:
    with pytest.raises(ValueError, match=r"AnyValue"):
        value_from_json(given_json)  # type: ignore[arg-type] # wrong on purpose
