"""Whole traces out of the span table, as the columns that the graph is computed from."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import Select, select

from model.graph.span_columns import SpanColumns
from storage.functions import uuid_high, uuid_low
from storage.graph.links import SpanLinks
from storage.graph.pieces import NO_BOUND, TracePieces, unsigned, window
from storage.graph.snapshot import GraphSnapshot
from storage.graph.span_classes import SpanClasses, class_hash
from storage.graph.span_rows import SpanRows, rows_by_trace
from storage.schema import Schema

__all__ = ["CHUNK_SPANS", "SpanLoader"]

Int64s = npt.NDArray[np.int64]
Int32s = npt.NDArray[np.int32]
UInt64s = npt.NDArray[np.uint64]

CHUNK_SPANS = 200_000

_REQUEST_ID = ("request_high", "request_low")


class SpanLoader:
    """Loads the traces of a window in chunks; used from several threads at once."""

    def __init__(self) -> None:
        self._classes = SpanClasses()
        self._rows = SpanRows(_columns)
        self._rows_with_request_ids = SpanRows(_columns_with_request_ids)
        self._links = SpanLinks(self._classes)

    def chunks(
        self,
        snapshot: GraphSnapshot,
        from_ns: int,
        to_ns: int,
        chunk_spans: int = CHUNK_SPANS,
        below_seq: int = NO_BOUND,
        *,
        request_ids: bool = False,
    ) -> Iterator[SpanColumns]:
        """Yield the traces of ``[from_ns, to_ns)`` by time, about ``chunk_spans`` spans at once.

        Only pieces of traces below ``below_seq`` are taken as stored. Request ids are zeros unless
        ``request_ids`` asks for them: no edge depends on them.
        """
        traces = window(snapshot, from_ns, to_ns, below_seq)
        if not len(traces):
            return
        counts = np.bincount(traces.trace, traces.span_count).astype(np.int64)
        chunk = (np.cumsum(counts) - counts) // chunk_spans
        starts = np.flatnonzero(np.diff(chunk, prepend=-1))
        for members in np.split(np.arange(len(traces)), starts[1:]):
            yield self._load(snapshot, traces.chosen(members), below_seq, request_ids)

    def _load(
        self, snapshot: GraphSnapshot, traces: TracePieces, below_seq: int, request_ids: bool
    ) -> SpanColumns:
        source = self._rows_with_request_ids if request_ids else self._rows
        rows = source.read(snapshot, traces)
        trace, order = rows_by_trace(rows.column("seq").to_numpy(), traces)
        seq = rows.column("seq").to_numpy()[order]
        hashes, span_class = _distinct(unsigned(rows.column("class_hash"))[order])
        example = np.empty(len(hashes), np.int64)
        example[span_class] = seq
        classes = self._classes.find(snapshot, hashes, example)
        peer_address, peer_addresses = _encoded(rows.column("peer_address"))
        trace_state, trace_states = _encoded(rows.column("trace_state"))
        has_links = np.flatnonzero(rows.column("has_links").to_numpy()[order])
        by_number = self._links.links(snapshot, seq[has_links])
        links = {int(row): by_number[int(seq[row])] for row in has_links}
        wanted = {link for found in links.values() for link in found}
        return SpanColumns(
            trace=trace,
            trace_ids=traces.trace_ids,
            times_ns=traces.times_ns,
            span_id=rows.column("span_id").to_numpy()[order],
            parent_id=_filled(rows.column("parent_span_id"), 0)[order],
            has_parent=rows.column("parent_span_id").is_valid().to_numpy()[order],
            start_ns=rows.column("start_ns").to_numpy()[order],
            duration_ns=rows.column("duration_ns").to_numpy()[order],
            request_bytes=_filled(rows.column("request_size"), -1)[order],
            response_bytes=_filled(rows.column("response_size"), -1)[order],
            span_class=span_class,
            classes=classes,
            peer_address=peer_address[order],
            peer_addresses=peer_addresses,
            trace_state=trace_state[order],
            trace_states=trace_states,
            request_id=_request_ids(rows, order),
            links=links,
            linked=self._links.linked(snapshot, wanted, below_seq),
        )


def _columns(schema: Schema) -> Select[*tuple[Any, ...]]:
    spans = schema.spans.c
    return select(
        spans.seq,
        spans.span_id,
        spans.parent_span_id,
        spans.start_ns,
        spans.duration_ns,
        spans.request_size,
        spans.response_size,
        class_hash(schema).label("class_hash"),
        spans.peer_address,
        spans.trace_state,
        spans.links.is_not(None).label("has_links"),
    )


def _columns_with_request_ids(schema: Schema) -> Select[*tuple[Any, ...]]:
    request_id = schema.spans.c.request_id
    return _columns(schema).add_columns(
        uuid_high(request_id).label(_REQUEST_ID[0]), uuid_low(request_id).label(_REQUEST_ID[1])
    )


def _request_ids(rows: pa.Table, order: Int64s) -> UInt64s:
    if not set(_REQUEST_ID) <= set(rows.column_names):
        return np.zeros((len(order), 2), np.uint64)
    return np.column_stack([unsigned(rows.column(name))[order] for name in _REQUEST_ID])


def _distinct(hashes: UInt64s) -> tuple[UInt64s, Int32s]:
    """Return the distinct hashes, and of each hash the index of its equal among them."""
    encoded = pa.array(hashes).dictionary_encode()
    return encoded.dictionary.to_numpy(), encoded.indices.to_numpy()


def _encoded(texts: pa.ChunkedArray) -> tuple[Int32s, list[str]]:
    if texts.null_count == len(texts):
        return np.zeros(len(texts), np.int32), [""]
    encoded = pc.dictionary_encode(texts).combine_chunks()
    if isinstance(encoded, pa.ChunkedArray):
        encoded = encoded.chunk(0)
    indexes = pc.fill_null(encoded.indices, -1).to_numpy() + 1
    return indexes.astype(np.int32), ["", *encoded.dictionary.to_pylist()]


def _filled(numbers: pa.ChunkedArray, missing: int) -> Int64s:
    found: Int64s = pc.fill_null(numbers, missing).to_numpy().astype(np.int64)
    return found
