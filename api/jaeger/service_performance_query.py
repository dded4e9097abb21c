"""What a request for service performance metrics asks: of whom, and at which points in time."""

from __future__ import annotations

from dataclasses import dataclass

from multidict import MultiMapping

from api.errors import ApiError
from api.jaeger.errors import bad_request
from api.jaeger.milliseconds import NS_PER_MS, read_milliseconds
from api.jaeger.strconv import parse_bool, parse_float
from api.times import MAX_NS
from model.span import SpanKind

__all__ = ["MINUTE_NS", "PerformanceQuery", "read_performance_query", "read_quantile"]

MINUTE_NS = 60_000_000_000

_LOOKBACK_MS = 3_600_000
_STEP_MS = 5_000
_RATE_PER_MS = 600_000
_KINDS = {kind.name.lower(): kind for kind in SpanKind}

_MAX_SERVICES = 100
_MAX_POINTS = 11_000  # as Prometheus, which answers Jaeger
_MAX_INTERVALS = 3000
# What is stored adds up over these; a longer window is looked at in larger intervals.
_INTERVALS_NS = (MINUTE_NS, 10 * MINUTE_NS, 60 * MINUTE_NS)

# Jaeger UI joins the pairs of several services with a comma, so that they arrive as one value.
_JOINT = ",service="


@dataclass(frozen=True, slots=True)
class PerformanceQuery:
    """Points in time, each with the numbers of the intervals that ended up to it.

    Attributes:
        services: names in any form, as asked.
        kinds: of the spans that count.
        by_operation: a series for each operation instead of one a service.
        points_ns: of which values are wanted; rising, perhaps none.
        interval_ns: grain of what is read; its multiples are where intervals end.
        intervals: how many of them the window before a point covers.
    """

    services: tuple[str, ...]
    kinds: frozenset[SpanKind]
    by_operation: bool
    points_ns: range
    interval_ns: int
    intervals: int

    @property
    def window_s(self) -> float:
        """Seconds that the window before a point covers."""
        return self.intervals * self.interval_ns / 1e9

    @property
    def from_ns(self) -> int:
        """Start of the first point's window."""
        return self.end_ns(self.points_ns[0]) - self.intervals * self.interval_ns

    @property
    def to_ns(self) -> int:
        """End of the last point's window."""
        return self.end_ns(self.points_ns[-1])

    def end_ns(self, point_ns: int) -> int:
        """Return where the last interval that is over at a point ends."""
        return point_ns - point_ns % self.interval_ns


def read_performance_query(given: MultiMapping[str], now_ns: int) -> PerformanceQuery:
    """Return what is asked for. Raises ApiError, a 400 in Jaeger's words."""
    services = _services(given)
    by_operation = _by_operation(given)
    kinds = _kinds(given)
    end_ms = read_milliseconds(given, "endTs", -1)
    end_ns = now_ns if end_ms < 0 else min(end_ms * NS_PER_MS, MAX_NS)
    lookback_ns = read_milliseconds(given, "lookback", _LOOKBACK_MS) * NS_PER_MS
    step_ns = _positive(given, "step", _STEP_MS)
    rate_per_ns = _positive(given, "ratePer", _RATE_PER_MS)
    if lookback_ns // step_ns >= _MAX_POINTS:
        raise bad_request(
            f"exceeded maximum resolution of {_MAX_POINTS:,} points per timeseries. "
            "Try decreasing the query resolution (?step=XX)"
        )
    interval_ns = _interval_ns(lookback_ns + rate_per_ns)
    intervals = max(1, round(rate_per_ns / interval_ns))
    # Nothing is known of the years before 1970.
    earliest_ns = (intervals + 1) * interval_ns
    start_ns = end_ns - lookback_ns
    if start_ns < earliest_ns:
        start_ns += -((start_ns - earliest_ns) // step_ns) * step_ns
    return PerformanceQuery(
        services,
        kinds,
        by_operation,
        range(start_ns, end_ns + 1, step_ns),
        interval_ns,
        intervals,
    )


def read_quantile(given: MultiMapping[str]) -> float:
    """Return the quantile, more than 0 and at most 1. Raises ApiError, a 400."""
    try:
        quantile = parse_float(given.get("quantile", ""))
    except ValueError as error:
        raise _unparsed("quantile", error) from error
    if not 0 < quantile <= 1:
        raise _unparsed("quantile", "please provide a quantile between (0, 1]")
    return quantile


def _services(given: MultiMapping[str]) -> tuple[str, ...]:
    values = [name for value in given.getall("service", []) for name in value.split(_JOINT)]
    services = tuple(dict.fromkeys(filter(None, values)))
    if not services:
        raise _unparsed("service", "please provide at least one service name")
    if len(services) > _MAX_SERVICES:
        raise _unparsed("service", f"at most {_MAX_SERVICES} services are allowed")
    return services


def _by_operation(given: MultiMapping[str]) -> bool:
    text = given.get("groupByOperation", "")
    if not text:
        return False
    try:
        return parse_bool(text)
    except ValueError as error:
        raise _unparsed("groupByOperation", error) from error


def _kinds(given: MultiMapping[str]) -> frozenset[SpanKind]:
    found = set()
    for text in given.getall("spanKind", [SpanKind.SERVER.name.lower()]):
        if text not in _KINDS:
            raise _unparsed("spanKind", f"unsupported span kind: '{text}'")
        found.add(_KINDS[text])
    return frozenset(found)


def _positive(given: MultiMapping[str], name: str, default_ms: int) -> int:
    milliseconds = read_milliseconds(given, name, default_ms)
    if not milliseconds:
        raise _unparsed(name, "must be greater than 0")
    return milliseconds * NS_PER_MS


def _interval_ns(covered_ns: int) -> int:
    for interval_ns in _INTERVALS_NS:
        if covered_ns <= _MAX_INTERVALS * interval_ns:
            return interval_ns
    days = _MAX_INTERVALS * _INTERVALS_NS[-1] // (24 * 60 * MINUTE_NS)
    raise bad_request(f"lookback and ratePer together cover more than {days} days")


def _unparsed(name: str, reason: object) -> ApiError:
    return bad_request(f"unable to parse param '{name}': {reason}")
