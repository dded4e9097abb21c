"""Who runs in a random mesh, and the spans that each of them would send."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from model.attributes import AttributeValue
from model.mesh import identify
from model.span import Link, Resource, Span, SpanKind, StatusCode

__all__ = ["Recorder", "Workload", "random_gateway", "random_waypoint", "random_workload"]

_LETTERS = "bcdfghjklmnpqrstvwxz2456789"
_GAPS_NS = (*[0, 1, 1_000, 400_000, 20_000_000] * 6, 25_000_000_000)  # the last: a stream
_DURATIONS_NS = (0, 1, 999, 1_000, 1_001, 2_000, 70_000, 5_000_000, 5_000_000, 3_000_000_000)


@dataclass(frozen=True)
class Workload:
    """One pod of a workload.

    Attributes:
        proxy: ``sidecar``, ``router``, ``waypoint``, or empty for none.
        spawns: whether its proxy makes a span for each upstream attempt.
        tagged: whether Istio's tags are on.
        sdk: how its own SDK calls itself: empty (no SDK), ``bare``, ``namespaced``, ``k8s``,
            ``k8s with cluster``, ``deployment``, or ``renamed``.
    """

    cluster: str
    namespace: str
    service: str
    version: str
    pod: str
    ip: str
    proxy: str = ""
    spawns: bool = False
    tagged: bool = True
    sdk: str = ""

    @property
    def host(self) -> str:
        return f"{self.service}.{self.namespace}.svc.cluster.local"

    @property
    def proxy_resource(self) -> dict[str, AttributeValue]:
        return {"service.name": f"{self.service}.{self.namespace}", "telemetry.sdk.name": "envoy"}

    def proxy_tags(self, *, attempt: bool = False) -> dict[str, AttributeValue]:
        tags: dict[str, AttributeValue] = {"component": "proxy"}
        if not attempt:
            tags["node_id"] = (
                f"{self.proxy}~{self.ip}~{self.pod}.{self.namespace}"
                f"~{self.namespace}.svc.cluster.local"
            )
        if self.tagged:
            tags |= {
                "istio.canonical_service": self.service,
                "istio.canonical_revision": self.version,
                "istio.namespace": self.namespace,
                "istio.cluster_id": self.cluster,
            }
        return tags

    @property
    def sdk_resource(self) -> dict[str, AttributeValue]:
        found: dict[str, AttributeValue] = {"service.name": self.service}
        if self.sdk == "renamed":
            found["service.name"] = f"{self.service}-app"
        if self.sdk == "namespaced":
            found["service.namespace"] = self.namespace
            found["service.version"] = self.version
        if self.sdk in ("k8s", "k8s with cluster", "renamed"):
            found["k8s.pod.name"] = self.pod
        if self.sdk in ("k8s", "k8s with cluster", "renamed", "deployment"):
            found["k8s.namespace.name"] = self.namespace
            found["k8s.deployment.name"] = f"{self.service}-{self.version}"
        if self.sdk == "k8s with cluster":
            found["k8s.cluster.name"] = self.cluster
            found["service.version"] = self.version
        return found


def random_workload(choose: Random) -> Workload:
    service = choose.choice(("web", "cart", "reviews"))
    version = choose.choice(("v1", "v1", "v2"))
    proxy = choose.choice(("sidecar", "sidecar", "sidecar", ""))
    sdks = ("bare", "namespaced", "k8s", "k8s with cluster", "deployment", "renamed")
    return Workload(
        choose.choice(("east", "east", "west")),
        choose.choice(("shop", "shop", "test")),
        service,
        version,
        f"{service}-{version}-7bf8c9648f-{_suffix(choose)}",
        f"10.244.0.{choose.randrange(1, 9)}",
        proxy,
        spawns=choose.random() < 0.2,
        tagged=choose.random() < 0.9,
        sdk=choose.choice((*sdks, "", "") if proxy else sdks),
    )


def random_gateway(choose: Random) -> Workload:
    name = choose.choice(("istio-ingressgateway", "istio-egressgateway"))
    pod = f"{name}-7f8d9b6c5d-{_suffix(choose)}"
    return Workload(
        "east", "istio-system", name, "latest", pod, "10.244.0.20", "router", choose.random() < 0.6
    )


def random_waypoint(choose: Random, namespace: str) -> Workload:
    pod = f"waypoint-5d4f8b7c6d-{_suffix(choose)}"
    return Workload("east", namespace, "waypoint", "latest", pod, "10.244.0.30", "waypoint")


def _suffix(choose: Random) -> str:
    return "".join(choose.choice(_LETTERS) for _ in range(4)) + "x"


class Recorder:
    """Makes the spans of one trace; ids rise, times are drawn."""

    def __init__(self, choose: Random, trace_id: str, start_ns: int, trace_state: str) -> None:
        self.spans: list[Span] = []
        self.trace_id = trace_id
        self._choose = choose
        self._now_ns = start_ns
        self._trace_state = trace_state

    def add(
        self,
        kind: SpanKind,
        name: str,
        parent: str,
        resource: dict[str, AttributeValue],
        attributes: dict[str, AttributeValue],
        links: tuple[Link, ...] = (),
    ) -> str:
        """Add a span under ``parent``; return its id."""
        choose = self._choose
        high = choose.choice((0, 0, 0, 1)) << 63
        span_id = f"{high | choose.randrange(256) << 16 | len(self.spans) + 1:016x}"
        self._now_ns += choose.choice(_GAPS_NS)
        sent = {**attributes, **self._outcome()}
        self.spans.append(
            Span(
                self.trace_id,
                span_id,
                name,
                self._now_ns,
                choose.choice(_DURATIONS_NS),
                parent,
                kind,
                choose.choice((*[StatusCode.UNSET] * 6, StatusCode.OK, StatusCode.ERROR)),
                trace_state=self._trace_state if choose.random() < 0.9 else "",
                flags=choose.choice((0, 0x101, 0x301)),
                attributes=sent,
                links=links,
                resource=Resource(resource),
                service_name=str(resource.get("service.name", "")),
                identity=identify(resource, sent),
            )
        )
        return span_id

    def _outcome(self) -> dict[str, AttributeValue]:
        choose = self._choose
        if choose.random() < 0.8:
            return {}
        return {"error": choose.choice(("true", True, "false", False, "True"))}
