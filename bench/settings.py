"""How long and how much to measure."""

from __future__ import annotations

from dataclasses import dataclass

from bench.stores import Engine

__all__ = ["FULL", "QUICK", "Settings"]


@dataclass(frozen=True, slots=True)
class Settings:
    """What the command line chooses.

    Attributes:
        store: what keeps the spans.
        spans: in the store for the parts `disk` and `queries`.
        seconds: of each measured load.
        most_spans: of each measured load of the part `ingest`, which ends with them if it is not
            over by then: the store has to take them all before the next case. 0 for no end.
        warm_up_s: of load before it.
        queries: of each kind.
        probes: traces whose way from ack to search is timed.
        day_traces: in a day of the large mesh, for the part `graph`; 19 spans each.
        graph_queries: of each kind of question about the graph.
        workers: receiver processes of the service; 0 leaves its default.
        seed: of everything random.
    """

    store: Engine = Engine.DUCKDB
    spans: int = 10_000_000
    seconds: float = 30
    most_spans: int = 0
    warm_up_s: float = 5
    queries: int = 200
    probes: int = 50
    day_traces: int = 144_000
    graph_queries: int = 50
    workers: int = 0
    seed: int = 20_261_120

    @property
    def serve_arguments(self) -> tuple[str, ...]:
        """Arguments for `spanloom serve`."""
        return ("--workers", str(self.workers)) if self.workers else ()


FULL = {
    Engine.DUCKDB: Settings(),
    Engine.POSTGRESQL: Settings(store=Engine.POSTGRESQL, spans=5_000_000, most_spans=1_000_000),
}
"""For figures."""

QUICK = Settings(
    spans=200_000,
    seconds=5,
    most_spans=200_000,
    warm_up_s=1,
    queries=40,
    probes=10,
    day_traces=9_600,
    graph_queries=10,
)
"""To see that everything works; too short for figures."""
