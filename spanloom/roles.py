"""What a process of Spanloom does: all of it, or a part that scales out by itself."""

from __future__ import annotations

from enum import StrEnum

__all__ = ["Role"]


class Role(StrEnum):
    """The part that a process plays; each keeps the rollups and the retention when it leads.

    Attributes:
        SERVE: everything, in one place.
        COLLECTOR: receivers, their spools, and the pipeline to the store.
        QUERY: the query APIs and the metrics of the mesh.
    """

    SERVE = "serve"
    COLLECTOR = "collector"
    QUERY = "query"

    @property
    def receives(self) -> bool:
        """Whether spans come in."""
        return self is not Role.QUERY

    @property
    def answers(self) -> bool:
        """Whether questions are answered."""
        return self is not Role.COLLECTOR

    @property
    def process(self) -> str:
        """The name of the role's own process in logs and metrics."""
        return "service" if self is Role.SERVE else self.value
