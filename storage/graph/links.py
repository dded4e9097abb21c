"""Span links of a chunk of spans, and the stored spans that they name (rules G28 to G31)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import fields
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa
from sqlalchemy import ARRAY, BigInteger, Select, bindparam, select

from model.graph.span_columns import LinkedSpan, SpanClass, SpanLink
from model.side import side_of
from storage.functions import any_of, uuid_high, uuid_low
from storage.graph.pieces import TracePieces, group_pieces, pieces_of, unsigned
from storage.graph.snapshot import GraphSnapshot, PerSchema
from storage.graph.span_classes import SpanClasses, class_hash
from storage.graph.span_rows import number_groups
from storage.schema import Schema

__all__ = ["SpanLinks"]

Int64s = npt.NDArray[np.int64]

_MOST_LINKS = 1_000
"""Links of a span that count; SDKs allow 128."""

_ROWS_PER_QUERY = 2_000
_IDS = "linked_ids"


class _Link(msgspec.Struct):
    traceId: str = ""  # noqa: N815 # as OTLP/JSON has it
    spanId: str = ""  # noqa: N815


_LINKS = msgspec.json.Decoder(list[_Link])


class SpanLinks:
    """Reads links and what they name."""

    def __init__(self, classes: SpanClasses) -> None:
        self._classes = classes
        self._links = PerSchema(_links_of)
        self._spans = PerSchema(_spans_of)

    def links(self, snapshot: GraphSnapshot, numbers: Int64s) -> dict[int, tuple[SpanLink, ...]]:
        """Return the links of the spans with these ``seq`` numbers, by number."""
        found: dict[int, tuple[SpanLink, ...]] = {}
        for first in range(0, len(numbers), _ROWS_PER_QUERY):
            asked = numbers[first : first + _ROWS_PER_QUERY].tolist()
            rows = snapshot.fetch(self._links.of(snapshot.schema), numbers=asked)
            for seq, text in zip(*(column.to_pylist() for column in rows.columns), strict=True):
                found[seq] = tuple(
                    SpanLink(link.traceId, link.spanId)
                    for link in _LINKS.decode(text)[:_MOST_LINKS]
                    if len(link.traceId) == 32 and len(link.spanId) == 16
                )
        return found

    def linked(
        self, snapshot: GraphSnapshot, links: Iterable[SpanLink], below_seq: int
    ) -> dict[SpanLink, LinkedSpan]:
        """Return the stored spans that ``links`` name.

        Of several with one id the caller's side counts; several reports of it are one (G2).
        """
        wanted = set(links)
        if not wanted:
            return {}
        pieces = self._pieces(snapshot, {link.trace_id for link in wanted}, below_seq)
        span_ids = sorted({_signed(link.span_id) for link in wanted})
        reports: dict[SpanLink, list[_Report]] = {}
        for numbers in number_groups(pieces.first_seq, pieces.span_count):
            statement = self._spans.of(snapshot.schema)
            rows = snapshot.fetch(statement, numbers=numbers.tolist(), span_ids=span_ids)
            for link, report in self._reports(snapshot, rows):
                if link in wanted:
                    reports.setdefault(link, []).append(report)
        return {link: _merged(found) for link, found in reports.items()}

    def _pieces(
        self, snapshot: GraphSnapshot, trace_ids: Iterable[str], below_seq: int
    ) -> TracePieces:
        ids = pa.ExtensionArray.from_storage(
            pa.uuid(), pa.array([bytes.fromhex(one) for one in sorted(trace_ids)], pa.binary(16))
        )
        with snapshot.columnar.lend(snapshot.connection, _IDS, pa.table({"trace_id": ids})) as lent:
            statement = pieces_of(snapshot.schema, select(lent.c.trace_id), below_seq)
            return group_pieces(snapshot.fetch(statement))

    def _reports(
        self, snapshot: GraphSnapshot, rows: pa.Table
    ) -> Iterable[tuple[SpanLink, _Report]]:
        hashes, first, inverse = np.unique(
            unsigned(rows.column("class_hash")), return_index=True, return_inverse=True
        )
        classes = self._classes.find(snapshot, hashes, rows.column("seq").to_numpy()[first])
        for row, which in zip(rows.to_pylist(), inverse, strict=True):
            link = SpanLink(_hex(row["high"]) + _hex(row["low"]), _hex(row["span_id"]))
            yield link, (classes[which], row["start_ns"], row["start_ns"] + row["duration_ns"])


_Report = tuple[SpanClass, int, int]
"""Class, start and end of one report of a span."""


def _merged(reports: Sequence[_Report]) -> LinkedSpan:
    side = min(side_of(span_class.kind) for span_class, _, _ in reports)
    of_side = [report for report in reports if side_of(report[0].kind) is side]
    start_ns = min(start for _, start, _ in of_side)
    fullest = min((report[0] for report in of_side), key=_fullness)
    return LinkedSpan(fullest, start_ns, max(end for _, _, end in of_side) - start_ns)


def _fullness(span_class: SpanClass) -> tuple[int, str]:
    # As reports of one span merge in the graph: the fullest first, of equals by its text.
    told = sum(getattr(span_class, one.name) not in ("", None) for one in fields(span_class))
    return -told, repr(span_class)


def _hex(number: int) -> str:
    return f"{number & ((1 << 64) - 1):016x}"


def _signed(span_id: str) -> int:
    return int.from_bytes(bytes.fromhex(span_id), "big", signed=True)


def _links_of(schema: Schema) -> Select[*tuple[Any, ...]]:
    spans = schema.spans.c
    numbers = bindparam("numbers", type_=ARRAY(BigInteger))
    return select(spans.seq, spans.links).where(any_of(spans.seq, numbers))


def _spans_of(schema: Schema) -> Select[*tuple[Any, ...]]:
    spans = schema.spans.c
    numbers = bindparam("numbers", type_=ARRAY(BigInteger))
    span_ids = bindparam("span_ids", type_=ARRAY(BigInteger))
    return select(
        spans.seq,
        uuid_high(spans.trace_id).label("high"),
        uuid_low(spans.trace_id).label("low"),
        spans.span_id,
        spans.start_ns,
        spans.duration_ns,
        class_hash(schema).label("class_hash"),
    ).where(
        any_of(spans.seq, numbers),
        any_of(spans.span_id, span_ids),
    )
