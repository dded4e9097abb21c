"""The whole configuration: the packages' settings composed into one tree.

Each package owns its settings and their defaults; only what belongs to the service as a whole
(where the data lies, addresses, processes, logs) is declared here.
"""

from __future__ import annotations

import os
import re
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from api.config import ApiConfig
from collector.config import PipelineConfig, ProcessorConfig, SpoolConfig, default_processors
from collector.receivers.config import (
    DEFAULT_IN_FLIGHT_BYTES,
    GrpcReceiverConfig,
    HttpReceiverConfig,
)
from model.columns import WELL_KNOWN, ColumnType, WellKnownColumn, columns_by_key
from spanloom.mesh_metrics.config import MeshMetricsConfig
from spanloom.schema import Section
from spanloom.store_settings import SamplingSettings, StoreSettings
from storage.config import StoreConfig

__all__ = ["Config", "LogConfig", "LogFormat", "LogLevel"]


class ProtocolsConfig(Section, frozen=True, kw_only=True):
    """The transports of OTLP."""

    grpc: GrpcReceiverConfig = msgspec.field(default_factory=GrpcReceiverConfig)
    http: HttpReceiverConfig = msgspec.field(default_factory=HttpReceiverConfig)


class OtlpConfig(Section, frozen=True, kw_only=True):
    """The OTLP receiver, in the Collector's shape.

    Attributes:
        in_flight_bytes: bodies that one receiver process holds in memory, over both
            transports; beyond, exports are refused for the moment.
    """

    in_flight_bytes: Annotated[int, Meta(gt=0)] = DEFAULT_IN_FLIGHT_BYTES
    protocols: ProtocolsConfig = msgspec.field(default_factory=ProtocolsConfig)


class ReceiversConfig(Section, frozen=True, kw_only=True):
    """What spans come in by."""

    otlp: OtlpConfig = msgspec.field(default_factory=OtlpConfig)


class AttributesConfig(Section, frozen=True, kw_only=True):
    """Attributes with a column of their own.

    Attributes:
        columns: further attribute keys that get a column, and so a fast search, with its type:
            `string`, `int`, `bool` or `uuid`, such as `{tenant.id: string}`.
    """

    columns: dict[str, ColumnType] = msgspec.field(default_factory=dict)

    def __post_init__(self) -> None:
        """Raise ValueError if a key has a column already or two keys would share one."""
        columns_by_key((*WELL_KNOWN, *self.extra))
        names = [column.name for column in self.extra]
        for name in {name for name in names if names.count(name) > 1}:
            raise ValueError(f"columns: two attributes would have the column {name!r}")

    @property
    def extra(self) -> tuple[WellKnownColumn, ...]:
        """The configured columns. Their prefix keeps them apart from built-in ones to come."""
        return tuple(
            WellKnownColumn("x_" + re.sub(r"[^a-z0-9]+", "_", key.lower())[:60], kind, (key,))
            for key, kind in self.columns.items()
        )


class QueryConfig(ApiConfig, frozen=True, kw_only=True):
    __doc__ = (ApiConfig.__doc__ or "").rstrip() + (
        "\n        endpoint: address of the query API.\n    "
    )

    endpoint: str = "localhost:16686"


class ServiceGraphConfig(Section, frozen=True, kw_only=True):
    """ServiceGraph at the root of a port of its own; below `/servicegraph/` it always is.

    Attributes:
        enabled: serve it, for clients of Istio's ServiceGraph add-on.
        endpoint: address of `/graph`, `/dotviz`, `/force/forcegraph.html` and the others.
    """

    enabled: bool = False
    endpoint: str = "localhost:8088"


class HealthConfig(Section, frozen=True, kw_only=True):
    """The health endpoints.

    Attributes:
        endpoint: address of `/`, `/live`, `/ready` and `/status`.
    """

    endpoint: str = "localhost:13133"


class MetricsConfig(Section, frozen=True, kw_only=True):
    """The Prometheus endpoint.

    Attributes:
        endpoint: address of `/metrics` and `/metrics/mesh`.
    """

    endpoint: str = "localhost:8888"
    mesh: MeshMetricsConfig = msgspec.field(default_factory=MeshMetricsConfig)


class LogLevel(StrEnum):
    """The least severe log lines that are written."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class LogFormat(StrEnum):
    """How log lines look; ``auto`` is console on a terminal and JSON elsewhere."""

    AUTO = "auto"
    CONSOLE = "console"
    JSON = "json"


class LogConfig(Section, frozen=True, kw_only=True):
    """The log on standard error.

    Attributes:
        level: the least severe lines that are written.
        format: `auto` is console on a terminal and JSON elsewhere.
    """

    level: LogLevel = LogLevel.INFO
    format: LogFormat = LogFormat.AUTO


class ShutdownConfig(Section, frozen=True, kw_only=True):
    """What happens on SIGTERM.

    Attributes:
        delay_s: readiness fails for this long before the receivers stop accepting, so that
            load balancers can turn away first.
        grace_s: from then on, time to finish calls and to flush the spool into the store.
            What does not fit stays in the spool for the next start.
    """

    delay_s: Annotated[float, Meta(ge=0)] = 0.0
    grace_s: Annotated[float, Meta(ge=0)] = 25.0


def _default_workers() -> int:
    return max(1, len(os.sched_getaffinity(0)) - 1)


class Config(Section, frozen=True, kw_only=True):
    """All settings of the service.

    Attributes:
        data_dir: the one directory with spools, store and lock.
        workers: receiver processes. Each has its own spool file and they share the ports.
            The default is the number of cores less one, at least 1.
        processors: what batches go through, in order. Each item is a map with one key:
            `sanitise`, `mesh_identity`, `drop` or `sample`.
    """

    data_dir: str = "./spanloom-data"
    workers: Annotated[int, Meta(ge=1, le=256)] = msgspec.field(default_factory=_default_workers)
    receivers: ReceiversConfig = msgspec.field(default_factory=ReceiversConfig)
    spool: SpoolConfig = msgspec.field(default_factory=SpoolConfig)
    pipeline: PipelineConfig = msgspec.field(default_factory=PipelineConfig)
    processors: list[ProcessorConfig] = msgspec.field(default_factory=default_processors)
    attributes: AttributesConfig = msgspec.field(default_factory=AttributesConfig)
    store: StoreSettings = msgspec.field(default_factory=StoreSettings)
    sampling: SamplingSettings = msgspec.field(default_factory=SamplingSettings)
    query: QueryConfig = msgspec.field(default_factory=QueryConfig)
    servicegraph: ServiceGraphConfig = msgspec.field(default_factory=ServiceGraphConfig)
    health: HealthConfig = msgspec.field(default_factory=HealthConfig)
    metrics: MetricsConfig = msgspec.field(default_factory=MetricsConfig)
    log: LogConfig = msgspec.field(default_factory=LogConfig)
    shutdown: ShutdownConfig = msgspec.field(default_factory=ShutdownConfig)

    @property
    def data_path(self) -> Path:
        """``data_dir`` as a path."""
        return Path(self.data_dir).expanduser()

    def store_config(self, folder: Path) -> StoreConfig:
        """Return the settings of the store; ``folder`` is where the embedded one has its file."""
        return self.store.store_config(folder, self.attributes.extra, self.sampling.sampling)
