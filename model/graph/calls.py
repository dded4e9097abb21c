"""Calls: each request that crossed the network once, found by the rules G10 to G40."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from model.graph.edge import EdgeKey

__all__ = ["Calls", "Sampling"]

Int64s = npt.NDArray[np.int64]
Int32s = npt.NDArray[np.int32]
Float64s = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
TraceIds = npt.NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class Sampling:
    """With which probability traces were sampled where their tracestate does not tell (G36).

    Attributes:
        default: for the whole mesh, in (0, 1]; None if nobody told.
        services: by service in any form of its name; the caller's or callee's, the lower counts.
    """

    default: float | None = None
    services: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Calls:
    """Calls in columns, a row a call and view group; in no particular order.

    Attributes:
        keys: distinct edges.
        key: index in ``keys``.
        trace: index in ``trace_ids``.
        trace_ids: as :attr:`SpanColumns.trace_ids`.
        start_ns: of the earliest span of the call.
        error: rule G35.
        client_ns, server_ns, lag_ns: rule G39; -1 where there is none.
        request_bytes, response_bytes: -1 where not told; the callee's word before the caller's.
        weight: 1/probability; 1 where nobody told it.
        scaled: whether the probability was told.
    """

    keys: tuple[EdgeKey, ...]
    key: Int32s
    trace: Int64s
    trace_ids: TraceIds
    start_ns: Int64s
    error: Bools
    client_ns: Int64s
    server_ns: Int64s
    lag_ns: Int64s
    request_bytes: Int64s
    response_bytes: Int64s
    weight: Float64s
    scaled: Bools
