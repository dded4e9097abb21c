from dataclasses import dataclass, field

import pytest

from model.attributes import Attributes
from model.mesh import IDENTITY_RESOURCE_KEYS, IDENTITY_SPAN_KEYS, identify, parse_service_name
from model.span import MeshIdentity


@dataclass(frozen=True)
class Case:
    name: str
    expected: MeshIdentity
    resource: Attributes = field(default_factory=dict)
    span: Attributes = field(default_factory=dict)


def proxy(node_id: str = "", **istio: str) -> dict[str, str]:
    tags = {f"istio.{key}": value for key, value in istio.items()}
    return {"component": "proxy", **({"node_id": node_id} if node_id else {}), **tags}


REVIEWS_NODE = "sidecar~10.244.0.7~reviews-v2-6b746f74dc-9rlmh.default~default.svc.cluster.local"
REVIEWS_POD = "reviews-v2-6b746f74dc-9rlmh"

CASES = [
    Case(
        "a sidecar with all of Istio's tags",
        MeshIdentity("Kubernetes", "default", "reviews", "v2", "reviews-v2", REVIEWS_POD),
        {"service.name": "reviews.default"},
        proxy(
            REVIEWS_NODE,
            canonical_service="reviews",
            canonical_revision="v2",
            namespace="default",
            cluster_id="Kubernetes",
            mesh_id="cluster.local",
        ),
    ),
    Case(
        "a sidecar without Istio's tags: the node id tells the namespace",
        MeshIdentity("", "default", "reviews", "", "reviews-v2", REVIEWS_POD),
        {"service.name": "reviews.default"},
        proxy(REVIEWS_NODE),
    ),
    Case(
        "tracingServiceName CANONICAL_NAME_ONLY",
        MeshIdentity("", "default", "reviews", "", "reviews-v2", REVIEWS_POD),
        {"service.name": "reviews"},
        proxy(REVIEWS_NODE),
    ),
    Case(
        "tracingServiceName CANONICAL_NAME_AND_NAMESPACE",
        MeshIdentity("", "default", "reviews", "v2", "reviews-v2", REVIEWS_POD),
        {"service.name": "reviews.default"},
        proxy(REVIEWS_NODE, canonical_service="reviews", canonical_revision="v2"),
    ),
    Case(
        "APP_LABEL_AND_NAMESPACE where the app label is not the canonical name",
        MeshIdentity("", "default", "reviews", "", "reviews-v2", REVIEWS_POD),
        {"service.name": "reviews-app.default"},
        proxy(REVIEWS_NODE, canonical_service="reviews"),
    ),
    Case(
        "serviceCluster x: any name",
        MeshIdentity("", "default", "x", "", "reviews-v2", REVIEWS_POD),
        {"service.name": "x"},
        proxy(REVIEWS_NODE),
    ),
    Case(
        "unlabelled pods: unknown is not known, latest is Istio's word",
        MeshIdentity("", "default", "reviews", "latest", "reviews-v2", REVIEWS_POD),
        {"service.name": "reviews.default"},
        proxy(REVIEWS_NODE, canonical_service="unknown", canonical_revision="latest", namespace=""),
    ),
    Case(
        "empty Istio tags",
        MeshIdentity("", "default", "reviews", "", "reviews-v2", REVIEWS_POD),
        {"service.name": "reviews.default"},
        proxy(
            REVIEWS_NODE, canonical_service="", canonical_revision="", namespace="", cluster_id=""
        ),
    ),
    Case(
        "serviceAttributeEnrichment: no namespace in the name",
        MeshIdentity("", "default", "reviews", "1.4.2", "reviews-v2", REVIEWS_POD),
        {
            "service.name": "reviews",
            "service.namespace": "default",
            "service.version": "1.4.2",
            "service.instance.id": f"default.{REVIEWS_POD}.istio-proxy",
        },
        proxy(REVIEWS_NODE),
    ),
    Case(
        "an ingress gateway",
        MeshIdentity(
            "Kubernetes",
            "istio-system",
            "istio-ingressgateway",
            "latest",
            "istio-ingressgateway",
            "istio-ingressgateway-7f8d9b6c5d-x2x4z",
        ),
        {"service.name": "istio-ingressgateway.istio-system"},
        proxy(
            "router~10.244.0.3~istio-ingressgateway-7f8d9b6c5d-x2x4z.istio-system"
            "~istio-system.svc.cluster.local",
            canonical_service="istio-ingressgateway",
            canonical_revision="latest",
            namespace="istio-system",
            cluster_id="Kubernetes",
        ),
    ),
    Case(
        "a Gateway API gateway without tags",
        MeshIdentity("", "shop", "edge-istio", "", "edge-istio", "edge-istio-5c6b7d8f9-bcdfg"),
        {"service.name": "edge-istio.shop"},
        proxy("router~10.244.0.4~edge-istio-5c6b7d8f9-bcdfg.shop~shop.svc.cluster.local"),
    ),
    Case(
        "an upstream attempt of a gateway: no node id, the tags tell",
        MeshIdentity("", "istio-system", "istio-ingressgateway", "", "", ""),
        {"service.name": "istio-ingressgateway.istio-system"},
        proxy(canonical_service="istio-ingressgateway", namespace="istio-system"),
    ),
    Case(
        "an upstream attempt without tags: Istio's own form of the name tells",
        MeshIdentity("", "istio-system", "istio-ingressgateway", "", "", ""),
        {"service.name": "istio-ingressgateway.istio-system", "telemetry.sdk.name": "envoy"},
        proxy(),
    ),
    Case(
        "a waypoint of Istio 1.24 to 1.27, and from 1.30",
        MeshIdentity("", "default", "waypoint", "", "waypoint", "waypoint-5f8d9b6c5d-vwxz2"),
        {"service.name": "waypoint.default"},
        proxy("waypoint~10.244.0.9~waypoint-5f8d9b6c5d-vwxz2.default~default.svc.cluster.local"),
    ),
    Case(
        "a waypoint of Istio 1.28 and 1.29 that is named by the destination's host",
        MeshIdentity("", "default", "waypoint", "", "waypoint", "waypoint-5f8d9b6c5d-vwxz2"),
        {"service.name": "reviews.default.svc.cluster.local"},
        proxy("waypoint~10.244.0.9~waypoint-5f8d9b6c5d-vwxz2.default~default.svc.cluster.local"),
    ),
    Case(
        "a waypoint named by a host outside of the mesh, with tags",
        MeshIdentity("", "default", "waypoint", "latest", "waypoint", "waypoint-5f8d9b6c5d-vwxz2"),
        {"service.name": "api.example.com"},
        proxy(
            "waypoint~10.244.0.9~waypoint-5f8d9b6c5d-vwxz2.default~default.svc.cluster.local",
            canonical_service="waypoint",
            canonical_revision="latest",
            namespace="default",
        ),
    ),
    Case(
        "a sidecar without a service name: the workload is the canonical name",
        MeshIdentity("", "default", "reviews-v2", "", "reviews-v2", REVIEWS_POD),
        {},
        proxy(REVIEWS_NODE),
    ),
    Case(
        "a sidecar named unknown_service:envoy",
        MeshIdentity("", "default", "reviews-v2", "", "reviews-v2", REVIEWS_POD),
        {"service.name": "unknown_service:envoy"},
        proxy(REVIEWS_NODE),
    ),
    Case(
        "a plain Envoy: its node id is no Istio node id, its name has no namespace",
        MeshIdentity(service="edge"),
        {"service.name": "edge", "telemetry.sdk.name": "envoy"},
        proxy("edge-1"),
    ),
    Case(
        "a plain Envoy named by a domain keeps the dots",
        MeshIdentity(service="checkout.example.com"),
        {"service.name": "checkout.example.com", "telemetry.sdk.name": "envoy"},
        proxy("edge-1"),
    ),
    Case(
        "a node id with a pod of another form: the labels tell the workload",
        MeshIdentity("", "bookinfo", "details", "v1", "details-v1", "details-v1-abc"),
        {"service.name": "details.bookinfo"},
        proxy(
            "sidecar~10.244.0.11~details-v1-abc.bookinfo~bookinfo.svc.cluster.local",
            canonical_service="details",
            canonical_revision="v1",
        ),
    ),
    Case(
        "a virtual machine: its name is the workload",
        MeshIdentity("", "vm", "billing", "", "billing-host", "billing-host"),
        {"service.name": "billing.vm"},
        proxy("sidecar~192.168.1.4~billing-host.vm~vm.svc.cluster.local"),
    ),
    Case(
        "an application with its own SDK",
        MeshIdentity("", "default", "reviews", "v2", "", ""),
        {"service.name": "reviews", "service.namespace": "default", "service.version": "v2"},
    ),
    Case(
        "an application with Kubernetes attributes",
        MeshIdentity("east", "default", "reviews", "v2", "reviews-v2", REVIEWS_POD),
        {
            "service.name": "reviews",
            "service.version": "v2",
            "k8s.cluster.name": "east",
            "k8s.namespace.name": "default",
            "k8s.deployment.name": "reviews-v2",
            "k8s.pod.name": REVIEWS_POD,
        },
    ),
    Case(
        "a StatefulSet told by its attribute",
        MeshIdentity("", "db", "mongo", "", "mongo", "mongo-2"),
        {
            "service.name": "mongo",
            "k8s.namespace.name": "db",
            "k8s.statefulset.name": "mongo",
            "k8s.pod.name": "mongo-2",
        },
    ),
    Case(
        "a DaemonSet told by its attribute",
        MeshIdentity("", "ops", "agent", "", "agent", "agent-x2x4z"),
        {
            "service.name": "agent",
            "k8s.namespace.name": "ops",
            "k8s.daemonset.name": "agent",
            "k8s.pod.name": "agent-x2x4z",
        },
    ),
    Case(
        "the namespace of the pod beats the logical one",
        MeshIdentity("", "default", "reviews", "", "", ""),
        {
            "service.name": "reviews",
            "service.namespace": "bookshop",
            "k8s.namespace.name": "default",
        },
    ),
    Case(
        "the namespace of the resource beats the tag, and the tag beats the node id",
        MeshIdentity("", "one", "x", "", "reviews-v2", REVIEWS_POD),
        {"service.name": "x", "service.namespace": "one"},
        proxy(REVIEWS_NODE, namespace="two"),
    ),
    Case(
        "a dotted name of an application without a namespace is one name",
        MeshIdentity(service="reviews.default"),
        {"service.name": "reviews.default"},
    ),
    Case(
        "a dotted name that ends with the known namespace is taken apart",
        MeshIdentity("", "default", "reviews", "", "", ""),
        {"service.name": "reviews.default", "service.namespace": "default"},
    ),
    Case(
        "a dotted name that ends with something else is one name",
        MeshIdentity("", "default", "api.example.com", "", "", ""),
        {"service.name": "api.example.com", "service.namespace": "default"},
    ),
    Case(
        "a Kubernetes host",
        MeshIdentity("", "default", "reviews", "", "", ""),
        {"service.name": "reviews.default.svc.cluster.local"},
    ),
    Case(
        "a Kubernetes host of another domain, with a port",
        MeshIdentity("", "default", "reviews", "", "", ""),
        {"service.name": "reviews.default.svc.corp.example:9080"},
    ),
    Case(
        "a Kubernetes host of a namespace that is not the span's",
        MeshIdentity("", "prod", "reviews.default.svc", "", "", ""),
        {"service.name": "reviews.default.svc", "service.namespace": "prod"},
    ),
    Case(
        "letter case stays",
        MeshIdentity("", "default", "Reviews", "", "", ""),
        {"service.name": "Reviews", "service.namespace": "default"},
    ),
    Case("nothing at all", MeshIdentity()),
    Case("an SDK's default name", MeshIdentity(), {"service.name": "unknown_service:python"}),
    Case(
        "values of another type are not known",
        MeshIdentity(),
        {"service.name": 7, "k8s.pod.name": ["a"], "service.namespace": None},
        {"component": "proxy", "node_id": True, "istio.namespace": 1.5},
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_identity(case: Case) -> None:
    assert case.expected == identify(case.resource, case.span)


def test_the_three_names_of_one_service_are_one_service() -> None:
    by_proxy = identify({"service.name": "reviews.default"}, proxy(REVIEWS_NODE))
    by_sdk = identify({"service.name": "reviews", "service.namespace": "default"}, {})
    by_host = identify({"service.name": "reviews.default.svc.cluster.local"}, {})

    assert {("reviews", "default")} == {
        (identity.service, identity.namespace) for identity in (by_proxy, by_sdk, by_host)
    }


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_listed_keys_are_all_that_identity_depends_on(case: Case) -> None:
    resource = {key: case.resource[key] for key in IDENTITY_RESOURCE_KEYS if key in case.resource}
    span = {key: case.span[key] for key in IDENTITY_SPAN_KEYS if key in case.span}

    assert identify(case.resource, case.span) == identify(resource, span)


@pytest.mark.parametrize(
    ("asked", "service", "namespace"),
    [
        ("reviews", "reviews", ""),
        ("reviews.default", "reviews", "default"),
        ("reviews.default.svc", "reviews", "default"),
        ("reviews.default.svc.cluster.local", "reviews", "default"),
        ("reviews.default.svc.cluster.local:9080", "reviews", "default"),
        ("my.app.default", "my.app", "default"),
        ("trailing.", "trailing.", ""),
        (".leading", ".leading", ""),
    ],
)
def test_a_searched_service_name_is_read_in_any_form(
    asked: str, service: str, namespace: str
) -> None:
    selector = parse_service_name(asked)

    assert (asked, service, namespace) == (selector.name, selector.service, selector.namespace)


REVIEWS_DEFAULT = MeshIdentity(namespace="default", service="reviews")


@pytest.mark.parametrize(
    ("asked", "service_name", "identity", "expected"),
    [
        ("reviews", "reviews.default", REVIEWS_DEFAULT, True),
        ("reviews.default", "reviews", REVIEWS_DEFAULT, True),
        ("reviews.default.svc.cluster.local", "reviews", REVIEWS_DEFAULT, True),
        ("reviews.prod", "reviews.default", REVIEWS_DEFAULT, False),
        ("review", "reviews.default", REVIEWS_DEFAULT, False),
        ("api.example.com", "api.example.com", MeshIdentity(service="api.example.com"), True),
        ("odd.name", "odd.name", REVIEWS_DEFAULT, True),
        ("unknown_service:python", "unknown_service:python", MeshIdentity(), True),
    ],
)
def test_a_service_selector_matches_by_name_or_by_identity(
    asked: str, service_name: str, identity: MeshIdentity, expected: bool
) -> None:
    assert expected is parse_service_name(asked).matches(service_name, identity)
