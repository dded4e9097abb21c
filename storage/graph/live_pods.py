"""The pods of minutes that are not rolled up, from the few columns that tell them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from sqlalchemy import ARRAY, BigInteger, Select, bindparam, select

from model.graph.pods import Pod
from model.graph.span_columns import SpanClass
from model.span import MeshIdentity, SpanKind, StatusCode
from storage.functions import any_of, row_hash
from storage.graph.cover import runs
from storage.graph.pieces import NO_BOUND, unsigned, window
from storage.graph.pods import pod_of
from storage.graph.snapshot import GraphSnapshot, PerSchema
from storage.graph.span_rows import SpanRows, rows_by_trace
from storage.rollup_schema import MINUTE_NS
from storage.schema import Schema

__all__ = ["live_pods"]

Int64s = npt.NDArray[np.int64]

_AT_ONCE_NS = 4 * MINUTE_NS

_IDENTITY = ("cluster", "namespace", "service", "version", "workload", "pod")
_TELLING = ("node_id", "component", "service_name", *_IDENTITY)


def live_pods(snapshot: GraphSnapshot, minutes: Int64s) -> Iterator[Pod]:
    """Yield the pods that made spans of the traces of these minutes; a pod may come twice.

    Args:
        snapshot: where to look.
        minutes: starts of minutes, rising.
    """
    for first_ns, last_ns in runs(minutes, MINUTE_NS):
        for start_ns in range(first_ns, last_ns + 1, _AT_ONCE_NS):
            end_ns = min(start_ns + _AT_ONCE_NS, last_ns + MINUTE_NS)
            yield from _pods_between(snapshot, start_ns, end_ns)


def _pods_between(snapshot: GraphSnapshot, from_ns: int, to_ns: int) -> Iterator[Pod]:
    traces = window(snapshot, from_ns, to_ns, NO_BOUND)
    if not len(traces):
        return
    rows = _HASHES.read(snapshot, traces)
    trace, kept = rows_by_trace(rows.column("seq").to_numpy(), traces)
    hashes = pa.array(unsigned(rows.column("hash"))[kept]).dictionary_encode()
    minute = (traces.times_ns - from_ns) // MINUTE_NS
    count = len(hashes.dictionary)
    cells, row = np.unique(minute[trace] * count + hashes.indices.to_numpy(), return_index=True)
    example = rows.column("seq").to_numpy()[kept][row]
    told = snapshot.fetch(_TOLD.of(snapshot.schema), numbers=example.tolist()).to_pylist()
    pods = {one["seq"]: pod_of(_span_class(one)) for one in told}
    for number, start in zip(example.tolist(), (cells // count).tolist(), strict=True):
        found = pods[number]
        if found is not None:
            start_ns = from_ns + start * MINUTE_NS
            yield Pod(*found, start_ns, start_ns)


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
    return select(spans.seq, *(spans[name] for name in _TELLING)).where(any_of(spans.seq, numbers))


_HASHES = SpanRows(_hashes)
_TOLD = PerSchema(_told)
