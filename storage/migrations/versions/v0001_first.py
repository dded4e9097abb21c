"""The first version."""

from __future__ import annotations

from alembic.operations import Operations

revision = "0001"
down_revision = None


def upgrade(op: Operations) -> None:
    """Do nothing: a store is created at the newest version, so none comes before this one."""
