"""Operations: every merged span of a known place, by place, name, kind and outcome."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from model.graph.edge import OperationKey

__all__ = ["OperationSpans"]

Int64s = npt.NDArray[np.int64]
Int32s = npt.NDArray[np.int32]
Float64s = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
TraceIds = npt.NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class OperationSpans:
    """Spans in columns, a row a span; in no particular order. Columns as in ``Calls``."""

    keys: tuple[OperationKey, ...]
    key: Int32s
    trace: Int64s
    trace_ids: TraceIds
    start_ns: Int64s
    error: Bools
    duration_ns: Int64s
    weight: Float64s
    scaled: Bools
