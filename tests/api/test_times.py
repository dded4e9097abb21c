"""Times and durations as text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.times import MAX_NS, format_duration, format_time, parse_duration, parse_time

NOON = 1_795_176_000_000_000_000


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-20T12:00:00Z", NOON),
        ("2026-11-20T12:00:00.5Z", NOON + 500_000_000),
        ("2026-11-20T12:00:00.000000001Z", NOON + 1),
        ("2026-11-20t12:00:00z", NOON),
        ("2026-11-20 12:00:00Z", NOON),
        ("2026-11-20T13:30:00+01:30", NOON),
        ("2026-11-20T13:30:00 01:30", NOON),  # the "+" of a URL that nobody escaped
        ("2026-11-20T04:00:00-08:00", NOON),
        ("1795176000000000000", NOON),
        ("0", 0),
        ("1970-01-01T00:00:00Z", 0),
        (str(MAX_NS), MAX_NS),
    ],
)
def test_a_time_is_read_exactly(text: str, expected: int) -> None:
    assert expected == parse_time(text)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "neither an RFC 3339 time"),
        ("yesterday", "neither an RFC 3339 time"),
        ("2026-11-20", "neither an RFC 3339 time"),
        ("2026-11-20T12:00:00", "with an offset"),
        ("2026-11-20T12:00:00.0000000001Z", "neither an RFC 3339 time"),
        ("2026-02-30T12:00:00Z", "is not a time"),
        ("2026-11-20T24:00:00Z", "is not a time"),
        ("2026-11-20T12:00:00+24:00", "impossible offset"),
        ("1969-12-31T23:59:59Z", "outside of what can be stored"),
        ("2262-04-12T00:00:00Z", "outside of what can be stored"),
        (str(MAX_NS + 1), "outside of what can be stored"),
        ("-1", "neither an RFC 3339 time"),
        ("1e9", "neither an RFC 3339 time"),
        ("١٢", "neither an RFC 3339 time"),
    ],
)
def test_what_is_no_time_is_refused_with_a_reason(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        parse_time(text)


@given(st.integers(0, MAX_NS))
def test_a_written_time_reads_back_as_the_same_nanosecond(ns: int) -> None:
    assert ns == parse_time(format_time(ns))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("15ms", 15_000_000),
        ("1.5s", 1_500_000_000),
        ("250us", 250_000),
        ("250µs", 250_000),
        ("250\u03bcs", 250_000),
        ("7ns", 7),
        ("1m30s", 90_000_000_000),
        ("2h", 7_200_000_000_000),
        ("7d", 604_800_000_000_000),
        ("0s", 0),
        ("15000000", 15_000_000),
        ("0.000000001s", 1),
    ],
)
def test_a_duration_is_read_exactly(text: str, expected: int) -> None:
    assert expected == parse_duration(text)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "is not a duration"),
        ("ms", "is not a duration"),
        ("15 ms", "is not a duration"),
        ("1.5", "is not a duration"),
        ("-1s", "is not a duration"),
        ("1w", "is not a duration"),
        ("1s!", "is not a duration"),
        ("0.5ns", "finer than a nanosecond"),
        ("300000d", "outside of what can be stored"),
    ],
)
def test_what_is_no_duration_is_refused_with_a_reason(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        parse_duration(text)


@pytest.mark.parametrize(
    ("ns", "expected"),
    [
        (0, "0s"),
        (999, "999ns"),
        (1_500, "1.5us"),
        (12_345_678, "12.345678ms"),
        (1_000_000_000, "1s"),
        (59_999_999_999, "59.999999999s"),
        (60_000_000_000, "1m"),
        (90_500_000_000, "1m30.5s"),
        (3_600_000_000_000, "1h"),
        (3_601_000_000_000, "1h1s"),
    ],
)
def test_a_duration_is_written_for_people(ns: int, expected: str) -> None:
    assert expected == format_duration(ns)


@given(st.integers(0, MAX_NS))
def test_a_written_duration_reads_back_as_the_same_nanoseconds(ns: int) -> None:
    assert ns == parse_duration(format_duration(ns))
