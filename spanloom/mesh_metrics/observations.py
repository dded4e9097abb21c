"""What one reading of spans adds to one metric: observations in columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from model.graph.calls import Calls
from model.graph.operations import OperationSpans

__all__ = ["Definition", "Labels", "Observations", "observe"]

Int64s: TypeAlias = npt.NDArray[np.int64]
Float64s: TypeAlias = npt.NDArray[np.float64]
TraceIds: TypeAlias = npt.NDArray[np.uint64]
Labels: TypeAlias = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Definition:
    """A metric.

    Attributes:
        name: as exposed, but a counter's without ``_total``.
        help: one sentence.
        labels: names of all its labels.
        bounds: upper bounds of a histogram's buckets without +Inf; empty for a counter.
    """

    name: str
    help: str
    labels: Labels
    bounds: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Observations:
    """Observations of one metric, a row each.

    Attributes:
        series: label values of the series that are observed, each once.
        position: of each observation, its series.
        values: in the metric's unit; of a counter zeros.
        weights: how often each observation counts (rule G36).
        trace_ids: two big-endian halves; shape (rows, 2).
        times_ns: when it was.
    """

    definition: Definition
    series: Sequence[Labels]
    position: Int64s
    values: Float64s
    weights: Float64s
    trace_ids: TraceIds
    times_ns: Int64s


def observe(
    definition: Definition,
    labels: Sequence[Labels],
    label: npt.NDArray[np.integer],
    of: Calls | OperationSpans,
    told: npt.NDArray[np.bool_],
    values: Float64s | None = None,
) -> Observations:
    """Make observations of those calls or spans that ``told`` marks.

    Args:
        definition: of the metric.
        labels: label values, equal ones any number of times.
        label: index in ``labels`` of each call or span.
        of: the calls or spans.
        told: which of them count.
        values: of each of them; None for a counter.
    """
    rows = np.flatnonzero(told)
    used, position = np.unique(label[rows], return_inverse=True)
    positions: dict[Labels, int] = {}
    merged = [positions.setdefault(labels[one], len(positions)) for one in used.tolist()]
    return Observations(
        definition=definition,
        series=tuple(positions),
        position=np.array(merged, np.int64)[position],
        values=np.zeros(len(rows)) if values is None else values[rows],
        weights=of.weight[rows],
        trace_ids=of.trace_ids[of.trace[rows]],
        times_ns=of.start_ns[rows],
    )
