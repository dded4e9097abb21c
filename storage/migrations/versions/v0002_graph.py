"""Version 2 of the data: the tables of the dependency graph, as they were when it came."""

from __future__ import annotations

from collections.abc import Iterator

from alembic.operations import Operations

revision = "0002"
down_revision = "0001"

_MEASURES = """
    start_ns BIGINT NOT NULL, key BIGINT NOT NULL, calls BIGINT NOT NULL, errors BIGINT NOT NULL,
    estimated DOUBLE PRECISION NOT NULL, estimated_errors DOUBLE PRECISION NOT NULL,
    variance DOUBLE PRECISION NOT NULL, unscaled BIGINT NOT NULL, {histograms},
    buckets BLOB NOT NULL, counts BLOB NOT NULL,
    request_bytes BIGINT NOT NULL, response_bytes BIGINT NOT NULL,
    slowest_ns BIGINT NOT NULL, slowest_trace UUID NOT NULL,
    latest_error_ns BIGINT NOT NULL, latest_error_trace UUID NOT NULL
"""
_HISTOGRAM = "{name}_buckets INTEGER NOT NULL, {name}_sum_ns DOUBLE PRECISION NOT NULL"
_TABLES = (
    "edge_keys (id BIGINT NOT NULL, key VARCHAR NOT NULL)",
    "operation_keys (id BIGINT NOT NULL, key VARCHAR NOT NULL)",
    """
    rolled_periods (
        width_ns BIGINT NOT NULL, start_ns BIGINT NOT NULL, rolled_at_ns BIGINT NOT NULL
    )
    """,
    "pending_minutes (start_ns BIGINT NOT NULL)",
    "link_targets (trace_id UUID NOT NULL, start_ns BIGINT NOT NULL)",
    """
    pods (
        address VARCHAR NOT NULL, pod VARCHAR NOT NULL, kind VARCHAR NOT NULL,
        cluster VARCHAR NOT NULL, namespace VARCHAR NOT NULL, service VARCHAR NOT NULL,
        version VARCHAR NOT NULL, workload VARCHAR NOT NULL, name VARCHAR NOT NULL,
        first_seen_ns BIGINT NOT NULL, last_seen_ns BIGINT NOT NULL
    )
    """,
    "rollup_state (name VARCHAR NOT NULL, value BIGINT NOT NULL)",
)

# Pieces follow one another in the order of seq, so a root is in the last that begins before it.
_FILL_ROOTS = """
    UPDATE traces SET root_start_ns = found.root_start_ns FROM (
        SELECT piece.first_seq, min(root.start_ns) AS root_start_ns
        FROM (SELECT seq, start_ns FROM spans WHERE parent_span_id IS NULL) AS root
        ASOF JOIN (SELECT first_seq FROM traces) AS piece ON root.seq >= piece.first_seq
        GROUP BY piece.first_seq
    ) AS found
    WHERE traces.first_seq = found.first_seq
"""

# Nothing is rolled up yet: every minute that has traces is to be.
_LET_ALL_BE_PENDING = """
    INSERT INTO pending_minutes
    SELECT DISTINCT time_ns - time_ns % 60000000000 FROM (
        SELECT coalesce(min(root_start_ns), min(start_ns)) AS time_ns
        FROM traces GROUP BY trace_id
    )
"""
_HAVE_ALL_EXAMINED = """
    INSERT INTO rollup_state
    SELECT 'watermark', coalesce(max(first_seq + span_count), 0) FROM traces
"""


def upgrade(op: Operations) -> None:
    """Add the tables and the time of each trace's root. Only DuckDB has data this old."""
    for statement in _statements():
        op.get_bind().exec_driver_sql(statement)


def _statements() -> Iterator[str]:
    histograms = ", ".join(_HISTOGRAM.format(name=name) for name in ("client", "server", "lag"))
    measures = _MEASURES.format(histograms=histograms)
    for what in ("edge", "operation"):
        for width in ("1m", "10m", "1h", "1d"):
            yield f"CREATE TABLE {what}_rollups_{width} ({measures})"
    for table in _TABLES:
        yield f"CREATE TABLE {table}"
    yield "ALTER TABLE traces ADD COLUMN root_start_ns BIGINT"
    yield _FILL_ROOTS
    yield _LET_ALL_BE_PENDING
    yield _HAVE_ALL_EXAMINED
