"""The pods of minutes that are not rolled up, from the few columns that tell them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from sqlalchemy import ARRAY, BigInteger, Select, bindparam, select

from model.graph.pods import Pod
from model.graph.span_columns import SpanClass
from model.span import MeshIdentity, SpanKind, StatusCode
from storage.functions import any_of, row_hash
from storage.graph.pieces import NO_BOUND, unsigned, window
from storage.graph.pods import pod_of
from storage.graph.snapshot import GraphSnapshot, PerSchema
from storage.graph.span_rows import SpanRows, rows_by_trace
from storage.rollup_schema import MINUTE_NS
from storage.schema import Schema

__all__ = ["live_pods"]

_IDENTITY = ("cluster", "namespace", "service", "version", "workload", "pod")
_TELLING = ("node_id", "component", "service_name", *_IDENTITY)


def live_pods(snapshot: GraphSnapshot, minute_ns: int) -> Iterator[Pod]:
    """Yield the pods that made spans of the traces of one minute; a pod may come twice."""
    traces = window(snapshot, minute_ns, minute_ns + MINUTE_NS, NO_BOUND)
    if not len(traces):
        return
    rows = _HASHES.read(snapshot, traces)
    _, kept = rows_by_trace(rows.column("seq").to_numpy(), traces)
    _, first = np.unique(unsigned(rows.column("hash"))[kept], return_index=True)
    numbers = rows.column("seq").to_numpy()[kept][first].tolist()
    for row in snapshot.fetch(_TOLD.of(snapshot.schema), numbers=numbers).to_pylist():
        found = pod_of(_span_class(row))
        if found is not None:
            yield Pod(*found, minute_ns, minute_ns)


def _span_class(row: dict[str, Any]) -> SpanClass:
    return SpanClass(
        name="",
        kind=SpanKind.UNSPECIFIED,
        status=StatusCode.UNSET,
        error=False,
        remote_parent=None,
        service_name=row["service_name"],
        identity=MeshIdentity(*(row[name] for name in _IDENTITY)),
        component=row["component"] or "",
        node_id=row["node_id"],
    )


def _hashes(schema: Schema) -> Select[*tuple[Any, ...]]:
    spans = schema.spans.c
    told = row_hash(*(spans[name] for name in _TELLING))
    return select(spans.seq, told.label("hash")).where(spans.node_id.is_not(None))


def _told(schema: Schema) -> Select[*tuple[Any, ...]]:
    spans = schema.spans.c
    numbers = bindparam("numbers", type_=ARRAY(BigInteger))
    return select(*(spans[name] for name in _TELLING)).where(any_of(spans.seq, numbers))


_HASHES = SpanRows(_hashes)
_TOLD = PerSchema(_told)
