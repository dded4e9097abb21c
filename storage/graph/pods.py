"""Which pod had which address when: told by the node ids of proxies' spans."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

import numpy as np
import pyarrow as pa
from sqlalchemy import BigInteger, Select, and_, bindparam, exists, func, insert, select, update

from model.envoy import parse_node_id
from model.graph.kept import Kept
from model.graph.place import Place, PlaceKind
from model.graph.places import lone_place
from model.graph.pods import Pod
from model.graph.span_columns import SpanClass, SpanColumns
from storage.graph.snapshot import GraphSnapshot, PerSchema
from storage.rollup_schema import MINUTE_NS
from storage.schema import Schema

__all__ = ["merged_pods", "pod_of", "pods_in", "store_pods", "stored_pods"]

_PLACE = ("kind", "cluster", "namespace", "service", "version", "workload", "name")
_KEY = ("address", "pod", *_PLACE)
_SEEN = "seen_pods"


def pods_in(spans: SpanColumns) -> list[Pod]:
    """Return the pods that made the spans of a chunk; seen in the minutes of their traces."""
    times = spans.times_ns - spans.times_ns % MINUTE_NS
    minutes, minute = np.unique(times, return_inverse=True)
    made = np.unique(minute[spans.trace] * len(spans.classes) + spans.span_class)
    found = []
    for cell in made.tolist():
        which, span_class = divmod(cell, len(spans.classes))
        pod = pod_of(spans.classes[span_class])
        if pod is not None:
            found.append(Pod(*pod, int(minutes[which]), int(minutes[which])))
    return merged_pods(found)


def merged_pods(pods: Iterable[Pod]) -> list[Pod]:
    """Return each pod once, seen from the first to the last time, by address, then first seen."""
    return list(_MERGED.to(tuple(pods)))


def _merged(pods: tuple[Pod, ...]) -> list[Pod]:
    seen: dict[tuple[str, Place, str], tuple[int, int]] = {}
    for pod in pods:
        key = (pod.address, pod.place, pod.pod)
        first_ns, last_ns = seen.get(key, (pod.first_seen_ns, pod.last_seen_ns))
        seen[key] = (min(first_ns, pod.first_seen_ns), max(last_ns, pod.last_seen_ns))
    merged = (Pod(*key, *times) for key, times in seen.items())
    return sorted(merged, key=lambda pod: (pod.address, pod.first_seen_ns, pod.pod, pod.place))


def stored_pods(snapshot: GraphSnapshot, from_ns: int, to_ns: int) -> list[Pod]:
    """Return the stored pods that were seen in ``[from_ns, to_ns)``, or before and after."""
    rows = snapshot.fetch(
        _OVERLAPPING.of(snapshot.schema), after_ns=from_ns - MINUTE_NS, last_ns=to_ns - 1
    )
    return list(_PODS.to(rows))


def _pods_of_rows(rows: pa.Table) -> list[Pod]:
    columns = {name: rows.column(name).to_pylist() for name in rows.column_names}
    places = map(_place, *(columns[name] for name in _PLACE))
    return [
        Pod(*pod)
        for pod in zip(
            columns["address"],
            places,
            columns["pod"],
            columns["first_seen_ns"],
            columns["last_seen_ns"],
            strict=True,
        )
    ]


def store_pods(snapshot: GraphSnapshot, pods: Iterable[Pod]) -> None:
    """Store pods, or widen the time in which they were seen."""
    rows = [_row_of_pod(pod) for pod in merged_pods(pods)]
    if not rows:
        return
    table = snapshot.schema.graph.pods
    connection = snapshot.connection
    with snapshot.columnar.lend(connection, _SEEN, pa.Table.from_pylist(rows)) as seen:
        same = and_(*(table.c[name] == seen.c[name] for name in _KEY))
        wider = {
            "first_seen_ns": func.least(table.c.first_seen_ns, seen.c.first_seen_ns),
            "last_seen_ns": func.greatest(table.c.last_seen_ns, seen.c.last_seen_ns),
        }
        is_wider = (seen.c.first_seen_ns < table.c.first_seen_ns) | (
            seen.c.last_seen_ns > table.c.last_seen_ns
        )
        connection.execute(update(table).where(same, is_wider).values(wider))
        new = select(seen).where(~exists(select(1).select_from(table).where(same)))
        connection.execute(insert(table).from_select(list(rows[0]), new))


@lru_cache(maxsize=10_000)
def pod_of(span_class: SpanClass) -> tuple[str, Place, str] | None:
    """Return address, place and name of the pod that made a span; None if it does not tell."""
    node = parse_node_id(span_class.node_id)
    place = lone_place(span_class)
    if node is None or not node.ip or place is None:
        return None
    return node.ip, place, node.pod


def _row_of_pod(pod: Pod) -> Mapping[str, str | int]:
    place = pod.place
    return {
        "address": pod.address,
        "pod": pod.pod,
        "kind": place.kind.value,
        "cluster": place.cluster,
        "namespace": place.namespace,
        "service": place.service,
        "version": place.version,
        "workload": place.workload,
        "name": place.name,
        "first_seen_ns": pod.first_seen_ns,
        "last_seen_ns": pod.last_seen_ns,
    }


@lru_cache(maxsize=10_000)
def _place(kind: str, *names: str) -> Place:
    return Place(PlaceKind(kind), *names)


def _overlapping(schema: Schema) -> Select[*tuple[Any, ...]]:
    pods = schema.graph.pods
    after_ns, last_ns = (bindparam(name, type_=BigInteger) for name in ("after_ns", "last_ns"))
    return select(pods).where(pods.c.last_seen_ns > after_ns, pods.c.first_seen_ns <= last_ns)


# Pods seldom change from one question to the next.
_PODS = Kept(_pods_of_rows, most=4)
_MERGED = Kept(_merged, most=4)
_OVERLAPPING = PerSchema(_overlapping)
