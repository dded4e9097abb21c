import pytest
from hypothesis import given
from hypothesis import strategies as st

from spanloom.units import format_bytes, format_duration, parse_bytes, parse_duration


@pytest.mark.parametrize(
    ("text", "nanoseconds"),
    [
        ("0", 0),
        ("1ns", 1),
        ("250us", 250_000),
        ("250µs", 250_000),
        ("200ms", 200_000_000),
        ("5s", 5_000_000_000),
        ("1.5s", 1_500_000_000),
        ("2m", 120_000_000_000),
        ("1h", 3_600_000_000_000),
        ("1h30m", 5_400_000_000_000),
        ("7d", 604_800_000_000_000),
        ("2w", 1_209_600_000_000_000),
        (" 5s ", 5_000_000_000),
    ],
)
def test_a_duration_is_a_number_and_a_unit(text: str, nanoseconds: int) -> None:
    assert nanoseconds == parse_duration(text)


@pytest.mark.parametrize("text", ["", "5", "s", "5 s", "-5s", "5S", "1h 30m", "5s!", "0.5ns"])
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"no duration|not a whole number"):
        parse_duration(text)


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("0", 0),
        ("4096", 4096),
        ("10B", 10),
        ("10kB", 10_000),
        ("64MiB", 64 << 20),
        ("1GiB", 1 << 30),
        ("1.5 GiB", 3 << 29),
        ("2TB", 2 * 10**12),
    ],
)
def test_a_size_is_bytes_or_a_number_and_a_unit(text: str, size: int) -> None:
    assert size == parse_bytes(text)


@pytest.mark.parametrize("text", ["", "GiB", "1Gi", "1gib", "-1", "0.3B", "1GiB 1", "9999999TiB"])
def test_what_is_no_size_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"no size|not a whole number|too large"):
        parse_bytes(text)


@given(st.integers(0, 2**62))
def test_formatting_loses_nothing(value: int) -> None:
    assert value == parse_duration(format_duration(value))
    assert value == parse_bytes(format_bytes(value))


@pytest.mark.parametrize(
    ("nanoseconds", "text"),
    [(0, "0s"), (30_000_000_000, "30s"), (10_000_000, "10ms"), (7 * 86_400 * 10**9, "7d")],
)
def test_a_duration_is_shown_in_its_largest_whole_unit(nanoseconds: int, text: str) -> None:
    assert text == format_duration(nanoseconds)
