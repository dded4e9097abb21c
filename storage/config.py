"""What the store is configured with."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from model.columns import WELL_KNOWN, WellKnownColumn, columns_by_key
from model.graph.calls import Sampling

__all__ = ["PostgreSQLConfig", "RetentionConfig", "RollupConfig", "StoreConfig", "is_postgresql"]

_MIB = 1024 * 1024
_DAY_NS = 24 * 60 * 60 * 1_000_000_000
_COLUMN_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}", re.ASCII)


@dataclass(frozen=True, slots=True)
class RetentionConfig:
    """How much is kept; None switches a bound off.

    Attributes:
        max_age_ns: nanoseconds since a span's start. Default 7 days.
        max_bytes: live bytes of the store (see :meth:`storage.interface.Store.stats`).
            Default 20 GiB.
    """

    max_age_ns: int | None = 7 * _DAY_NS
    max_bytes: int | None = 20 * 1024 * _MIB

    def __post_init__(self) -> None:
        for name, bound in (("max_age_ns", self.max_age_ns), ("max_bytes", self.max_bytes)):
            if bound is not None and bound <= 0:
                raise ValueError(f"retention {name} must be more than 0, got {bound}")


@dataclass(frozen=True, slots=True)
class RollupConfig:
    """How the dependency graph is rolled up.

    Attributes:
        settle_ns: nanoseconds after a minute's end until it is rolled up for the first time.
        max_age_ns: rollups of minutes longer ago are deleted; None keeps them.
        sampling: with which probability traces were sampled.
    """

    settle_ns: int = 15_000_000_000
    max_age_ns: int | None = 30 * _DAY_NS
    sampling: Sampling = field(default_factory=Sampling)

    def __post_init__(self) -> None:
        if self.settle_ns < 0:
            raise ValueError(f"rollups settle_ns must not be negative, got {self.settle_ns}")
        if self.max_age_ns is not None and self.max_age_ns <= 0:
            raise ValueError(f"rollups max_age_ns must be more than 0, got {self.max_age_ns}")
        told = {"default": self.sampling.default, **self.sampling.services}
        for name, probability in told.items():
            if probability is not None and not 0 < probability <= 1:
                raise ValueError(
                    f"sampling {name!r}: a probability is more than 0 and at most 1, "
                    f"got {probability}"
                )


@dataclass(frozen=True, slots=True)
class PostgreSQLConfig:
    """The settings of a PostgreSQL store.

    Attributes:
        url: ``postgresql://user:password@host:port/database?sslmode=verify-full``, with the
            parameters of libpq. What it leaves out comes from libpq's environment (``PGHOST``,
            ``PGPASSWORD``, ``PGSSLROOTCERT`` …).
        password: used if ``url`` has none.
        pool_size: connections that readers of this process use at most at the same time. The
            writer, the rollups and the lead take one each besides.
    """

    url: str = field(repr=False)
    password: str = field(default="", repr=False)
    pool_size: int = 8

    def __post_init__(self) -> None:
        if not is_postgresql(self.url):
            raise ValueError("the store's URL must begin with postgresql:// or postgres://")
        if self.pool_size < 1:
            raise ValueError(f"store pool_size must be at least 1, got {self.pool_size}")


def is_postgresql(url: str) -> bool:
    """Return whether ``url`` is that of a PostgreSQL database."""
    return url.startswith(("postgresql://", "postgres://"))


@dataclass(frozen=True, slots=True)
class StoreConfig:
    """The settings of a store: PostgreSQL if ``postgresql`` is set, else the embedded one.

    Attributes:
        path: the DuckDB file; its directory must exist.
        postgresql: the database that takes the place of the file.
        memory_limit_bytes: what DuckDB may use for its buffers and queries.
        threads: threads of DuckDB.
        extra_columns: well-known columns added to :data:`model.columns.WELL_KNOWN`. A column
            that was once configured keeps its data when it is taken out again.
        retention: defaults of the retention.
        rollups: of the dependency graph.
    """

    path: Path
    memory_limit_bytes: int = 128 * _MIB
    threads: int = 2
    extra_columns: tuple[WellKnownColumn, ...] = ()
    retention: RetentionConfig = RetentionConfig()
    rollups: RollupConfig = RollupConfig()
    postgresql: PostgreSQLConfig | None = None

    def __post_init__(self) -> None:
        if self.memory_limit_bytes < 64 * _MIB:
            raise ValueError(
                f"store memory limit must be at least 64 MiB, got {self.memory_limit_bytes} bytes"
            )
        if self.threads < 1:
            raise ValueError(f"store threads must be at least 1, got {self.threads}")
        for column in self.extra_columns:
            if _COLUMN_NAME.fullmatch(column.name) is None:
                raise ValueError(
                    f"store column {column.name!r}: a name is a lower-case letter, then up to "
                    "62 lower-case letters, digits and underscores"
                )
        columns_by_key(self.columns)

    @property
    def columns(self) -> tuple[WellKnownColumn, ...]:
        """The well-known columns of this store: ours, then the configured ones."""
        return (*WELL_KNOWN, *self.extra_columns)
