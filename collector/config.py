"""Settings of the spool, the pipeline and the processors, with all their defaults."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

__all__ = [
    "Drop",
    "MeshIdentity",
    "PipelineConfig",
    "ProcessorConfig",
    "Sample",
    "Sanitise",
    "SpoolConfig",
    "default_processors",
]

Positive = Annotated[int, Meta(gt=0)]
Ratio = Annotated[float, Meta(ge=0, le=1)]


class SpoolConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The durable spool of one receiver process.

    Attributes:
        max_bytes: bytes on disk over all receiver processes; beyond, exports are refused.
        commit_delay_ns: longest time that a request waits for others to share its fsync.
        commit_bytes: a group of this size (before compression) is committed at once.
    """

    max_bytes: Positive = 1 << 30
    commit_delay_ns: Annotated[int, Meta(ge=0)] = 10_000_000
    commit_bytes: Positive = 1 << 20


class PipelineConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How the pipeline cuts the spool into transactions of the store.

    Attributes:
        batch_bytes: bodies (uncompressed) of about this size make one transaction.
        linger_ns: longest time that a span waits in the spool for a fuller batch.
        retry_min_ns, retry_max_ns: back-off while the store is unavailable.
    """

    batch_bytes: Positive = 8 << 20
    linger_ns: Annotated[int, Meta(ge=0)] = 500_000_000
    retry_min_ns: Positive = 100_000_000
    retry_max_ns: Positive = 5_000_000_000


class Drop(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Drop spans by attribute or by the path that a health check asks for.

    Attributes:
        attributes: key to the values that condemn a span (compared as text).
        paths: exact URL paths, or prefixes that end in ``*``, such as ``/healthz``.
    """

    attributes: dict[str, list[str]] = {}
    paths: list[str] = []


class Sample(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Keep this ratio of traces, decided by the trace id (so that whole traces stay)."""

    ratio: Ratio


class Sanitise(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """How faults are mended.

    Attributes:
        strict_trace_ids: keep trace ids as sent. Off, their upper half is zeroed on the way in, so
            that the 64-bit and the 128-bit form of one id are one trace (mesh-graph rule G9).
    """

    strict_trace_ids: bool = True


class MeshIdentity(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What tells who made a span where the span itself does not.

    Attributes:
        services: from a ``service.name`` that an app's SDK sends to the service of the mesh that
            the app is, as ``service.namespace`` or ``service`` (mesh-graph rule G6).
    """

    services: dict[str, Annotated[str, Meta(min_length=1)]] = {}


class ProcessorConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One link of the chain: exactly one of the members is set.

    Attributes:
        sanitise: mend empty names, negative durations, missing times; true, or its settings.
        mesh_identity: find cluster, namespace, service, version, workload and pod; true, or its
            settings.
        drop: drop spans nobody wants.
        sample: probabilistic sampling by trace id.
    """

    sanitise: bool | Sanitise = False
    mesh_identity: bool | MeshIdentity = False
    drop: Drop | None = None
    sample: Sample | None = None

    def __post_init__(self) -> None:
        chosen = (self.sanitise, self.mesh_identity, self.drop, self.sample)
        if sum(member not in (None, False) for member in chosen) != 1:
            raise ValueError(
                "each processor is a map with exactly one key of "
                "sanitise, mesh_identity, drop, sample"
            )


def default_processors() -> list[ProcessorConfig]:
    """The chain in force when the configuration names none."""
    return [ProcessorConfig(sanitise=True), ProcessorConfig(mesh_identity=True)]
