"""Sums over runs of periods that were read, kept for the next who asks: a page that reloads."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

from model.graph.histogram import Histograms
from model.graph.measures import Measures

__all__ = ["PeriodSum", "PeriodSums", "Run"]

Int64s = npt.NDArray[np.int64]

_KEPT_BYTES = 32 << 20

Run = tuple[int, int, int]
"""Width of periods that follow one another, and the starts of the first and the last."""


@dataclass(frozen=True, slots=True)
class PeriodSum:
    """What periods add up to.

    Attributes:
        ids: of the keys, rising.
        measures: a row a key.
    """

    ids: Int64s
    measures: Measures

    @property
    def bytes(self) -> int:
        """The memory that it takes."""
        parts = [getattr(self.measures, field.name) for field in fields(Measures)]
        arrays = [part for part in parts if not isinstance(part, Histograms)]
        for part in parts:
            if isinstance(part, Histograms):
                arrays += [part.offsets, part.buckets, part.counts, part.sums_ns]
        return int(self.ids.nbytes + sum(array.nbytes for array in arrays))


class PeriodSums:
    """The sums that were asked for last, as far as they fit; used from several threads."""

    def __init__(self, kept_bytes: int = _KEPT_BYTES) -> None:
        self._kept_bytes = kept_bytes
        self._lock = threading.Lock()
        self._sums: OrderedDict[Run, tuple[bytes, PeriodSum]] = OrderedDict()

    def get(self, run: Run, version: bytes) -> PeriodSum | None:
        """Return the sum over ``run`` if it was kept, and kept of this version of the rows."""
        with self._lock:
            known, found = self._sums.get(run, (b"", None))
            if found is None or known != version:
                return None
            self._sums.move_to_end(run)
            return found

    def keep(self, run: Run, version: bytes, found: PeriodSum) -> None:
        """Keep a sum, and drop those that were not asked for the longest."""
        with self._lock:
            self._sums[run] = (version, found)
            self._sums.move_to_end(run)
            taken = sum(one.bytes for _, one in self._sums.values())
            while taken > self._kept_bytes:
                _, (_, dropped) = self._sums.popitem(last=False)
                taken -= dropped.bytes
