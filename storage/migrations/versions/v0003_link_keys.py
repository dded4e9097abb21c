"""Version 3 of the data: the attribute keys of links, as the table was when it came."""

from __future__ import annotations

from alembic.operations import Operations

revision = "0003"
down_revision = "0002"

_STATEMENTS = (
    "CREATE TABLE link_keys (key VARCHAR NOT NULL, last_seen_ns BIGINT NOT NULL)",
    """
    INSERT INTO link_keys
    SELECT key, max(end_ns) - max(end_ns) % 3600000000000 FROM (
        SELECT
            unnest(json_extract_string(links, '$[*].attributes[*].key')) AS key,
            start_ns + duration_ns AS end_ns
        FROM spans WHERE links IS NOT NULL
    )
    GROUP BY key
    """,
    "DROP MACRO IF EXISTS event_attribute_texts",
)


def upgrade(op: Operations) -> None:
    """Add the table, filled from the spans that there are. Only DuckDB has data this old."""
    for statement in _STATEMENTS:
        op.get_bind().exec_driver_sql(statement)
