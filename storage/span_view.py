"""``span_view``: the spans as people read them, for ``spanloom sql``."""

from __future__ import annotations

from storage.schema import SPAN_FIELDS, Schema

__all__ = ["span_view_query"]


def span_view_query(schema: Schema, start_time: str) -> str:
    """Return the query of the view; ``start_time`` makes a timestamp of ``s.start_ns`` (ns)."""
    columns = [column.name for column in schema.spans.columns if column.name not in SPAN_FIELDS]
    plain = ", ".join(f's."{column}"' for column in columns)
    return f"""
        SELECT
          replace(s.trace_id::VARCHAR, '-', '') AS trace_id,
          lpad(lower(to_hex(s.span_id)), 16, '0') AS span_id,
          lpad(lower(to_hex(s.parent_span_id)), 16, '0') AS parent_span_id,
          {start_time} AS start_time,
          s.duration_ns / 1e6 AS duration_ms,
          s.service_name, s.name,
          CASE s.kind WHEN 1 THEN 'internal' WHEN 2 THEN 'server' WHEN 3 THEN 'client'
            WHEN 4 THEN 'producer' WHEN 5 THEN 'consumer' ELSE 'unspecified' END AS kind,
          CASE s.status_code WHEN 1 THEN 'ok' WHEN 2 THEN 'error' ELSE 'unset' END AS status,
          s.status_message, s.cluster, s.namespace, s.service, s.version, s.workload, s.pod,
          {plain},
          s.attributes, s.events, s.links, s.trace_state,
          r.attributes AS resource_attributes,
          c.name AS scope_name, c.version AS scope_version, c.attributes AS scope_attributes,
          s.start_ns, s.duration_ns
        FROM spans s
        LEFT JOIN resources r ON r.id = s.resource
        LEFT JOIN scopes c ON c.id = s.scope
    """  # noqa: S608 # names of our own columns, checked by StoreConfig
