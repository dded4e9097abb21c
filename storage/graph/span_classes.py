"""Classes of spans: told apart by a hash in SQL, and read once for each hash.

A mesh has a few hundred classes however many spans it sends, so what a class holds is fetched
once for each hash that is not known yet, from one span that has it.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    Select,
    and_,
    bindparam,
    case,
    false,
    func,
    not_,
    or_,
    select,
)

from model.graph.span_columns import PROBE_USER_AGENTS, SpanClass
from model.span import MeshIdentity, SpanKind, StatusCode
from storage.conditions import is_error
from storage.functions import any_of, row_hash
from storage.graph.snapshot import GraphSnapshot, PerSchema
from storage.schema import Schema

__all__ = ["SpanClasses", "class_hash"]

_KEPT_CLASSES = 20_000
_ROWS_PER_QUERY = 5_000

_HTTP = ("http_method", "http_status_code", "http_url", "url_path", "http_route")
_OUTBOUND = (int(SpanKind.CLIENT), int(SpanKind.PRODUCER))
_URL = r"(?s)^(?:[^/?#]*://(?:[^/?#]*@)?([^/?#]*))?.*$"
"""Any text at all; of one with a scheme and an authority it tells the host."""

_PARENT_IS_KNOWN = 0x100
_PARENT_IS_REMOTE = 0x200

_IDENTITY = ("cluster", "namespace", "service", "version", "workload", "pod")
_NUMBERS = {
    "server_port": "server_port",
    "http_status_code": "http_status_code",
    "grpc_status_code": "grpc_status_code",
}
_TEXTS = {
    "component": "component",
    "node_id": "node_id",
    "upstream_cluster": "upstream_cluster",
    "upstream_address": "upstream_address",
    "peer_service": "peer_service",
    "server_address": "server_address",
    "response_flags": "response_flags",
    "db_system": "db_system",
    "db_namespace": "db_namespace",
    "messaging_system": "messaging_system",
    "messaging_destination": "messaging_destination",
    "source_workload": "istio_source_workload",
    "source_namespace": "istio_source_namespace",
    "source_service": "istio_source_service",
    "destination_workload": "istio_destination_workload",
    "destination_namespace": "istio_destination_namespace",
    "destination_service": "istio_destination_service",
    "source_principal": "source_principal",
    "destination_principal": "destination_principal",
}

# What Envoy says of most requests; other texts are in no span at all in many a mesh.
_COMMON_TEXTS = ("component", "node_id", "upstream_cluster", "upstream_address", "response_flags")

UInt64s = npt.NDArray[np.uint64]
Int64s = npt.NDArray[np.int64]


def class_hash(schema: Schema) -> ColumnElement[int]:
    """The hash of all that tells a span's class."""
    return row_hash(*_parts(schema).values())


class SpanClasses:
    """The classes by their hash, the latest used of them kept."""

    def __init__(self) -> None:
        self._known: OrderedDict[int, SpanClass] = OrderedDict()
        self._statement = PerSchema(_classes_of)

    def find(self, snapshot: GraphSnapshot, hashes: UInt64s, numbers: Int64s) -> list[SpanClass]:
        """Return the class of each distinct hash; ``numbers`` is the ``seq`` of a span of each.

        Equal classes may have several hashes.
        """
        keys = [int(key) for key in hashes]
        found = {key: known for key in keys if (known := self._known.get(key)) is not None}
        missing = {int(n): key for key, n in zip(keys, numbers, strict=True) if key not in found}
        for numbers_asked in _parts_of(sorted(missing)):
            statement = self._statement.of(snapshot.schema)
            rows = snapshot.fetch(statement, numbers=numbers_asked).to_pylist()
            found.update((missing[row["seq"]], _span_class(row)) for row in rows)
        self._keep(found)
        return [found[key] for key in keys]

    def _keep(self, found: Mapping[int, SpanClass]) -> None:
        # Several threads may come by here: each step leaves a map that is right.
        for key, span_class in list(found.items())[-_KEPT_CLASSES:]:
            self._known[key] = span_class
            self._known.move_to_end(key)
        while len(self._known) > _KEPT_CLASSES:
            self._known.popitem(last=False)


def _parts_of(numbers: list[int]) -> list[list[int]]:
    return [
        numbers[first : first + _ROWS_PER_QUERY]
        for first in range(0, len(numbers), _ROWS_PER_QUERY)
    ]


def _parts(schema: Schema) -> dict[str, ColumnElement[Any]]:
    spans = schema.spans.c
    return {
        "name": spans.name,
        "kind": spans.kind,
        "status": spans.status_code,
        "error": is_error(schema),
        "parent_flags": spans.flags.bitwise_and(_PARENT_IS_KNOWN | _PARENT_IS_REMOTE),
        "service_name": spans.service_name,
        **{name: spans[name] for name in _IDENTITY},
        **{name: spans[name] for name in _COMMON_TEXTS},
        # No text and an empty one are the same class, and so written DuckDB need not read a column
        # that holds nothing: a fifth to a third of the time that the hash takes.
        **{
            field: func.coalesce(spans[column], "")
            for field, column in _TEXTS.items()
            if field not in _COMMON_TEXTS
        },
        **{field: spans[column] for field, column in _NUMBERS.items()},
        "url_host": _url_host(schema),
        "is_http": or_(*(spans[column].is_not(None) for column in _HTTP)),
        "is_grpc": or_(
            spans.grpc_path.is_not(None),
            spans.grpc_status_code.is_not(None),
            func.coalesce(spans.rpc_system, "") == "grpc",
        ),
        "is_probe": func.coalesce(
            or_(*(func.starts_with(spans.user_agent, begin) for begin in PROBE_USER_AGENTS)),
            false(),
        ),
        "mtls": spans.mtls,
    }


def _url_host(schema: Schema) -> ColumnElement[str]:
    # As urllib.parse.urlsplit(url).netloc without what stands before "@".
    spans = schema.spans.c
    calls_service = or_(
        spans.upstream_cluster.like("outbound|%|%|%"),
        spans.upstream_cluster.like(r"outbound\_.%\_.%\_.%", escape="\\"),
    )
    is_outbound = or_(*(spans.kind == kind for kind in _OUTBOUND))
    is_told = and_(is_outbound, not_(func.coalesce(calls_service, false())))
    # One function: nested ones like split_part, a macro in DuckDB, take longer to plan than to run.
    host = func.regexp_replace(func.coalesce(spans.http_url, ""), _URL, r"\1")
    return case((is_told, host), else_="")


def _classes_of(schema: Schema) -> Select[*tuple[Any, ...]]:
    numbers = bindparam("numbers", type_=ARRAY(BigInteger))
    seq = schema.spans.c.seq
    columns = [part.label(name) for name, part in _parts(schema).items()]
    return select(seq, *columns).where(any_of(seq, numbers))


def _span_class(row: dict[str, Any]) -> SpanClass:
    flags = row["parent_flags"]
    return SpanClass(
        name=row["name"],
        kind=SpanKind(row["kind"]),
        status=StatusCode(row["status"]),
        error=row["error"],
        remote_parent=bool(flags & _PARENT_IS_REMOTE) if flags & _PARENT_IS_KNOWN else None,
        service_name=row["service_name"],
        identity=MeshIdentity(*(row[name] for name in _IDENTITY)),
        url_host=row["url_host"],
        is_http=row["is_http"],
        is_grpc=row["is_grpc"],
        is_probe=row["is_probe"],
        mtls=row["mtls"],
        **{field: row[field] or "" for field in _TEXTS},
        **{field: "" if row[field] is None else str(row[field]) for field in _NUMBERS},
    )
