"""Attributes as plain JSON."""

import math

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.plain_values import plain_attributes
from model.attributes import AttributeValue, JsonValue, value_from_json


@pytest.mark.parametrize(
    ("value", "expected", "type"),
    [
        ("text", "text", None),
        (True, True, None),
        (7, 7, None),
        (2**53 - 1, 2**53 - 1, None),
        (2**53, "9007199254740992", "int"),
        (-(2**63), "-9223372036854775808", "int"),
        (0.5, 0.5, None),
        (math.nan, "NaN", "double"),
        (-math.inf, "-Infinity", "double"),
        (b"\x00\xff", "AP8=", "bytes"),
        (b"", "", "bytes"),
        (None, None, None),
        (["a", 1, [True]], ["a", 1, [True]], None),
        ({"a": {"b": 1}}, {"a": {"b": 1}}, None),
        ([], [], None),
        ([b"\x01"], {"arrayValue": {"values": [{"bytesValue": "AQ=="}]}}, "otlp"),
        (
            {"a": [2**60]},
            {
                "kvlistValue": {
                    "values": [
                        {
                            "key": "a",
                            "value": {"arrayValue": {"values": [{"intValue": str(2**60)}]}},
                        }
                    ]
                }
            },
            "otlp",
        ),
    ],
)
def test_a_value_is_plain_where_json_can_hold_it(
    value: AttributeValue, expected: JsonValue, type: str | None
) -> None:
    values, types = plain_attributes({"key": value})

    assert ({"key": expected}, msgspec.UNSET if type is None else {"key": type}) == (values, types)


_VALUES: st.SearchStrategy[AttributeValue] = st.recursive(
    st.none()
    | st.text()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats()
    | st.binary(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)
_READERS = {
    "int": int,
    "double": lambda text: float(text.replace("Infinity", "inf")),
    "bytes": lambda text: value_from_json({"bytesValue": text}),
    "otlp": value_from_json,
}


@given(_VALUES)
def test_with_its_type_a_value_can_be_read_back(value: AttributeValue) -> None:
    values, types = plain_attributes({"key": value})
    read = values["key"]
    if isinstance(types, dict):
        read = _READERS[types["key"]](read)

    assert repr(value) == repr(read)
