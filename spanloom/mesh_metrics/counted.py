"""Which traces were counted: so that none is counted twice, and late ones are noticed."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from model.graph.span_columns import SpanColumns

__all__ = ["CountedTraces", "LateTraces", "TraceSizes", "Window"]

Int64s: TypeAlias = npt.NDArray[np.int64]
Bools: TypeAlias = npt.NDArray[np.bool_]
TraceIds: TypeAlias = npt.NDArray[np.uint64]

_ODD = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True, slots=True, eq=False)
class TraceSizes:
    """Traces and how many spans each has; ids are mixed down to 64 bits."""

    traces: TraceIds
    spans: Int64s

    @classmethod
    def of(cls, columns: SpanColumns) -> TraceSizes:
        """Return the sizes of the traces in ``columns``."""
        spans = np.bincount(columns.trace, minlength=len(columns.trace_ids))
        return cls(_mixed(columns.trace_ids), spans)

    @classmethod
    def joined(cls, parts: Sequence[TraceSizes]) -> TraceSizes:
        """Return the traces of all ``parts``, which have none in common."""
        return cls(
            np.concatenate([np.zeros(0, np.uint64), *(part.traces for part in parts)]),
            np.concatenate([np.zeros(0, np.int64), *(part.spans for part in parts)]),
        )


@dataclass(frozen=True, slots=True, eq=False)
class Window:
    """The traces that were counted with a time in ``[from_ns, to_ns)``."""

    from_ns: int
    to_ns: int
    sizes: TraceSizes


@dataclass(frozen=True, slots=True)
class LateTraces:
    """Traces that came (``missed``) or grew (``incomplete``) after their time was counted."""

    missed: int
    incomplete: int


class CountedTraces:
    """The traces of the windows counted last, oldest first."""

    def __init__(self) -> None:
        self._windows: deque[Window] = deque()

    def are_new(self, trace_ids: TraceIds) -> Bools:
        """Return which of the traces were not counted; a late root can move a trace in time."""
        return ~np.isin(_mixed(trace_ids), self._traces())

    def add(self, window: Window) -> None:
        """Remember the window counted last."""
        self._windows.append(window)

    def oldest(self, before_ns: int) -> Window | None:
        """Return the oldest window, if it ended at or before ``before_ns``."""
        if self._windows and self._windows[0].to_ns <= before_ns:
            return self._windows[0]
        return None

    def forget_oldest(self) -> None:
        """Forget the oldest window."""
        self._windows.popleft()

    def late(self, window: Window, stored: TraceSizes) -> LateTraces:
        """Compare what is stored of a window by now with what was counted."""
        missed = ~np.isin(stored.traces, self._traces())
        _, before, now = np.intersect1d(window.sizes.traces, stored.traces, return_indices=True)
        grown = stored.spans[now] > window.sizes.spans[before]
        return LateTraces(int(missed.sum()), int(grown.sum()))

    def _traces(self) -> TraceIds:
        return TraceSizes.joined([window.sizes for window in self._windows]).traces


def _mixed(trace_ids: TraceIds) -> TraceIds:
    mixed: TraceIds = (trace_ids[:, 0] * _ODD) ^ trace_ids[:, 1]
    return mixed
