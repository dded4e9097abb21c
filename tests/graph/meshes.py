"""Random small meshes: the traces of every kind of proxy, app and peer, whole and damaged."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from hypothesis import strategies as st

from model.attributes import AttributeValue
from model.graph.calls import Sampling
from model.span import Link, Span, SpanKind
from tests.graph.mesh_damage import damaged
from tests.graph.mesh_soup import soup
from tests.graph.mesh_workloads import (
    Recorder,
    Workload,
    random_gateway,
    random_waypoint,
    random_workload,
)

__all__ = ["MOST_SPANS", "START_NS", "mesh_spans", "random_sampling", "seeds"]

START_NS = 1_760_000_040_000_000_000  # a whole minute
MOST_SPANS = 60
_MINUTE_NS = 60_000_000_000

Tags = dict[str, AttributeValue]

seeds = st.integers(0, 2**32 - 1)


def mesh_spans(seed: int, minutes: int = 3) -> list[Span]:
    """Return the spans of a few traces of one mesh, or of none, starting within ``minutes``."""
    choose = Random(seed)
    if choose.random() < 0.3:
        return damaged(choose, soup(choose, START_NS + choose.randrange(minutes * _MINUTE_NS)))
    mesh = _Mesh(choose)
    spans: list[Span] = []
    traces = choose.randrange(1, 6)
    while traces or not spans:
        spans += mesh.trace(START_NS + choose.randrange(minutes * _MINUTE_NS))
        traces -= bool(traces)
    return damaged(choose, spans[:MOST_SPANS])


def random_sampling(choose: Random) -> Sampling:
    names = ("cart", "reviews.shop", "web.test.svc.cluster.local", "istio-ingressgateway")
    services = {name: choose.choice((0.1, 0.5, 1.0)) for name in names if choose.random() < 0.3}
    return Sampling(choose.choice((None, None, 0.25)), services)


@dataclass(frozen=True)
class _Sent:
    """A message on its way."""

    trace_id: str
    span_id: str


class _Mesh:
    def __init__(self, choose: Random) -> None:
        self._choose = choose
        self._workloads = [random_workload(choose) for _ in range(choose.randrange(2, 5))]
        self._gateways = [random_gateway(choose) for _ in range(2)]
        self._sent: list[_Sent] = []
        self._left = 0
        self._record = Recorder(choose, "", 0, "")

    def trace(self, start_ns: int) -> list[Span]:
        choose = self._choose
        states = ("", "", "ot=th:8", "ot=rv:123;th:c,x=1", "ot=th:0", "ot=th:zz", "ot=th:fffff")
        trace_id = f"{choose.choice((0, 1 << 127)) | choose.getrandbits(60) + 1:032x}"
        self._record = Recorder(choose, trace_id, start_ns, choose.choice(states))
        self._left = choose.randrange(2, 20)
        parent = ""
        if choose.random() < 0.1:
            parent = "00000000000000aa"  # a client outside, which reports elsewhere
        begin = choose.random()
        first = choose.choice(self._workloads)
        if begin < 0.3:
            self._through_gateway(choose.choice(self._gateways), parent, first, "")
        elif begin < 0.55:
            self._consume(first, parent)
        elif begin < 0.8:
            self._serve(first, parent, "")
        else:
            self._work(first, parent)
        return self._record.spans

    def _chance(self, chance: float) -> bool:
        return self._choose.random() < chance

    def _add(
        self,
        kind: SpanKind,
        name: str,
        parent: str,
        resource: Tags,
        tags: Tags,
        links: tuple[Link, ...] = (),
    ) -> str:
        self._left -= 1
        return self._record.add(kind, name, parent, resource, tags, links)

    def _serve(self, of: Workload, parent: str, caller_ip: str, name: str = "") -> None:
        name = name or f"{of.host}:9080/*"
        if of.proxy:
            inward: Tags = {
                "upstream_cluster": self._choose.choice(
                    ("inbound|9080||", "inbound|9080||", "InboundPassthroughCluster", "")
                ),
            }
            address = self._choose.choice((caller_ip, caller_ip, "10.244.0.3", "10.1.1.1:5000"))
            if address:
                inward["peer.address"] = address
            tags = {**of.proxy_tags(), **inward, **self._http()}
            parent = self._add(SpanKind.SERVER, name, parent, of.proxy_resource, tags)
            if of.spawns:
                attempt = {**of.proxy_tags(attempt=True), **inward, **self._http()}
                parent = self._add(
                    SpanKind.CLIENT, "router inbound|9080||; egress", parent,
                    of.proxy_resource, attempt,
                )  # fmt: skip
        if of.sdk:
            named: Tags = {"peer.service": "mobile app"} if self._chance(0.1) else {}
            parent = self._add(
                SpanKind.SERVER, "GET /", parent, of.sdk_resource, {**named, **self._http()}
            )
        self._work(of, parent)

    def _work(self, of: Workload, parent: str) -> None:
        """What an app does about a request, or by itself."""
        parent = self._local(of, parent)
        for _ in range(self._choose.choice((0, 1, 1, 2, 3))):
            if self._left <= 0:
                return
            self._call(of, self._local(of, parent))

    def _local(self, of: Workload, parent: str) -> str:
        kind = self._choose.choice((SpanKind.INTERNAL, SpanKind.UNSPECIFIED))
        if of.sdk and self._chance(0.25):
            return self._add(kind, "work", parent, of.sdk_resource, {})
        if self._chance(0.08):
            unknown: tuple[Tags, ...] = ({}, {"service.name": "unknown_service:java"})
            nameless = self._choose.choice(unknown)
            kind = self._choose.choice((kind, kind, SpanKind.CLIENT, SpanKind.SERVER))
            return self._add(kind, "nameless", parent, nameless, {})
        return parent

    def _call(self, of: Workload, parent: str) -> None:
        what = self._choose.random()
        if what < 0.6:
            target = self._choose.choice(self._workloads)
            attempts = self._choose.choice((1, 1, 1, 2, 3))
            self._call_workload(of, parent, target, attempts)
        elif what < 0.75:
            self._call_peer(of, parent)
        else:
            self._produce(of, parent)

    def _call_workload(self, of: Workload, parent: str, target: Workload, attempts: int) -> None:
        name = f"{target.host}:9080/*"
        cluster = self._choose.choice(
            (f"outbound|9080|{target.version}|{target.host}",) * 5
            + ("PassthroughCluster", "BlackHoleCluster", "")
        )
        if of.sdk:
            url: Tags = {"url.full": f"http://{target.service}:9080/x"}
            parent = self._add(
                SpanKind.CLIENT, "GET", parent, of.sdk_resource, {**url, **self._http()}
            )
            if self._chance(0.1):
                parent = self._add(SpanKind.CLIENT, "try", parent, of.sdk_resource, {})
        if of.proxy:
            parent = self._client_proxy(of, parent, name, cluster)
        for _ in range(attempts):
            if self._left <= 0 or self._chance(0.15):
                continue
            below = parent
            if of.proxy and of.spawns:
                below = self._attempt(of, parent, cluster, target)
            if self._chance(0.1):
                self._through_gateway(self._choose.choice(self._gateways), below, target, of.ip)
            elif not target.proxy and self._chance(0.5):
                self._through_waypoint(of, below, target)
            else:
                self._serve(target, below, of.ip, name)

    def _client_proxy(self, of: Workload, parent: str, name: str, cluster: str) -> str:
        kind = SpanKind.SERVER if of.spawns else SpanKind.CLIENT
        url = self._choose.choice(("http://api.example.com/x", "http://cart:9080/x", ""))
        tags: Tags = {**of.proxy_tags(), **self._http(), "peer.address": of.ip}
        if cluster:
            tags["upstream_cluster"] = cluster
        if url:
            tags["http.url"] = url
        return self._add(kind, name, parent, of.proxy_resource, tags)

    def _attempt(self, of: Workload, parent: str, cluster: str, target: Workload) -> str:
        tags: Tags = {**of.proxy_tags(attempt=True), **self._http()}
        if cluster:
            tags["upstream_cluster"] = cluster
        if self._chance(0.7):
            tags |= {"peer.address": f"{target.ip}:9080", "upstream_address": f"{target.ip}:9080"}
        return self._add(
            SpanKind.CLIENT, f"router {cluster}; egress", parent, of.proxy_resource, tags
        )

    def _through_gateway(
        self, gateway: Workload, parent: str, target: Workload, caller_ip: str
    ) -> None:
        cluster = f"outbound|9080||{target.host}"
        name = f"{target.host}:9080/*"
        tags: Tags = {**gateway.proxy_tags(), **self._http(), "upstream_cluster": cluster}
        tags |= {"peer.address": caller_ip or "192.0.2.10", "http.url": "http://shop.example.com/"}
        kind = SpanKind.SERVER if gateway.spawns else SpanKind.CLIENT
        parent = self._add(kind, name, parent, gateway.proxy_resource, tags)
        for _ in range(self._choose.choice((1, 1, 2)) if gateway.spawns else 1):
            below = parent
            if gateway.spawns:
                below = self._attempt(gateway, parent, cluster, target)
            if self._chance(0.1):
                other = self._choose.choice(self._gateways)
                self._through_gateway(other, below, target, gateway.ip)
            elif self._chance(0.2):
                self._through_waypoint(gateway, below, target)
            elif self._chance(0.9):
                self._serve(target, below, gateway.ip, name)

    def _through_waypoint(self, of: Workload, parent: str, target: Workload) -> None:
        waypoint = random_waypoint(self._choose, target.namespace)
        tags: Tags = {
            **waypoint.proxy_tags(),
            **self._http(),
            "upstream_cluster": f"inbound-vip|9080|http|{target.host}",
            "peer.address": of.ip,
        }
        if self._chance(0.7):
            tags |= {
                "istio.destination_canonical_service": target.service,
                "istio.destination_namespace": target.namespace,
                "istio.destination_workload": self._choose.choice(
                    ("", "-", f"{target.service}-{target.version}")
                ),
            }
        if self._chance(0.5):
            tags |= {
                "istio.source_canonical_service": of.service,
                "istio.source_namespace": of.namespace,
                "istio.source_workload": self._choose.choice(("", f"{of.service}-{of.version}")),
            }
        resource = waypoint.proxy_resource
        if self._chance(0.3):
            resource["service.name"] = target.host
        name = self._choose.choice((f"{target.host}:9080/*", f"{target.host}:9080/*", "ingress"))
        parent = self._add(SpanKind.SERVER, name, parent, resource, tags)
        if self._chance(0.8):
            self._serve(target, parent, waypoint.ip, name)

    def _call_peer(self, of: Workload, parent: str) -> None:
        choose = self._choose
        target = choose.choice(self._workloads)
        peers: tuple[Tags, ...] = (
            {"peer.service": choose.choice(("billing", "cart", "reviews.shop", target.host))},
            {"server.address": "api.example.com", "server.port": 443},
            {"net.peer.name": target.host},
            {"http.url": choose.choice(("https://api.example.com:8443/x", "http://[::", "/x"))},
            {"network.peer.address": choose.choice(("10.244.0.3", "10.244.0.3:80", "[fe80::1]:8"))},
            {"db.system": "mysql", "server.address": "db.example.com", "server.port": "3306"},
            {"db.system.name": "redis", "db.namespace": "0"},
            {"db.system": "mysql", "db.name": "orders", "peer.service": "orders-db"},
            {"db.system": "mongodb", "net.sock.peer.addr": "10.0.0.9"},
            {"istio.destination_canonical_service": "cart", "istio.destination_namespace": "shop"},
            {"rpc.system": "grpc", "rpc.grpc.status_code": 14},
            {},
        )
        if of.sdk:
            parent = self._add(
                SpanKind.CLIENT, "call", parent, of.sdk_resource, choose.choice(peers)
            )
            if choose.random() < 0.3:
                self._local(of, parent)
        else:
            host = choose.choice((target.host, of.host, "api.example.com"))
            clusters = (f"outbound|80||{host}", "PassthroughCluster", "BlackHoleCluster", "")
            cluster = choose.choice(clusters)
            parent = self._client_proxy(of, parent, f"{host}:80/*", cluster)
            if of.spawns:
                self._attempt(of, parent, cluster, target)

    def _produce(self, of: Workload, parent: str) -> None:
        choose = self._choose
        kind = choose.choice((SpanKind.PRODUCER, SpanKind.PRODUCER, SpanKind.CLIENT))
        tags = self._message(certain=kind is SpanKind.CLIENT)
        parent = self._add(kind, "send", parent, self._sender(of), tags)
        self._sent.append(_Sent(self._record.trace_id, parent))
        if self._left > 0 and choose.random() < 0.5:
            self._consume(choose.choice(self._workloads), parent)

    def _sender(self, of: Workload) -> Tags:
        return of.sdk_resource if of.sdk else of.proxy_resource

    def _message(self, *, certain: bool = False) -> Tags:
        tags: Tags = {"messaging.system": "kafka"}
        if certain or self._chance(0.5):
            tags["messaging.destination.name"] = self._choose.choice(("orders", "mails"))
        return tags

    def _consume(self, of: Workload, parent: str) -> None:
        choose = self._choose
        known = choose.sample(self._sent, min(len(self._sent), choose.randrange(5)))
        links = [Link(sent.trace_id, sent.span_id) for sent in known]
        if links and choose.random() < 0.3:
            links.append(links[0])
        if choose.random() < 0.1:
            links.append(Link("ab" * 16, "cd" * 8))
        parent = self._add(
            SpanKind.CONSUMER, "receive", parent, self._sender(of), self._message(), tuple(links)
        )
        self._work(of, parent)

    def _http(self) -> Tags:
        choose = self._choose
        code = choose.choice(("200", "200", "404", "503", "0", 500))
        tags: Tags = {"http.method": "GET"} if choose.random() < 0.7 else {}
        if choose.random() < 0.8:
            tags["http.status_code"] = code
        if choose.random() < 0.5:
            tags["response_flags"] = choose.choice(("-", "-", "UH", "UF,URX", "DC"))
        if choose.random() < 0.4:
            tags |= {"request_size": choose.choice(("0", "17", 5)), "response_size": "1024"}
        if choose.random() < 0.15:
            tags["grpc.status_code"] = choose.choice(("0", "14"))
        if choose.random() < 0.1:
            tags["istio.mtls"] = choose.choice(("true", True, "false"))
        if choose.random() < 0.1:
            tags["source.principal"] = "spiffe://cluster.local/ns/shop/sa/web"
        return tags
