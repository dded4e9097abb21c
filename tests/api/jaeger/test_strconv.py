"""Go's numbers and booleans."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.jaeger.strconv import parse_bool, parse_float, parse_int, quoted


@pytest.mark.parametrize("text", ["1", "t", "T", "true", "TRUE", "True"])
def test_what_go_takes_for_true(text: str) -> None:
    assert parse_bool(text) is True


@pytest.mark.parametrize("text", ["0", "f", "F", "false", "FALSE", "False"])
def test_what_go_takes_for_false(text: str) -> None:
    assert parse_bool(text) is False


@pytest.mark.parametrize("text", ["", "yes", "tRUE", " true", "2"])
def test_other_words_are_no_booleans(text: str) -> None:
    with pytest.raises(ValueError, match="strconv") as caught:
        parse_bool(text)
    assert f'strconv.ParseBool: parsing "{text}": invalid syntax' == str(caught.value)


@given(st.integers(-(2**63), 2**63 - 1))
def test_an_integer_of_64_bits_is_read(number: int) -> None:
    assert number == parse_int(str(number))


@pytest.mark.parametrize(
    ("text", "number"), [("+7", 7), ("007", 7), ("-0", 0), ("0" * 5000 + "1", 1)]
)
def test_signs_and_leading_zeros_are_allowed(text: str, number: int) -> None:
    assert number == parse_int(text)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "invalid syntax"),
        ("x", "invalid syntax"),
        ("1.5", "invalid syntax"),
        ("1_000", "invalid syntax"),
        (" 1", "invalid syntax"),
        ("\u0661", "invalid syntax"),
        ("9223372036854775808", "value out of range"),
        ("-9223372036854775809", "value out of range"),
        ("9" * 5000, "value out of range"),
    ],
)
def test_what_is_no_integer_is_refused_in_the_words_of_go(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match="strconv") as caught:
        parse_int(text)
    assert f'strconv.ParseInt: parsing "{text}": {reason}' == str(caught.value)


def test_bits_and_function_are_those_of_the_caller() -> None:
    with pytest.raises(ValueError, match="strconv") as caught:
        parse_int("2147483648", bits=32, function="Atoi")
    assert 'strconv.Atoi: parsing "2147483648": value out of range' == str(caught.value)


@pytest.mark.parametrize(
    ("text", "number"), [("0.95", 0.95), (".5", 0.5), ("1.", 1.0), ("-1e-3", -0.001), ("1E2", 100)]
)
def test_a_decimal_number_is_read(text: str, number: float) -> None:
    assert number == parse_float(text)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "invalid syntax"),
        ("foo", "invalid syntax"),
        ("NaN", "invalid syntax"),
        ("1e", "invalid syntax"),
        ("1e999", "value out of range"),
    ],
)
def test_what_is_no_finite_number_is_refused(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match="strconv") as caught:
        parse_float(text)
    assert f'strconv.ParseFloat: parsing "{text}": {reason}' == str(caught.value)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\u00e9", '"a\u00e9"'),
        ('"\\', '"\\"\\\\"'),
        ("\n\x00", '"\\n\\x00"'),
        ("\u200b\U000e0001", '"\\u200b\\U000e0001"'),
    ],
)
def test_text_is_quoted_as_go_does(text: str, expected: str) -> None:
    assert expected == quoted(text)
