"""The query of Kiali's graph: its parameters, defaults and complaints (``graph/options.go``)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from api.times import MAX_NS
from model.graph.view import BoxKind, GraphType

__all__ = [
    "Appender",
    "KialiOptions",
    "ResponseTime",
    "TcpRate",
    "parse_options",
    "parse_prometheus_duration",
]

MAX_DURATION_S = 366 * 86_400
_MAX_TEXT_LENGTH = 8192
_MAX_NAMESPACES = 1000

_UNITS_MS = {
    "y": 365 * 86_400_000,
    "w": 7 * 86_400_000,
    "d": 86_400_000,
    "h": 3_600_000,
    "m": 60_000,
    "s": 1_000,
    "ms": 1,
}
_DURATION = re.compile("".join(rf"(?:([0-9]{{1,12}}){unit})?" for unit in _UNITS_MS))
_BOOLEANS = {
    **dict.fromkeys(("1", "t", "T", "TRUE", "true", "True"), True),
    **dict.fromkeys(("0", "f", "F", "FALSE", "false", "False"), False),
}

_Word = TypeVar("_Word", bound=StrEnum)


class KialiType(StrEnum):
    """Kiali's graph types."""

    APP = "app"
    SERVICE = "service"
    VERSIONED_APP = "versionedApp"
    WORKLOAD = "workload"

    @property
    def graph_type(self) -> GraphType:
        """The same in our words."""
        return GraphType[self.name]


class Appender(StrEnum):
    """What Kiali adds to a graph on request; some know Kubernetes and have no effect here."""

    AGGREGATE = "aggregateNode"
    AMBIENT = "ambient"
    DEAD = "deadNode"
    HEALTH = "health"
    IDLE = "idleNode"
    ISTIO = "istio"
    LABELER = "labeler"
    MESH_CHECK = "meshCheck"
    RESPONSE_TIME = "responseTime"
    SECURITY = "securityPolicy"
    SERVICE_ENTRY = "serviceEntry"
    THROUGHPUT = "throughput"
    WORKLOAD_ENTRY = "workloadEntry"


class AmbientTraffic(StrEnum):
    """Which reports of ambient traffic count; spans come from waypoints only."""

    NONE = "none"
    TOTAL = "total"
    WAYPOINT = "waypoint"
    ZTUNNEL = "ztunnel"


class HttpRate(StrEnum):
    """What is told of HTTP."""

    NONE = "none"
    REQUESTS = "requests"


class GrpcRate(StrEnum):
    """What is told of gRPC; messages are not in spans, so every rate is one of requests."""

    NONE = "none"
    RECEIVED = "received"
    REQUESTS = "requests"
    SENT = "sent"
    TOTAL = "total"


class TcpRate(StrEnum):
    """Which bytes are told of TCP."""

    NONE = "none"
    RECEIVED = "received"
    SENT = "sent"
    TOTAL = "total"


class ResponseTime(StrEnum):
    """Which latency edges show."""

    AVERAGE = "avg"
    P50 = "50"
    P95 = "95"
    P99 = "99"


class Throughput(StrEnum):
    """Whose bodies count."""

    REQUEST = "request"
    RESPONSE = "response"


@dataclass(frozen=True, slots=True)
class KialiOptions:
    """What is asked for; times in seconds.

    Attributes:
        waypoints: draw them as nodes: a parameter of ours, as Kiali's UI hides them by itself.
    """

    namespaces: frozenset[str]
    query_time: int
    duration: int
    type: KialiType
    box_by: frozenset[BoxKind]
    appenders: frozenset[Appender]
    include_idle_edges: bool
    inject_service_nodes: bool
    ambient: AmbientTraffic
    http: HttpRate
    grpc: GrpcRate
    tcp: TcpRate
    response_time: ResponseTime
    throughput: Throughput
    cluster: str
    waypoints: bool

    @property
    def window_ns(self) -> tuple[int, int]:
        """The window ``[from, to)`` in nanoseconds."""
        to_ns = self.query_time * 1_000_000_000
        return max(0, to_ns - self.duration * 1_000_000_000), to_ns


def parse_prometheus_duration(text: str) -> int:
    """Return the milliseconds of ``10m``, ``1h30m`` or ``7d``; units go from large to small.

    Raises ValueError, also for nothing at all and for zero.
    """
    match = _DURATION.fullmatch(text)
    parts = match.groups() if match else ()
    total = sum(
        int(part) * size
        for part, size in zip(parts, _UNITS_MS.values(), strict=bool(parts))
        if part
    )
    if not 0 < total <= MAX_DURATION_S * 1000:
        raise ValueError(f"not a valid duration string: {text[:100]!r}")
    return total


def parse_options(
    query: Mapping[str, str],
    now_s: int,
    *,
    namespace: str = "",
    default_type: KialiType = KialiType.WORKLOAD,
) -> KialiOptions:
    """Read a query; what Kiali does not know is passed over, as Kiali does.

    Args:
        query: decoded parameters.
        now_s: the default of ``queryTime``.
        namespace: of a node graph's path; wins over the parameter.
        default_type: graph type if none is given.

    Raises:
        ValueError: with Kiali's message for a 400.
    """
    if any(len(value) > _MAX_TEXT_LENGTH for value in query.values()):
        raise ValueError(f"A parameter is longer than {_MAX_TEXT_LENGTH} characters")
    graph_type = _word(query, "graphType", default_type, "Invalid graphType [{}]")
    return KialiOptions(
        namespaces=_namespaces(namespace or query.get("namespaces", "")),
        query_time=_query_time(query, now_s),
        duration=_duration(query),
        type=graph_type,
        box_by=_boxes(query),
        appenders=_appenders(query),
        include_idle_edges=_boolean(query, "includeIdleEdges"),
        inject_service_nodes=(
            _boolean(query, "injectServiceNodes") and graph_type is not KialiType.SERVICE
        ),
        ambient=_word(
            query, "ambientTraffic", AmbientTraffic.TOTAL, "Invalid Ambient Traffic [{}]"
        ),
        http=_word(query, "rateHttp", HttpRate.REQUESTS, "Invalid HTTP Rate [{}]"),
        grpc=_word(query, "rateGrpc", GrpcRate.REQUESTS, "Invalid gRPC Rate [{}]"),
        tcp=_word(query, "rateTcp", TcpRate.SENT, "Invalid TCP Rate [{}]"),
        response_time=_word(
            query,
            "responseTime",
            ResponseTime.P95,
            "Invalid responseTime, expecting one of (avg, 50, 95, 99). [{}]",
        ),
        throughput=_word(
            query,
            "throughputType",
            Throughput.RESPONSE,
            "Invalid throughputType, expecting one of (request, response). [{}]",
        ),
        cluster=query.get("clusterName", ""),
        waypoints=_boolean(query, "waypoints"),
    )


def _word(query: Mapping[str, str], name: str, default: _Word, complaint: str) -> _Word:
    text = query.get(name, "")
    if not text:
        return default
    try:
        return type(default)(text)
    except ValueError as error:
        raise ValueError(complaint.format(text[:100])) from error


def _namespaces(text: str) -> frozenset[str]:
    names = frozenset(name.strip() for name in text.split(",")) - {""}
    if not names:
        raise ValueError(
            "At least one namespace must be specified via the namespaces query parameter."
        )
    if len(names) > _MAX_NAMESPACES:
        raise ValueError(f"At most {_MAX_NAMESPACES} namespaces may be specified.")
    return names


def _query_time(query: Mapping[str, str], now_s: int) -> int:
    text = query.get("queryTime", "")
    if not text:
        return now_s
    if not re.fullmatch("[0-9]{1,10}", text) or not 0 < int(text) <= MAX_NS // 1_000_000_000:
        raise ValueError(f"Invalid queryTime [{text[:100]}]")
    return int(text)


def _duration(query: Mapping[str, str]) -> int:
    text = query.get("duration", "") or "10m"
    try:
        return max(1, parse_prometheus_duration(text) // 1000)
    except ValueError as error:
        raise ValueError(f"Invalid duration [{text[:100]}]") from error


def _boxes(query: Mapping[str, str]) -> frozenset[BoxKind]:
    text = query.get("boxBy", "")
    if text in ("", "none"):
        return frozenset()
    try:
        return frozenset(BoxKind(word.strip()) for word in text.split(","))
    except ValueError as error:
        raise ValueError(f"Invalid boxBy [{text[:100]}]") from error


def _appenders(query: Mapping[str, str]) -> frozenset[Appender]:
    if "appenders" not in query:
        return frozenset(Appender)
    asked = {name.strip() for name in query["appenders"].split(",")}
    return frozenset(appender for appender in Appender if appender.value in asked)


def _boolean(query: Mapping[str, str], name: str) -> bool:
    text = query.get(name, "")
    if not text:
        return False
    if text not in _BOOLEANS:
        raise ValueError(f"Invalid {name} [{text[:100]}]")
    return _BOOLEANS[text]
