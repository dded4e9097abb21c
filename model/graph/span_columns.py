"""Whole traces in columns: what the dependency graph is computed from.

What many spans share (names, kinds, codes, who made them) is told once, by a
:class:`SpanClass`; a mesh has a few hundred of them. Rules about one span are rules about its
class, in plain Python and computed once; only ids, times and sizes are per span, in numpy.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from model.span import MeshIdentity, SpanKind, StatusCode

__all__ = ["PROBE_USER_AGENTS", "LinkedSpan", "SpanClass", "SpanColumns", "SpanLink"]

Int64s = npt.NDArray[np.int64]
Int32s = npt.NDArray[np.int32]
Bools = npt.NDArray[np.bool_]
TraceIds = npt.NDArray[np.uint64]

PROBE_USER_AGENTS = ("kube-probe/", "GoogleHC/", "ELB-HealthChecker/", "Envoy/HC")
"""How the user agents of health checks begin: such a request is nobody's (section 10, B1)."""


@dataclass(frozen=True, slots=True)
class SpanClass:
    """Everything about a span but its ids, times, sizes, addresses of callers and links.

    Empty strings are attributes that were not sent. Codes are text as sent (``200``); numbers
    sent as such are their decimal text.

    Attributes:
        error: rule G34.
        remote_parent: bit 9 of the flags if bit 8 says that it is known, else None.
        is_grpc: whether ``grpc.path``, a gRPC status or ``rpc.system`` = grpc was sent.
        url_host: host, with its port if sent, of the URL; told only of outbound spans without an
            outbound ``upstream_cluster``.
        upstream_address: callee ``ip:port`` of an attempt span.
        mtls, source_principal, destination_principal: from the columns of these names.
        is_probe: whether the user agent begins with one of PROBE_USER_AGENTS.
    """

    name: str
    kind: SpanKind
    status: StatusCode
    error: bool
    remote_parent: bool | None
    service_name: str
    identity: MeshIdentity
    component: str = ""
    node_id: str = ""
    upstream_cluster: str = ""
    upstream_address: str = ""
    peer_service: str = ""
    server_address: str = ""
    server_port: str = ""
    url_host: str = ""
    http_status_code: str = ""
    grpc_status_code: str = ""
    is_http: bool = False
    is_grpc: bool = False
    response_flags: str = ""
    db_system: str = ""
    db_namespace: str = ""
    messaging_system: str = ""
    messaging_destination: str = ""
    source_workload: str = ""
    source_namespace: str = ""
    source_service: str = ""
    destination_workload: str = ""
    destination_namespace: str = ""
    destination_service: str = ""
    mtls: bool | None = None
    source_principal: str = ""
    destination_principal: str = ""
    is_probe: bool = False


@dataclass(frozen=True, slots=True)
class SpanLink:
    """A link of a span: trace id (32 hex digits) and span id (16 hex digits)."""

    trace_id: str
    span_id: str


@dataclass(frozen=True, slots=True)
class LinkedSpan:
    """A stored span that a link names, wherever its trace is."""

    span_class: SpanClass
    start_ns: int
    duration_ns: int


@dataclass(frozen=True, slots=True)
class SpanColumns:
    """Spans of whole traces, the spans of one trace next to each other.

    Spans stored twice with different content may occur twice; who reads merges them (G1, G2).

    Attributes:
        trace: of each span, the index of its trace; rising.
        trace_ids: of each trace, its id as two big-endian halves; shape (traces, 2).
        times_ns: of each trace, its time (rule G41): the earliest start of its spans without a
            parent id, else the earliest start.
        span_id, parent_id: as signed numbers.
        has_parent: whether ``parent_id`` was sent; False for roots.
        start_ns, duration_ns: nanoseconds.
        request_bytes, response_bytes: body sizes; -1 where not sent.
        span_class: index in ``classes``.
        peer_address: index in ``peer_addresses``; of a listener's span the caller's address.
        peer_addresses: index 0 is the empty text: not sent.
        trace_state: index in ``trace_states``; index 0 there is the empty text.
        request_id: ``guid:x-request-id`` as two big-endian halves, zeros if not sent or no UUID;
            shape (spans, 2).
        links: by row, for spans that have any.
        linked: the spans named by links that are stored, by link.
    """

    trace: Int64s
    trace_ids: TraceIds
    times_ns: Int64s
    span_id: Int64s
    parent_id: Int64s
    has_parent: Bools
    start_ns: Int64s
    duration_ns: Int64s
    request_bytes: Int64s
    response_bytes: Int64s
    span_class: Int32s
    classes: Sequence[SpanClass]
    peer_address: Int32s
    peer_addresses: Sequence[str]
    trace_state: Int32s
    trace_states: Sequence[str]
    request_id: TraceIds
    links: Mapping[int, tuple[SpanLink, ...]]
    linked: Mapping[SpanLink, LinkedSpan]

    def __len__(self) -> int:
        return len(self.trace)

    def trace_id(self, trace: int) -> str:
        """Return the id of a trace, by its index, as 32 hex digits."""
        high, low = self.trace_ids[trace]
        return f"{int(high):016x}{int(low):016x}"
