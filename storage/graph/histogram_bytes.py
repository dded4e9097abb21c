"""Histograms as bytes: bucket numbers, and counts as short as they go.

A row has several histograms, whose entries follow one another. Numbers are little-endian; bucket
numbers take two bytes each. The counts of a row are integers of one, two or four bytes if all of
them fit, else floats of eight: how many there are is known, so the length tells which.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from model.graph.histogram import Histograms

__all__ = ["PackedHistograms", "pack"]

Int64s = npt.NDArray[np.int64]
Float64s = npt.NDArray[np.float64]
Bytes = npt.NDArray[np.uint8]

_BUCKET = np.dtype("<u2")
_COUNTS = {
    width: np.dtype(name) for width, name in ((1, "<u1"), (2, "<u2"), (4, "<u4"), (8, "<f8"))
}


@dataclass(frozen=True, slots=True)
class PackedHistograms:
    """Rows of several histograms.

    Attributes:
        lengths: how many buckets each histogram has; shape (rows, histograms).
        sums_ns: of each histogram; the same shape.
        buckets, counts: columns of bytes.
    """

    lengths: Int64s
    sums_ns: Float64s
    buckets: pa.Array | pa.ChunkedArray
    counts: pa.Array | pa.ChunkedArray

    def grouped(self, groups: Int64s, count: int) -> list[Histograms]:
        """Return the histograms, each with ``count`` rows, added up by the group of each row."""
        widths = _byte_lengths(self.counts) // np.maximum(self.lengths.sum(axis=1), 1)
        order = np.argsort(widths, kind="stable")
        if (widths[1:] == widths[:-1]).all():
            packed = self
        else:
            # Counts of one width stand together then, so that they are read at once.
            packed = PackedHistograms(
                self.lengths[order],
                self.sums_ns[order],
                self.buckets.take(pa.array(order)),
                self.counts.take(pa.array(order)),
            )
            groups, widths = groups[order], widths[order]
        histograms = self.lengths.shape[1]
        cells = groups[:, None] * histograms + np.arange(histograms)
        added = packed._entries(widths).grouped(cells.ravel(), count * histograms)
        return [
            added.take(np.arange(which, count * histograms, histograms))
            for which in range(histograms)
        ]

    def _entries(self, widths: Int64s) -> Histograms:
        """Return all histograms one after another; ``widths`` of counts must be rising."""
        data = _bytes(self.counts)
        ends = np.cumsum(_byte_lengths(self.counts))
        counts = []
        begin = 0
        for width, dtype in _COUNTS.items():
            last = np.searchsorted(widths, width, side="right")
            end = int(ends[last - 1]) if last else 0
            counts.append(data[begin:end].view(dtype).astype(np.float64))
            begin = end
        return Histograms(
            np.concatenate(([0], np.cumsum(self.lengths.ravel()))),
            _bytes(self.buckets).view(_BUCKET).astype(np.int32),
            np.concatenate(counts),
            self.sums_ns.ravel(),
        )


def pack(histograms: Sequence[Histograms]) -> PackedHistograms:
    """Return the rows that have these histograms."""
    rows = len(histograms[0])
    order = np.arange(rows * len(histograms)).reshape(len(histograms), rows).T.ravel()
    entries = Histograms.concatenated(histograms).take(order)
    lengths = np.diff(entries.offsets).reshape(rows, len(histograms))
    of_row = lengths.sum(axis=1)
    widths = _widths(entries.counts, np.repeat(np.arange(rows), of_row), rows)
    of_entry = np.repeat(widths, of_row)
    data = np.empty(int(of_entry.sum()), np.uint8)
    of_byte = np.repeat(of_entry, of_entry)
    for width, dtype in _COUNTS.items():
        data[of_byte == width] = entries.counts[of_entry == width].astype(dtype).view(np.uint8)
    buckets = entries.buckets.astype(_BUCKET).view(np.uint8)
    return PackedHistograms(
        lengths=lengths,
        sums_ns=entries.sums_ns.reshape(rows, len(histograms)),
        buckets=_binary(buckets, of_row * _BUCKET.itemsize),
        counts=_binary(data, of_row * widths),
    )


def _widths(counts: Float64s, rows: Int64s, count: int) -> Int64s:
    """Return the bytes that each count of a row takes."""
    needed = np.full(len(counts), 8)
    is_whole = counts == np.floor(counts)
    for width in (4, 2, 1):
        needed[is_whole & (counts < 1 << 8 * width)] = width
    widths = np.ones(count, np.int64)
    np.maximum.at(widths, rows, needed)
    return widths


def _binary(data: Bytes, lengths: Int64s) -> pa.Array:
    offsets = np.concatenate(([0], np.cumsum(lengths))).astype(np.int32)
    buffers = [None, pa.py_buffer(offsets.tobytes()), pa.py_buffer(data.tobytes())]
    return pa.BinaryArray.from_buffers(pa.binary(), len(lengths), buffers)


def _byte_lengths(column: pa.Array | pa.ChunkedArray) -> Int64s:
    return np.concatenate([np.diff(_offsets(chunk)) for chunk in _chunks(column)])


def _bytes(column: pa.Array | pa.ChunkedArray) -> Bytes:
    """Return the bytes of a column of binaries in one piece."""
    parts = []
    for chunk in _chunks(column):
        offsets = _offsets(chunk)
        data = np.frombuffer(chunk.buffers()[2] or b"", np.uint8)
        parts.append(data[offsets[0] : offsets[-1]])
    return parts[0] if len(parts) == 1 else np.concatenate(parts)


def _chunks(column: pa.Array | pa.ChunkedArray) -> list[pa.Array]:
    found = column.chunks if isinstance(column, pa.ChunkedArray) else [column]
    return found or [pa.array([], pa.binary())]


def _offsets(chunk: pa.Array) -> Int64s:
    buffer = chunk.buffers()[1]
    if buffer is None:
        return np.zeros(1, np.int64)
    offsets = np.frombuffer(buffer, np.int32)[chunk.offset : chunk.offset + len(chunk) + 1]
    return offsets.astype(np.int64)
