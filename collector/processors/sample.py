"""Probabilistic sampling by trace id: a trace is kept or dropped whole, by every replica alike."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from model.batch import SpanBatch

__all__ = ["SampleProcessor"]

_RANDOM_BITS = 56


class SampleProcessor:
    """Keeps the ratio ``ratio`` of traces.

    The decision is OpenTelemetry's consistent one (specification/trace/
    tracestate-probability-sampling.md): the last 56 bits of the trace id are at or above the
    rejection threshold.
    """

    name = "sample"

    def __init__(self, ratio: float) -> None:
        self._threshold = round((1 - ratio) * (1 << _RANDOM_BITS))

    def process(self, batch: SpanBatch) -> SpanBatch:
        """Return the spans of the traces that are kept."""
        if not self._threshold or not len(batch):
            return batch
        ids = b"".join(batch.spans["trace_id"].to_pylist())
        last_words = np.frombuffer(ids, dtype=">u8")[1::2]
        randomness = last_words & np.uint64((1 << _RANDOM_BITS) - 1)
        return batch.filter(pa.array(randomness >= np.uint64(self._threshold)))
