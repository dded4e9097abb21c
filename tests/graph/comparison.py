"""Tables and the reference in one plain form that can be compared and read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from typing import TypeVar

from model.graph.histogram import Histograms
from model.graph.measures import EdgeTable, Measures, OperationTable
from tests.graph.reference import Facts, Latency, bucket

__all__ = ["Plain", "plain_expected", "plain_table"]

Key = TypeVar("Key", bound=Hashable)

Plain = Mapping[str, object]
"""Counts as integers; what is scaled by floats as text of nine digits, since sums round."""


def plain_expected(facts: Mapping[Key, Facts]) -> dict[Key, Plain]:
    """Return what the reference counts."""
    return {key: _plain_facts(one) for key, one in facts.items()}


def plain_table(table: EdgeTable | OperationTable) -> dict[Hashable, Plain]:
    """Return what a table counts. Raises ValueError if a key occurs twice."""
    plain: dict[Hashable, Plain] = {
        key: _plain_row(table.measures, row) for row, key in enumerate(table.keys)
    }
    if len(plain) < len(table.keys):
        raise ValueError("a key occurs twice in a table")
    return plain


def _plain_facts(facts: Facts) -> Plain:
    return {
        "calls": facts.calls,
        "errors": facts.errors,
        "estimated": _text(facts.estimated),
        "estimated errors": _text(facts.estimated_errors),
        "variance": _text(facts.variance),
        "unscaled": facts.unscaled,
        "client": _plain_latencies(facts.client),
        "server": _plain_latencies(facts.server),
        "lag": _plain_latencies(facts.lag),
        "bytes": (facts.request_bytes, facts.response_bytes),
        "slowest": facts.slowest,
        "latest error": facts.latest_error,
    }


def _plain_latencies(latencies: Sequence[Latency]) -> tuple[dict[int, str], str]:
    counts: Counter[int] = Counter()
    for duration_ns, weight in latencies:
        counts[bucket(duration_ns)] += weight  # type: ignore[assignment]  # a weight is a count
    total = sum(duration_ns * weight for duration_ns, weight in latencies)
    return {number: _text(counts[number]) for number in sorted(counts)}, _text(total)


def _plain_row(measures: Measures, row: int) -> Plain:
    return {
        "calls": int(measures.calls[row]),
        "errors": int(measures.errors[row]),
        "estimated": _text(measures.estimated[row]),
        "estimated errors": _text(measures.estimated_errors[row]),
        "variance": _text(measures.variance[row]),
        "unscaled": int(measures.unscaled[row]),
        "client": _plain_histogram(measures.client, row),
        "server": _plain_histogram(measures.server, row),
        "lag": _plain_histogram(measures.lag, row),
        "bytes": (int(measures.request_bytes[row]), int(measures.response_bytes[row])),
        "slowest": (int(measures.slowest_ns[row]), _hex(measures.slowest_trace[row])),
        "latest error": (
            int(measures.latest_error_ns[row]),
            _hex(measures.latest_error_trace[row]),
        ),
    }


def _plain_histogram(histograms: Histograms, row: int) -> tuple[dict[int, str], str]:
    entries = slice(int(histograms.offsets[row]), int(histograms.offsets[row + 1]))
    counts = zip(
        histograms.buckets[entries].tolist(), histograms.counts[entries].tolist(), strict=True
    )
    return {number: _text(count) for number, count in counts}, _text(histograms.sums_ns[row])


def _text(number: float) -> str:
    return f"{float(number):.9g}"


def _hex(halves: Sequence[int]) -> str:
    return "".join(f"{int(half):016x}" for half in halves)
