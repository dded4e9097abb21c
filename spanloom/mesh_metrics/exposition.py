"""Prometheus' text formats, written for many series with many labels.

prometheus_client sorts and escapes the labels of every line at every scrape, which takes seconds
for as many lines as a mesh has; here the labels of a series are written once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from math import inf

from prometheus_client.utils import floatToGoString

from spanloom.mesh_metrics.observations import Definition, Labels

__all__ = ["Exemplar", "Series", "family_lines", "label_text"]

_ESCAPES = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n"})


@dataclass(frozen=True, slots=True)
class Exemplar:
    """A trace that shows it: with the value observed in it, and when (seconds)."""

    trace_id: str
    value: float
    time_s: float


@dataclass(slots=True)
class Series:
    """A counter (one count) or a histogram.

    Attributes:
        labels: as text, without braces.
        counts: by bucket, not cumulated; the last is +Inf's.
        sum: of all values.
        exemplars: by bucket.
        added_ns: when something was last added.
    """

    labels: str
    counts: list[float]
    sum: float = 0.0
    exemplars: dict[int, Exemplar] = field(default_factory=dict)
    added_ns: int = 0


def label_text(names: Labels, values: Labels) -> str:
    """Return ``name="value",…`` with values escaped."""
    pairs = zip(names, values, strict=True)
    return ",".join(f'{name}="{value.translate(_ESCAPES)}"' for name, value in pairs)


def family_lines(
    prefix: str, definition: Definition, series: Iterable[Series], *, openmetrics: bool
) -> Iterator[str]:
    """Yield the lines of one metric, with exemplars in OpenMetrics only."""
    name = prefix + definition.name
    sample = name if definition.bounds else f"{name}_total"
    # In the older format the type belongs to the name of a counter's sample.
    declared = name if openmetrics else sample
    yield f"# HELP {declared} {definition.help}\n"
    yield f"# TYPE {declared} {'histogram' if definition.bounds else 'counter'}\n"
    bounds = [_bound(bound, openmetrics=openmetrics) for bound in (*definition.bounds, inf)]
    for one in series:
        exemplars = _exemplar_texts(one.exemplars) if openmetrics else {}
        if definition.bounds:
            yield from _histogram_lines(name, one, bounds, exemplars)
        else:
            yield f"{sample}{{{one.labels}}} {one.counts[0]!r}{exemplars.get(0, '')}\n"


def _histogram_lines(
    name: str, series: Series, bounds: Sequence[str], exemplars: Mapping[int, str]
) -> Iterator[str]:
    labels = series.labels
    count = 0.0
    for bucket, (bound, count) in enumerate(zip(bounds, accumulate(series.counts), strict=True)):
        exemplar = exemplars.get(bucket, "")
        yield f'{name}_bucket{{{labels},le="{bound}"}} {count!r}{exemplar}\n'
    yield f"{name}_sum{{{labels}}} {series.sum!r}\n"
    yield f"{name}_count{{{labels}}} {count!r}\n"


def _exemplar_texts(exemplars: Mapping[int, Exemplar]) -> dict[int, str]:
    return {
        bucket: f' # {{trace_id="{one.trace_id}"}} {one.value!r} {one.time_s:.3f}'
        for bucket, one in exemplars.items()
    }


def _bound(bound: float, *, openmetrics: bool) -> str:
    """Return a bound as proxies write it, so that sums by bound match; OpenMetrics differs."""
    go_text = str(floatToGoString(bound))  # type: ignore[no-untyped-call] # untyped there
    return go_text if openmetrics or bound == inf else f"{bound:.15g}"
