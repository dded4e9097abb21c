"""A Bookinfo mesh of thirty pods, and the spans that its Envoys make for one request.

Attributes, names, kinds and nesting are those of a real Envoy under Istio: sixteen tags of Envoy
and five of Istio, every value a string. Times are nanoseconds on the caller's clock.
"""

from __future__ import annotations

import random
import uuid
from dataclasses import dataclass

__all__ = [
    "PRODUCTS",
    "TENANTS",
    "Pod",
    "RequestDraft",
    "SpanDraft",
    "TraceDraft",
    "draft_trace",
    "pod_name",
]

PRODUCTS = 1000
TENANTS = 500
"""Values of the custom tag ``tenant``, which the gateway reads from a request header."""

_SERVER, _CLIENT = 2, 3
_MICROSECOND = 1_000
_USER_AGENTS = (
    "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 19_1 like Mac OS X) AppleWebKit/605.1.15",
    "curl/8.16.0",
    "python-requests/2.32.5",
)


@dataclass(frozen=True, slots=True)
class Pod:
    """A pod with an Envoy beside it; ``ip`` is its address in the cluster."""

    app: str
    namespace: str
    version: str
    name: str
    ip: str

    @property
    def service_name(self) -> str:
        """``service.name`` as Istio sets it by default."""
        return f"{self.app}.{self.namespace}"

    @property
    def is_gateway(self) -> bool:
        """Whether its Envoy is the ingress gateway."""
        return self.namespace == "istio-system"

    @property
    def node_id(self) -> str:
        """The ``node_id`` tag of its Envoy."""
        role = "router" if self.is_gateway else "sidecar"
        domain = f"{self.namespace}.svc.cluster.local"
        return f"{role}~{self.ip}~{self.name}.{self.namespace}~{domain}"


@dataclass(frozen=True, slots=True)
class SpanDraft:
    """One span before it is encoded; ``parent_id`` is empty for a root."""

    pod: Pod
    span_id: bytes
    parent_id: bytes
    name: str
    kind: int
    start_ns: int
    end_ns: int
    failed: bool
    flags: int
    attributes: dict[str, str]


@dataclass(frozen=True, slots=True)
class TraceDraft:
    """All spans of one request through the mesh, the root first."""

    trace_id: bytes
    request_id: str
    spans: tuple[SpanDraft, ...]

    @property
    def start_ns(self) -> int:
        """Start of its earliest span."""
        return min(span.start_ns for span in self.spans)


_POD_NAME_LETTERS = "bcdfghjklmnpqrstvwxz2456789"


def pod_name(workload: str, number: int) -> str:
    """Return the name of the pod with this number, with Kubernetes' suffixes."""
    rng = random.Random(f"{workload} {number}")
    replica_set = random.Random(workload).choices(_POD_NAME_LETTERS, k=10)
    return f"{workload}-{''.join(replica_set)}-{''.join(rng.choices(_POD_NAME_LETTERS, k=5))}"


def _pods() -> dict[str, tuple[Pod, ...]]:
    """Pods by application and version; the addresses are the only thing that must be distinct."""
    counts = (
        ("istio-ingressgateway", "istio-system", "latest", 3),
        ("productpage", "bookinfo", "v1", 6),
        ("details", "bookinfo", "v1", 5),
        ("reviews", "bookinfo", "v1", 4),
        ("reviews", "bookinfo", "v2", 4),
        ("reviews", "bookinfo", "v3", 4),
        ("ratings", "bookinfo", "v1", 4),
    )
    pods: dict[str, tuple[Pod, ...]] = {}
    host = 10
    for app, namespace, version, count in counts:
        group = []
        for number in range(count):
            name = pod_name(f"{app}-{version}", host)
            group.append(Pod(app, namespace, version, name, f"10.244.{number % 3}.{host}"))
            host += 1
        pods[f"{app}-{version}"] = tuple(group)
    return pods


PODS = _pods()


class RequestDraft:
    """Drafts the spans of one request."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self.trace_id = rng.randbytes(16)
        digits = uuid.UUID(bytes=rng.randbytes(16), version=4).hex
        # 9 where a UUID has its version is Envoy's note "sampled".
        self.request_id = str(uuid.UUID(hex=f"{digits[:12]}9{digits[13:]}"))
        self.product = rng.randrange(PRODUCTS)
        self.tenant = f"tenant-{rng.randrange(TENANTS):03}"
        self.user_agent = rng.choice(_USER_AGENTS)
        self.spans: list[SpanDraft] = []

    def span(
        self,
        pod: Pod,
        parent: SpanDraft | None,
        kind: int,
        name: str,
        times: tuple[int, int],
        attributes: dict[str, str],
        status: str,
    ) -> SpanDraft:
        """Add a span; Istio's tags and, on a 5xx, the error come from here."""
        tags = attributes | {"http.status_code": status} | _istio(pod)
        failed = status.startswith("5")
        if failed:
            tags["error"] = "true"
        draft = SpanDraft(
            pod=pod,
            span_id=self._rng.randbytes(8),
            parent_id=parent.span_id if parent else b"",
            name=name,
            kind=kind,
            start_ns=times[0],
            end_ns=times[1],
            failed=failed,
            flags=769 if parent and parent.pod is not pod else 257,
            attributes=tags,
        )
        self.spans.append(draft)
        return draft

    def listener_tags(self, pod: Pod, peer: str, url: str, cluster: str) -> dict[str, str]:
        """Tags of a span of a listener, in Envoy's order."""
        return {
            "component": "proxy",
            "node_id": pod.node_id,
            "zone": f"eu-central-1{'abc'[int(pod.ip.split('.')[2])]}",
            "guid:x-request-id": self.request_id,
            "http.url": url,
            "http.method": "GET",
            "http.protocol": "HTTP/1.1",
            "user_agent": self.user_agent,
            "downstream_cluster": "-",
            "peer.address": peer,
            "request_size": "0",
            "response_size": str(self._rng.randrange(150, 6000)),
            "response_flags": "-",
            "upstream_cluster": cluster,
            "upstream_cluster.name": f"{cluster};",
        }

    def call(
        self,
        caller: SpanDraft,
        callee: Pod,
        path: str,
        times: tuple[int, int],
        status: str = "200",
        flags: str = "-",
    ) -> SpanDraft | None:
        """Add the caller's CLIENT span and the callee's SERVER span (none if unreachable)."""
        host = f"{callee.app}.{callee.namespace}.svc.cluster.local"
        url, name = f"http://{callee.app}:9080{path}", f"{host}:9080/*"
        start, end = times
        tags = self.listener_tags(caller.pod, caller.pod.ip, url, f"outbound|9080||{host}")
        tags["response_flags"] = flags
        client = self.span(caller.pod, caller, _CLIENT, name, times, tags, status)
        if flags != "-":
            return None
        tags = self.listener_tags(callee, caller.pod.ip, url, "inbound|9080||")
        lag = self._rng.randrange(200, 900) * _MICROSECOND
        return self.span(callee, client, _SERVER, name, (start + lag, end - lag), tags, status)


def _istio(pod: Pod) -> dict[str, str]:
    return {
        "istio.canonical_service": pod.app,
        "istio.canonical_revision": pod.version,
        "istio.namespace": pod.namespace,
        "istio.mesh_id": "cluster.local",
        "istio.cluster_id": "Kubernetes",
    }


def draft_trace(rng: random.Random, start_ns: int) -> TraceDraft:
    """Draft the trace of one page view that starts at ``start_ns``.

    Seven spans by way of reviews v1, nine by v2 and v3 (they ask ratings). About 1.5 % of the
    requests fail somewhere: details or ratings answer 500, or details cannot be reached.
    """
    request = RequestDraft(rng)
    fault = rng.random()
    pick = {workload: rng.choice(pods) for workload, pods in PODS.items()}
    gateway, page = pick["istio-ingressgateway-latest"], pick["productpage-v1"]
    milliseconds = rng.randrange(15, 180)
    end_ns = start_ns + milliseconds * 1_000_000 + rng.randrange(1_000_000)
    step = (end_ns - start_ns) // 12

    host = f"productpage.{page.namespace}.svc.cluster.local"
    cluster = f"outbound|9080||{host}"
    url = f"http://bookinfo.example.com/productpage?id={request.product}"
    client_ip = f"203.0.113.{rng.randrange(1, 255)}"
    tags = request.listener_tags(gateway, client_ip, url, cluster) | {"tenant": request.tenant}
    name = f"{host}:9080/productpage"
    root = request.span(gateway, None, _SERVER, name, (start_ns, end_ns), tags, "200")
    attempt = {
        "component": "proxy",
        "http.protocol": "HTTP/1.1",
        "upstream_address": f"{page.ip}:9080",
        "peer.address": f"{page.ip}:9080",
        "upstream_cluster": cluster,
        "upstream_cluster.name": f"{cluster};",
        "response_flags": "-",
    }
    times = (start_ns + 90_000, end_ns - 60_000)
    router = request.span(
        gateway, root, _CLIENT, f"router {cluster}; egress", times, attempt, "200"
    )
    tags = request.listener_tags(page, gateway.ip, url, "inbound|9080||")
    times = (start_ns + step // 2, end_ns - step // 2)
    server = request.span(page, router, _SERVER, name, times, tags, "200")

    status, flags = (
        ("500", "-") if fault < 0.006 else ("503", "UF") if fault < 0.01 else ("200", "-")
    )
    times = (start_ns + step, start_ns + 4 * step)
    request.call(server, pick["details-v1"], f"/details/{request.product}", times, status, flags)

    version = rng.choice(("v1", "v2", "v3"))
    times = (start_ns + 5 * step, end_ns - step)
    path = f"/reviews/{request.product}"
    reviews = request.call(server, pick[f"reviews-{version}"], path, times)
    if version != "v1" and reviews is not None:
        status = "500" if fault > 0.992 else "200"
        times = (start_ns + 6 * step, end_ns - 2 * step)
        request.call(reviews, pick["ratings-v1"], f"/ratings/{request.product}", times, status)
    return TraceDraft(request.trace_id, request.request_id, tuple(request.spans))
