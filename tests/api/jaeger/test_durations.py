"""Go's durations."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.jaeger.durations import format_go_duration, parse_go_duration

UNITS = {
    "ns": 1,
    "us": 10**3,
    "\u00b5s": 10**3,
    "\u03bcs": 10**3,
    "ms": 10**6,
    "s": 10**9,
    "m": 60 * 10**9,
    "h": 3600 * 10**9,
}


@pytest.mark.parametrize(
    ("text", "ns"),
    [
        ("0", 0),
        ("-0", 0),
        ("+0", 0),
        ("0s", 0),
        ("1.2s", 1_200_000_000),
        ("100ms", 100_000_000),
        ("500us", 500_000),
        ("500\u00b5s", 500_000),
        ("500\u03bcs", 500_000),
        ("1h2m", 3_720_000_000_000),
        ("1h1m1s1ms1us1ns", 3_661_001_001_001),
        (".5s", 500_000_000),
        ("5.s", 5_000_000_000),
        ("-1.5h", -5_400_000_000_000),
        ("+7ns", 7),
        ("0.9ns", 0),
        ("0.3333333333333333333h", 1_199_999_999_999),
        ("0000000000000000000000000000001s", 1_000_000_000),
        ("9223372036854775807ns", 2**63 - 1),
        ("-9223372036854775808ns", -(2**63)),
        ("2562047h47m16.854775807s", 2**63 - 1),
    ],
)
def test_a_duration_is_nanoseconds(text: str, ns: int) -> None:
    assert ns == parse_go_duration(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", 'time: invalid duration ""'),
        ("-", 'time: invalid duration "-"'),
        ("x", 'time: invalid duration "x"'),
        ("s", 'time: invalid duration "s"'),
        (".s", 'time: invalid duration ".s"'),
        ("+.s", 'time: invalid duration "+.s"'),
        (" 1s", 'time: invalid duration " 1s"'),
        ("--1s", 'time: invalid duration "--1s"'),
        ("10", 'time: missing unit in duration "10"'),
        ("1s2", 'time: missing unit in duration "1s2"'),
        ("1.2.3s", 'time: missing unit in duration "1.2.3s"'),
        ("1d", 'time: unknown unit "d" in duration "1d"'),
        ("1s ", 'time: unknown unit "s " in duration "1s "'),
        ("1\u20ac", 'time: unknown unit "\\xe2\\x82\\xac" in duration "1\\xe2\\x82\\xac"'),
        ('1"\\\n', 'time: unknown unit "\\"\\\\\\x0a" in duration "1\\"\\\\\\x0a"'),
        ("9223372036854775808ns", 'time: invalid duration "9223372036854775808ns"'),
        ("3000000h", 'time: invalid duration "3000000h"'),
        ("\u0661s", 'time: invalid duration "\\xd9\\xa1s"'),
    ],
)
def test_what_is_no_duration_is_refused_in_the_words_of_go(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=r"^time: ") as caught:
        parse_go_duration(text)
    assert message == str(caught.value)


def test_thousands_of_digits_are_refused() -> None:
    with pytest.raises(ValueError, match=r"^time: invalid duration"):
        parse_go_duration("9" * 10_000 + "ns")


@given(
    st.lists(
        st.tuples(st.integers(0, 2**20), st.integers(0, 999), st.sampled_from(sorted(UNITS))),
        min_size=1,
        max_size=5,
    ),
    st.sampled_from(["", "-", "+"]),
)
def test_parts_add_up(parts: list[tuple[int, int, str]], sign: str) -> None:
    text = sign + "".join(f"{whole}.{fraction:03d}{unit}" for whole, fraction, unit in parts)
    total = sum((whole * 1000 + fraction) * UNITS[unit] // 1000 for whole, fraction, unit in parts)
    assert (-total if sign == "-" else total) == parse_go_duration(text)


@given(st.text("0123456789.hmsnu\u00b5+- x", max_size=12) | st.text(max_size=12))
def test_any_text_is_a_duration_of_64_bits_or_refused(text: str) -> None:
    try:
        ns = parse_go_duration(text)
    except ValueError:
        return
    assert -(2**63) <= ns < 2**63


@pytest.mark.parametrize(
    ("ns", "text"),
    [
        (0, "0s"),
        (1, "1ns"),
        (999, "999ns"),
        (1_000, "1\u00b5s"),
        (1_500, "1.5\u00b5s"),
        (35_000_000, "35ms"),
        (-990_001_000, "-990.001ms"),
        (1_000_000_000, "1s"),
        (60_000_000_000, "1m0s"),
        (3_600_500_000_000, "1h0m0.5s"),
        (-(2**63), "-2562047h47m16.854775808s"),
    ],
)
def test_a_duration_is_written_as_go_does(ns: int, text: str) -> None:
    assert text == format_go_duration(ns)


@given(st.integers(-(2**63), 2**63 - 1))
def test_what_is_written_is_read_as_it_was(ns: int) -> None:
    assert ns == parse_go_duration(format_go_duration(ns))
