"""The tables of the dependency graph: rollups by period, their keys, and what is up to date.

A period is a minute, ten minutes, an hour or a day (UTC), by the time of whole traces. What its
rows add up is in :class:`model.graph.measures.Measures`; the keys of edges and operations are
JSON texts named by a hash, so that nobody has to hand out numbers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import (
    BigInteger,
    Column,
    Double,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Uuid,
)

from storage.sql_types import TEXT, index

__all__ = ["HISTOGRAMS", "HOUR_NS", "MINUTE_NS", "WIDTHS_NS", "GraphTables", "graph_tables"]

MINUTE_NS = 60_000_000_000
HOUR_NS = 60 * MINUTE_NS

WIDTHS_NS = (MINUTE_NS, 10 * MINUTE_NS, HOUR_NS, 24 * HOUR_NS)
"""Widths of periods, from fine to coarse; each is a multiple of the one before."""

_WIDTH_NAMES = dict(zip(WIDTHS_NS, ("1m", "10m", "1h", "1d"), strict=True))

HISTOGRAMS = ("client", "server", "lag")
"""The histograms of a row, in the order in which their buckets are stored."""


@dataclass(frozen=True, slots=True)
class GraphTables:
    """The tables of the dependency graph.

    Attributes:
        edges, operations: rows of measures, by the width of their periods.
        rolled_periods: periods whose rows say what the pieces of traces below the watermark say.
        pending_minutes: minutes of which they do not.
        link_targets: traces that spans of a rolled minute link to, so that spans which arrive
            late there are known to change the minute (rule G31).
        rollup_state: numbers by name, see :mod:`storage.graph.state`.
    """

    edges: Mapping[int, Table]
    operations: Mapping[int, Table]
    edge_keys: Table
    operation_keys: Table
    rolled_periods: Table
    pending_minutes: Table
    link_targets: Table
    pods: Table
    rollup_state: Table


def graph_tables(metadata: MetaData) -> GraphTables:
    """Add the tables to ``metadata`` and return them."""
    tables = _tables(metadata)
    for table in (*tables.edges.values(), *tables.operations.values(), tables.rolled_periods):
        index(table, "start_ns")
    for table in (tables.edge_keys, tables.operation_keys):
        index(table, "id")
    index(tables.link_targets, "trace_id")
    index(tables.link_targets, "start_ns")
    return tables


def _tables(metadata: MetaData) -> GraphTables:
    return GraphTables(
        edges={
            width: Table(f"edge_rollups_{name}", metadata, *_measures())
            for width, name in _WIDTH_NAMES.items()
        },
        operations={
            width: Table(f"operation_rollups_{name}", metadata, *_measures())
            for width, name in _WIDTH_NAMES.items()
        },
        edge_keys=Table("edge_keys", metadata, *_key()),
        operation_keys=Table("operation_keys", metadata, *_key()),
        rolled_periods=Table(
            "rolled_periods",
            metadata,
            _number("width_ns", "ns: a minute, ten minutes, an hour or a day"),
            _number("start_ns", "ns since the epoch, a multiple of the width"),
            _number("rolled_at_ns", "when its rows were written, ns since the epoch"),
        ),
        pending_minutes=Table("pending_minutes", metadata, _number("start_ns", "ns since epoch")),
        link_targets=Table(
            "link_targets",
            metadata,
            Column("trace_id", Uuid, nullable=False, comment="of the spans that are linked to"),
            _number("start_ns", "minute of the trace that links, ns since the epoch"),
        ),
        pods=Table(
            "pods",
            metadata,
            _text("address", "its IP, without a port"),
            _text("pod", "its name"),
            _text("kind", "model.graph.place.PlaceKind"),
            _text("cluster", "mesh identity; empty when unknown"),
            _text("namespace", "mesh identity; empty when unknown"),
            _text("service", "mesh identity; empty when unknown"),
            _text("version", "mesh identity; empty when unknown"),
            _text("workload", "mesh identity; empty when unknown"),
            _text("name", "by which its traces are found"),
            _number("first_seen_ns", "earliest minute of a trace that it made spans in"),
            _number("last_seen_ns", "latest such minute"),
        ),
        rollup_state=Table(
            "rollup_state",
            metadata,
            _text("name", "what the number is"),
            _number("value", "as storage.graph.state has it"),
        ),
    )


def _measures() -> list[Column[object]]:
    return [
        _number("start_ns", "of the period, ns since the epoch"),
        _number("key", "id of the edge or operation"),
        _number("calls", "as stored"),
        _number("errors", "as stored"),
        _real("estimated", "calls, scaled by sampling"),
        _real("estimated_errors", "errors, scaled by sampling"),
        _real("variance", "of estimated"),
        _number("unscaled", "calls whose sampling probability is not known"),
        *(column for name in HISTOGRAMS for column in _histogram(name)),
        # As bytes, and of all histograms together: lists take six times as long to read.
        Column(
            "buckets",
            LargeBinary,
            nullable=False,
            comment="bucket numbers, 2 bytes each; i holds (2^((i-1)/8), 2^(i/8)] us",
        ),
        Column(
            "counts",
            LargeBinary,
            nullable=False,
            comment="calls of each bucket: integers of 1, 2 or 4 bytes, or floats of 8",
        ),
        _number("request_bytes", "sum of body sizes"),
        _number("response_bytes", "sum of body sizes"),
        _number("slowest_ns", "longest latency; -1 if none"),
        Column("slowest_trace", Uuid, nullable=False, comment="of the longest latency"),
        _number("latest_error_ns", "start of the latest call in error; -1 if none"),
        Column("latest_error_trace", Uuid, nullable=False, comment="of the latest error"),
    ]


def _histogram(name: str) -> list[Column[object]]:
    return [
        Column(f"{name}_buckets", Integer, nullable=False, comment="how many of the buckets"),
        _real(f"{name}_sum_ns", "sum of the latencies, ns"),
    ]


def _key() -> list[Column[object]]:
    return [
        _number("id", "BLAKE2b-64 of the key, signed"),
        _text("key", "JSON object; what has its default is left out"),
    ]


def _number(name: str, comment: str) -> Column[object]:
    return Column(name, BigInteger, nullable=False, comment=comment)


def _real(name: str, comment: str) -> Column[object]:
    return Column(name, Double, nullable=False, comment=comment)


def _text(name: str, comment: str) -> Column[object]:
    return Column(name, TEXT, nullable=False, comment=comment)
