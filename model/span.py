"""A span with everything its exporter sent: the unit that readers return and traces are made of.

Field names follow opentelemetry-proto ``trace/v1/trace.proto``; times are nanoseconds since
the Unix epoch, ids are lower-case hex.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum

from model.attributes import Attributes

__all__ = ["Event", "Link", "MeshIdentity", "Resource", "Scope", "Span", "SpanKind", "StatusCode"]


class SpanKind(IntEnum):
    """``Span.SpanKind`` of OTLP."""

    UNSPECIFIED = 0
    INTERNAL = 1
    SERVER = 2
    CLIENT = 3
    PRODUCER = 4
    CONSUMER = 5


class StatusCode(IntEnum):
    """``Status.StatusCode`` of OTLP."""

    UNSET = 0
    OK = 1
    ERROR = 2


@dataclass(frozen=True, slots=True)
class Resource:
    """The entity that produced spans.

    Attributes:
        attributes: in the exporter's order.
        dropped_attributes_count: as sent.
        schema_url: of the ResourceSpans, empty when not sent.
    """

    attributes: Attributes = field(default_factory=dict)
    dropped_attributes_count: int = 0
    schema_url: str = ""


@dataclass(frozen=True, slots=True)
class Scope:
    """The instrumentation scope of spans; ``schema_url`` is that of the ScopeSpans."""

    name: str = ""
    version: str = ""
    attributes: Attributes = field(default_factory=dict)
    dropped_attributes_count: int = 0
    schema_url: str = ""


@dataclass(frozen=True, slots=True)
class MeshIdentity:
    """Who made a span, in the words of a mesh; an unknown part is the empty string.

    Attributes:
        cluster: ``istio.cluster_id`` or ``k8s.cluster.name``.
        namespace: of the workload.
        service: canonical service name without its namespace (``reviews``).
        version: canonical revision (``v2``).
        workload: name of the Deployment, StatefulSet or DaemonSet (``reviews-v2``).
        pod: name of the pod.
    """

    cluster: str = ""
    namespace: str = ""
    service: str = ""
    version: str = ""
    workload: str = ""
    pod: str = ""


@dataclass(frozen=True, slots=True)
class Event:
    """A timed event of a span (nanoseconds since the epoch)."""

    time_ns: int
    name: str
    attributes: Attributes = field(default_factory=dict)
    dropped_attributes_count: int = 0


@dataclass(frozen=True, slots=True)
class Link:
    """A link to another span, which need not be stored here."""

    trace_id: str
    span_id: str
    trace_state: str = ""
    attributes: Attributes = field(default_factory=dict)
    dropped_attributes_count: int = 0
    flags: int = 0


@dataclass(frozen=True, slots=True)
class Span:
    """One span as stored.

    Attributes:
        trace_id: 32 lower-case hex digits.
        span_id: 16 lower-case hex digits.
        parent_span_id: 16 lower-case hex digits, empty for a root.
        start_ns, duration_ns: nanoseconds; the duration is never negative.
        service_name: the resource's ``service.name`` as sent (``reviews.default``).
        identity: who made it, in the mesh's words.
        flags: ``Span.flags``; 0 means that the exporter did not set them.
    """

    trace_id: str
    span_id: str
    name: str
    start_ns: int
    duration_ns: int
    parent_span_id: str = ""
    kind: SpanKind = SpanKind.UNSPECIFIED
    status_code: StatusCode = StatusCode.UNSET
    status_message: str = ""
    trace_state: str = ""
    flags: int = 0
    attributes: Attributes = field(default_factory=dict)
    events: tuple[Event, ...] = ()
    links: tuple[Link, ...] = ()
    dropped_attributes_count: int = 0
    dropped_events_count: int = 0
    dropped_links_count: int = 0
    resource: Resource = field(default_factory=Resource)
    scope: Scope = field(default_factory=Scope)
    service_name: str = ""
    identity: MeshIdentity = field(default_factory=MeshIdentity)

    @property
    def end_ns(self) -> int:
        """End in nanoseconds since the epoch."""
        return self.start_ns + self.duration_ns

    @property
    def is_error(self) -> bool:
        """Status ERROR, or the attribute ``error`` true or ``"true"`` (mesh-graph rule G34)."""
        return self.status_code is StatusCode.ERROR or self.attributes.get("error") in (
            True,
            "true",
        )
