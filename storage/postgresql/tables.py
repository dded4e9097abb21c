"""The tables that only PostgreSQL needs: what its writers share, who leads, and tags of traces."""

from __future__ import annotations

from sqlalchemy import ARRAY, BigInteger, Column, Index, Integer, MetaData, Table

from storage.sql_types import BY_TIME

__all__ = ["LEADERSHIP", "METADATA", "TRACE_TAGS", "WRITER_STATE"]

METADATA = MetaData()

WRITER_STATE = Table(
    "writer_state",
    METADATA,
    Column("id", Integer, primary_key=True, comment="1: there is one row"),
    Column("next_seq", BigInteger, nullable=False, comment="of spans.seq"),
    Column("next_resource", BigInteger, nullable=False, comment="of resources.id"),
    Column("next_scope", BigInteger, nullable=False, comment="of scopes.id"),
    Column("next_shape", BigInteger, nullable=False, comment="of shapes.id"),
    Column("generation", BigInteger, nullable=False, comment="rises when shared rows are deleted"),
    Column("spans", BigInteger, nullable=False, comment="rows of spans"),
    Column("oldest_ns", BigInteger, comment="first start, ns; null without spans"),
    Column("newest_ns", BigInteger, comment="last start, ns; null without spans"),
)
"""One row, which a writer locks for the length of its transaction."""

LEADERSHIP = Table(
    "leadership",
    METADATA,
    Column("id", Integer, primary_key=True, comment="1: there is one row"),
    Column("epoch", BigInteger, nullable=False, comment="rises with each process that leads"),
)

TRACE_TAGS = Table(
    "trace_tags",
    METADATA,
    Column("first_seq", BigInteger, nullable=False, comment="as in traces"),
    Column("span_count", Integer, nullable=False, comment="as in traces"),
    Column("start_ns", BigInteger, nullable=False, comment="as in traces"),
    Column("end_ns", BigInteger, nullable=False, comment="as in traces"),
    Column("tags", ARRAY(Integer), nullable=False, comment="CRC-32 of place=text of attributes"),
    postgresql_partition_by=BY_TIME,
)
"""A row for each row of ``traces``, except for those that came by a copy (see ``tags.py``)."""

Index("trace_tags_first_seq", TRACE_TAGS.c.first_seq)
Index("trace_tags_tags", TRACE_TAGS.c.tags, postgresql_using="gin")
