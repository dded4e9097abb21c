"""Trace ids as clients write them."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.jaeger.trace_ids import parse_trace_id

IDS = st.binary(min_size=16, max_size=16)


@given(IDS)
def test_hex_in_any_case_and_without_leading_zeros(trace_id: bytes) -> None:
    digits = trace_id.hex()
    assert digits == parse_trace_id(digits)
    assert digits == parse_trace_id(digits.upper())
    assert digits == parse_trace_id(digits.lstrip("0") or "0")


@given(IDS)
def test_padded_base64_of_16_bytes_standard_or_for_urls(trace_id: bytes) -> None:
    assert trace_id.hex() == parse_trace_id(base64.b64encode(trace_id).decode())
    assert trace_id.hex() == parse_trace_id(base64.urlsafe_b64encode(trace_id).decode())


@given(st.binary(min_size=8, max_size=8))
def test_base64_of_8_bytes_is_the_low_half(low: bytes) -> None:
    assert low.hex().rjust(32, "0") == parse_trace_id(base64.b64encode(low).decode())


def test_padding_may_be_left_out() -> None:
    assert "0" * 28 + "0c47" == parse_trace_id("AAAAAAAAAAAAAAAAAAAMRw")


def test_what_is_both_is_hex() -> None:
    assert "0" * 21 + "aaaaaaaadec" == parse_trace_id("AAAAAAAADEc")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", 'strconv.ParseUint: parsing "": invalid syntax'),
        ("xyz", 'strconv.ParseUint: parsing "xyz": invalid syntax'),
        ("0x1", 'strconv.ParseUint: parsing "0x1": invalid syntax'),
        ("A===", 'strconv.ParseUint: parsing "A===": invalid syntax'),
        (
            "AAAAAAAAAAAAAAAA/w==",
            'strconv.ParseUint: parsing "AAAAAAAAAAAAAAAA/w==": invalid syntax',
        ),
        ("\u0661", 'strconv.ParseUint: parsing "\u0661": invalid syntax'),
        ("1" * 33, f"TraceID cannot be longer than 32 hex characters: {'1' * 33}"),
        ("z" * 5000, f"TraceID cannot be longer than 32 hex characters: {'z' * 100}"),
    ],
)
def test_what_is_no_id_is_refused_in_the_words_of_jaeger(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=r"TraceID|strconv") as caught:
        parse_trace_id(text)
    assert message == str(caught.value)


@given(st.text(max_size=40))
def test_any_text_is_32_digits_or_refused(text: str) -> None:
    try:
        trace_id = parse_trace_id(text)
    except ValueError:
        return
    assert 32 == len(bytes.fromhex(trace_id)) * 2
