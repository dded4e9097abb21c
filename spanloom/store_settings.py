"""Settings of the store: which one, how much it keeps, its rollups and their sampling."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta

from model.columns import WellKnownColumn
from model.graph.calls import Sampling
from spanloom.schema import Section
from storage.config import (
    PostgreSQLConfig,
    RetentionConfig,
    RollupConfig,
    StoreConfig,
    is_postgresql,
)

__all__ = [
    "RetentionSettings",
    "RollupSettings",
    "SamplingSettings",
    "StoreSettings",
    "check_store_url",
]

_RETENTION = RetentionConfig()
_ROLLUPS = RollupConfig()
_STORE = StoreConfig(path=Path())
_POOL_SIZE = PostgreSQLConfig("postgresql://").pool_size


class RetentionSettings(Section, frozen=True, kw_only=True):
    """How much is kept.

    Attributes:
        max_age_ns: spans that started longer ago are deleted; null keeps them.
        max_bytes: beyond this many live bytes the oldest spans are deleted; null keeps them.
        interval_s: how often the retention runs, varied by a tenth.
    """

    max_age_ns: Annotated[int, Meta(gt=0)] | None = _RETENTION.max_age_ns
    max_bytes: Annotated[int, Meta(gt=0)] | None = _RETENTION.max_bytes
    interval_s: Annotated[float, Meta(gt=0)] = 600.0


class RollupSettings(Section, frozen=True, kw_only=True):
    """The rollups that the dependency graph is read from.

    Attributes:
        settle_ns: how long after its end a minute is rolled up. Spans that come later correct it.
        max_age_ns: rollups of minutes longer ago are deleted; null keeps them.
        interval_s: how often the rollups are brought up to date.
    """

    settle_ns: Annotated[int, Meta(ge=0)] = _ROLLUPS.settle_ns
    max_age_ns: Annotated[int, Meta(gt=0)] | None = _ROLLUPS.max_age_ns
    interval_s: Annotated[float, Meta(gt=0)] = 5.0


class StoreSettings(Section, frozen=True, kw_only=True):
    """The store: embedded, or a PostgreSQL database.

    Attributes:
        url: `postgresql://USER@HOST:PORT/DATABASE` for a PostgreSQL database, with the parameters
            of libpq such as `?sslmode=verify-full`; empty for the embedded store.
        password: of the database, if `url` has none.
        pool_size: connections to the database for queries, at most; five more are for writing,
            rollups and the lead.
        memory_limit_bytes: what DuckDB, the embedded store, may use for its buffers and queries.
        threads: threads of DuckDB.
    """

    url: str = ""
    password: str = ""
    pool_size: Annotated[int, Meta(ge=1)] = _POOL_SIZE
    memory_limit_bytes: Annotated[int, Meta(ge=64 << 20)] = _STORE.memory_limit_bytes
    threads: Annotated[int, Meta(ge=1)] = _STORE.threads
    retention: RetentionSettings = msgspec.field(default_factory=RetentionSettings)
    rollups: RollupSettings = msgspec.field(default_factory=RollupSettings)

    def store_config(
        self, folder: Path, columns: tuple[WellKnownColumn, ...], sampling: Sampling
    ) -> StoreConfig:
        """Return what the store takes; ``folder`` is where the embedded one has its file."""
        server = PostgreSQLConfig(self.url, self.password, self.pool_size) if self.url else None
        return StoreConfig(
            path=folder / "spans.duckdb",
            memory_limit_bytes=self.memory_limit_bytes,
            threads=self.threads,
            extra_columns=columns,
            retention=RetentionConfig(self.retention.max_age_ns, self.retention.max_bytes),
            rollups=RollupConfig(self.rollups.settle_ns, self.rollups.max_age_ns, sampling),
            postgresql=server,
        )


def check_store_url(url: str) -> None:
    """Raise ValueError, without what may be a password, unless ``url`` is empty or a database's."""
    try:
        parts = urlsplit(url)
        readable = is_postgresql(url) and parts.netloc.count("@") < 2 and parts.port != 0
    except ValueError:
        readable = False
    if url and not readable:
        raise ValueError(
            "must be postgresql://USER@HOST:PORT/DATABASE, or empty for the embedded "
            "store; within a name or a password write @ as %40, : as %3A, / as %2F, # as %23"
        )


Probability = Annotated[float, Meta(gt=0, le=1)]


class SamplingSettings(Section, frozen=True, kw_only=True):
    """With which probability traces were sampled, where their `tracestate` does not tell.

    Attributes:
        default: for the whole mesh; null if it is not known, counts are then as stored.
        services: by service, such as `{reviews.default: 0.1}`; of a call's two ends the lower
            counts.
    """

    default: Probability | None = None
    services: dict[str, Probability] = msgspec.field(default_factory=dict)

    @property
    def sampling(self) -> Sampling:
        """As the graph takes it."""
        return Sampling(self.default, self.services)
