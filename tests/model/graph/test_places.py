"""Rules G3 to G8 and G18: where spans were made."""

from model.graph.forest import build_forest
from model.graph.place import PlaceKind
from model.graph.places import find_places
from model.span import SpanKind
from tests.graph.columns import columns_of
from tests.model.graph.meshed import app, attempt, gateway, inbound, outbound, span, waypoint

SERVER, CLIENT, INTERNAL = SpanKind.SERVER, SpanKind.CLIENT, SpanKind.INTERNAL


def _places(*spans, made=False):
    """Return kind, workload (else service) and name of each span's place, by the span's id."""
    columns = columns_of(spans)
    forest = build_forest(columns)
    places = find_places(columns, forest)
    found = {}
    for span_id, index in zip(forest.span_id, places.made if made else places.place, strict=True):
        place = places.table.items[index] if index >= 0 else None
        found[int(span_id)] = (
            place and f"{place.kind} {place.workload or place.service} {place.name}"
        )
    return found


def test_an_app_of_the_proxys_pod_is_of_the_proxys_place():
    pod = {
        "service.name": "anything",
        "k8s.namespace.name": "default",
        "k8s.pod.name": "web-v1-7d4b9c44bb-x5z7k",
        "k8s.deployment.name": "web-v1",
    }

    assert {1: "workload web-v1 web.default", 2: "workload web-v1 web.default"} == _places(
        inbound(1, 0, "web"), span(2, 1, SERVER, "GET /", {}, pod)
    )


def test_an_app_without_a_workload_takes_the_place_above_if_its_service_is_the_same():
    assert {
        1: "workload web-v1 web.default",
        2: "workload web-v1 web.default",
        3: "workload other other",
    } == _places(inbound(1, 0, "web"), app(2, 1, "web", SERVER), app(3, 1, "other", SERVER))


def test_an_app_above_all_proxies_takes_the_only_place_of_its_trace_that_may_be_the_same():
    sidecar = outbound(2, 1, "web", "db")
    second = outbound(3, 1, "web", "db", tags={"istio.cluster_id": "west"})

    assert "workload web-v1 web.default" == _places(app(1, 0, "web", CLIENT), sidecar)[1]
    assert "workload web web" == _places(app(1, 0, "web", CLIENT), sidecar, second)[1]


def test_a_proxys_service_name_without_its_namespace_is_a_name_of_the_app():
    proxy = inbound(1, 0, "web", tags={"istio.canonical_service": "storefront"})

    assert "workload web-v1 web.default" == _places(proxy, app(2, 1, "web", SERVER))[2]


def test_an_attempt_is_of_the_proxy_above_and_of_no_other():
    gate = "gateway gateway-v1 gateway.default"

    assert {1: gate, 2: gate, 3: "workload web web.default"} == _places(
        gateway(1, 0), attempt(2, 1, "gateway", "web"), attempt(3, 2, "web", "db")
    )


def test_spans_of_which_nothing_is_known_have_no_place():
    assert {1: None} == _places(span(1, 0, SERVER, "n", {}, {"service.name": "unknown_service"}))


def test_one_workload_is_known_by_the_least_name_that_its_proxies_use_in_the_trace():
    named = inbound(2, 1, "web", tags={"istio.canonical_service": "web"})

    assert {"workload web-v1 web.default"} == set(_places(inbound(1, 0, "web"), named).values())


def test_a_waypoint_stands_for_its_destination_and_is_made_in_its_own_place():
    spans = [outbound(1, 0, "web", "db"), waypoint(2, 1, "db")]

    assert f"{PlaceKind.SERVICE} db db.default" == _places(*spans)[2]
    assert f"{PlaceKind.WAYPOINT} way-v1 way.default" == _places(*spans, made=True)[2]
    assert "workload db-v1 db.default" == _places(*spans, inbound(3, 2, "db"))[2]
    assert "service db db.default" == _places(*spans, inbound(3, 2, "cache"))[2]
