"""The tables that only PostgreSQL needs: what its writers share, and who leads."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Integer, MetaData, Table

__all__ = ["LEADERSHIP", "METADATA", "WRITER_STATE"]

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
