"""What was read of runs of periods, kept for the next who asks: a page that reloads."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Generic, Protocol, TypeVar

import numpy as np
import numpy.typing as npt

from model.graph.histogram import Histograms
from model.graph.measures import Measures

__all__ = ["KeptRuns", "PeriodKeys", "PeriodSum", "Run", "total"]

Int64s = npt.NDArray[np.int64]

_KEPT_BYTES = 32 << 20

Run = tuple[int, int, int]
"""Width of periods that follow one another, and the starts of the first and the last."""


@dataclass(frozen=True, slots=True, eq=False)
class PeriodKeys:
    """The ids of the keys that periods have rows of, rising."""

    ids: Int64s

    @property
    def bytes(self) -> int:
        """The memory that it takes."""
        return self.ids.nbytes


@dataclass(frozen=True, slots=True, eq=False)
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


def total(parts: Sequence[PeriodSum]) -> PeriodSum:
    """Return the sum of at least one part."""
    ids, groups = np.unique(np.concatenate([part.ids for part in parts]), return_inverse=True)
    measures = Measures.concatenated([part.measures for part in parts])
    return PeriodSum(ids, measures.grouped(groups, len(ids)))


class _Weighed(Protocol):
    @property
    def bytes(self) -> int: ...


_Read = TypeVar("_Read", bound=_Weighed)


class KeptRuns(Generic[_Read]):
    """What was read of the runs asked for last, as far as it fits; used from several threads."""

    def __init__(self, kept_bytes: int = _KEPT_BYTES) -> None:
        self._kept_bytes = kept_bytes
        self._lock = threading.Lock()
        self._runs: OrderedDict[Run, tuple[bytes, _Read]] = OrderedDict()

    def get(self, run: Run, version: bytes) -> _Read | None:
        """Return what was kept of ``run``, if it was kept of this version of the rows."""
        with self._lock:
            kept = self._runs.get(run)
            if kept is None or kept[0] != version:
                return None
            self._runs.move_to_end(run)
            return kept[1]

    def keep(self, run: Run, version: bytes, found: _Read) -> None:
        """Keep what was read, and drop what was not asked for the longest."""
        with self._lock:
            self._runs[run] = (version, found)
            self._runs.move_to_end(run)
            taken = sum(one.bytes for _, one in self._runs.values())
            while taken > self._kept_bytes:
                _, (_, dropped) = self._runs.popitem(last=False)
                taken -= dropped.bytes
