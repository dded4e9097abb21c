"""Latency histograms that add up: logarithmic buckets, held sparsely, many at a time.

Bucket ``i`` holds the durations in ``(2**((i-1)/8), 2**(i/8)]`` microseconds, and bucket 0
everything up to one microsecond: OpenTelemetry's exponential histogram of scale 3. A quantile
taken at a bucket's geometric middle is within 4.5 % of the exact one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from model.graph.sums import float_sums

__all__ = ["BUCKETS_PER_DOUBLING", "Histograms", "bucket_bounds_ns", "bucket_numbers"]

Int64s = npt.NDArray[np.int64]
Int32s = npt.NDArray[np.int32]
Float64s = npt.NDArray[np.float64]

BUCKETS_PER_DOUBLING = 8

# Up to so many cells, adding into all of them is quicker than sorting the entries (32 MB).
_DENSE_CELLS = 4_000_000

# Sums of weights round; a rank this much (relative) above a cumulated count still belongs to it.
_RANK_TOLERANCE = 1e-9


def bucket_numbers(durations_ns: Int64s) -> Int32s:
    """Return the bucket of each duration (nanoseconds, at least 0)."""
    microseconds = np.maximum(durations_ns / 1000.0, 1.0)
    buckets: Int32s = np.ceil(BUCKETS_PER_DOUBLING * np.log2(microseconds)).astype(np.int32)
    return buckets


def bucket_bounds_ns(buckets: Int32s) -> Float64s:
    """Return the upper bound of each bucket in nanoseconds; it belongs to the bucket."""
    return 1000.0 * np.exp2(buckets / BUCKETS_PER_DOUBLING)


@dataclass(frozen=True, slots=True, eq=False)
class Histograms:
    """A column of histograms.

    Attributes:
        offsets: where each row's entries begin, and one more: row ``r`` has the entries
            ``offsets[r]:offsets[r + 1]``.
        buckets: bucket numbers, rising within a row.
        counts: durations in that bucket; weighted by 1/probability where traces are sampled.
        sums_ns: of each row, the weighted sum of the durations, nanoseconds.
    """

    offsets: Int64s
    buckets: Int32s
    counts: Float64s
    sums_ns: Float64s

    @classmethod
    def of(
        cls, durations_ns: Int64s, groups: Int64s, count: int, weights: Float64s | None = None
    ) -> Histograms:
        """Return ``count`` rows: row ``g`` holds the durations whose group is ``g``.

        Args:
            durations_ns: nanoseconds; negative ones (not told) are left out.
            groups: of each duration its row; negative ones are left out.
            count: rows of the result.
            weights: what each duration counts; 1 if None.
        """
        kept = (durations_ns >= 0) & (groups >= 0)
        durations, rows = durations_ns[kept], groups[kept]
        weighted = np.ones(len(rows)) if weights is None else weights[kept]
        sums_ns = float_sums(durations * weighted, rows, count)
        return cls._added(rows, bucket_numbers(durations), weighted, sums_ns)

    @classmethod
    def empty(cls, count: int) -> Histograms:
        """Return ``count`` rows without durations."""
        return cls(
            np.zeros(count + 1, np.int64), np.zeros(0, np.int32), np.zeros(0), np.zeros(count)
        )

    @classmethod
    def concatenated(cls, parts: Sequence[Histograms]) -> Histograms:
        """Return the rows of all ``parts``, one after another."""
        if not parts:
            return cls.empty(0)
        lengths = np.concatenate([np.diff(part.offsets) for part in parts])
        return cls(
            _offsets(lengths),
            np.concatenate([part.buckets for part in parts]),
            np.concatenate([part.counts for part in parts]),
            np.concatenate([part.sums_ns for part in parts]),
        )

    @classmethod
    def _added(
        cls, rows: Int64s, buckets: Int32s, counts: Float64s, sums_ns: Float64s
    ) -> Histograms:
        """Add up entries that are in no order; ``sums_ns`` gives the number of rows."""
        width = int(buckets.max(initial=0)) + 1
        cells = rows * width + buckets
        if len(sums_ns) * width <= max(_DENSE_CELLS, 4 * len(cells)):
            sums = float_sums(counts, cells, len(sums_ns) * width)
            cell = np.flatnonzero(sums != 0)  # of flags it is much quicker than of floats
            sums = sums[cell]
        else:
            cell, position = np.unique(cells, return_inverse=True)
            sums = float_sums(counts, position, len(cell))
        return cls(
            _offsets(np.bincount(cell // width, minlength=len(sums_ns))),
            (cell % width).astype(np.int32),
            sums,
            sums_ns,
        )

    def __len__(self) -> int:
        return len(self.sums_ns)

    @property
    def rows(self) -> Int64s:
        """The row of each entry; with ``buckets`` and ``counts`` the cells of a heat map."""
        return np.repeat(np.arange(len(self), dtype=np.int64), np.diff(self.offsets))

    def totals(self) -> Float64s:
        """Return the (weighted) number of durations of each row."""
        totals = np.zeros(len(self))
        filled = np.flatnonzero(np.diff(self.offsets))
        if len(filled):
            totals[filled] = np.add.reduceat(self.counts, self.offsets[filled])
        return totals

    def means_ns(self) -> Float64s:
        """Return the exact (weighted) mean of each row in nanoseconds; NaN for empty rows."""
        totals = self.totals()
        means = np.full(len(self), np.nan)
        np.divide(self.sums_ns, totals, out=means, where=totals > 0)
        return means

    def quantiles(self, q: float) -> Float64s:
        """Return quantile ``q`` (0 to 1) of each row in nanoseconds; NaN for empty rows.

        It is the geometric middle of the bucket that holds the duration of rank ``q * total``
        (the first whose cumulated count reaches it): within 4.5 % of that duration, if that is
        a microsecond or more. Raises ValueError if ``q`` is out of range.
        """
        if not 0 <= q <= 1:
            raise ValueError(f"a quantile is from 0 to 1, not {q}")
        result = np.full(len(self), np.nan)
        filled = np.flatnonzero(np.diff(self.offsets))
        if not len(filled):
            return result
        first, last = self.offsets[filled], self.offsets[filled + 1] - 1
        cumulated = np.cumsum(self.counts)
        before = cumulated[first] - self.counts[first]
        rank = before + q * (cumulated[last] - before) * (1 - _RANK_TOLERANCE)
        entry = np.clip(np.searchsorted(cumulated, rank), first, last)
        result[filled] = 1000.0 * np.exp2((self.buckets[entry] - 0.5) / BUCKETS_PER_DOUBLING)
        return result

    def counts_below(self, bounds_ns: Sequence[float]) -> Float64s:
        """Return how many durations of each row are at most each bound; shape (rows, bounds).

        A bucket that a bound cuts is divided in proportion to the logarithm, so counts need not
        be whole; they never fall from one bound to a greater one.
        """
        # In units of buckets; bucket b reaches from b - 1 to b.
        limits = BUCKETS_PER_DOUBLING * np.log2(np.maximum(bounds_ns, 1e-300) / 1000.0)
        rows = self.rows
        below = np.empty((len(self), len(limits)))
        for column, limit in enumerate(limits):
            share = np.clip(limit - self.buckets + 1, 0.0, 1.0)
            below[:, column] = float_sums(self.counts * share, rows, len(self))
        return below

    def grouped(self, groups: Int64s, count: int) -> Histograms:
        """Return ``count`` rows: row ``g`` adds up the rows whose ``groups`` is ``g``.

        Rows of a negative group are left out.
        """
        kept = np.flatnonzero(groups >= 0)
        if len(kept) < len(groups):
            return self.take(kept).grouped(groups[kept], count)
        of_entry = np.repeat(groups, np.diff(self.offsets))
        sums_ns = float_sums(self.sums_ns, groups, count)
        return Histograms._added(of_entry, self.buckets, self.counts, sums_ns)

    def take(self, rows: Int64s) -> Histograms:
        """Return these rows, in this order; a row may be taken more than once."""
        lengths = np.diff(self.offsets)[rows]
        offsets = _offsets(lengths)
        entries = np.repeat(self.offsets[rows] - offsets[:-1], lengths) + np.arange(offsets[-1])
        return Histograms(offsets, self.buckets[entries], self.counts[entries], self.sums_ns[rows])


def _offsets(lengths: Int64s) -> Int64s:
    return np.concatenate(([0], np.cumsum(lengths))).astype(np.int64)
