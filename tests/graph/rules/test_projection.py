"""Rules G46 to G49: what the views make of the edges."""

import pytest

from model.graph.dependencies import dependencies
from model.graph.filters import FocusDirection, around
from model.graph.view import GraphType
from model.query import TraceQuery
from tests.graph.rules.backend import TIMEOUT_S
from tests.graph.rules.mesh import (
    app_in,
    app_local,
    app_out,
    call,
    consumer,
    gateway_attempt,
    gateway_in,
    lost,
    producer,
    sidecar_in,
    sidecar_out,
    trace,
    waypoint,
)


def test_g46_a_place_has_the_name_that_its_proxy_sends_else_its_sdk(mesh):
    mesh.receive(
        call("web", "reviews", app_in("reviews", app_out("reviews", app_in("billing")))),
    )

    assert [
        "reviews.default -> billing 1",
        "web.default -> reviews.default 1",
    ] == mesh.dependencies()


@pytest.mark.parametrize(
    "name", ["reviews.default", "reviews", "reviews.default.svc.cluster.local"]
)
def test_g46_every_name_of_a_service_finds_the_same_traces(mesh_once, name):
    sent = call("web", "reviews", app_in("reviews"))
    mesh_once.receive(sent)

    window = mesh_once.window
    query = TraceQuery(window.start_ns, window.end_ns, service=name)
    page = mesh_once.store.reader.find_traces(query, timeout_s=TIMEOUT_S)

    assert [mesh_once.trace_id(sent).hex()] == [one.trace_id for one in page.summaries]


def bookinfo_and_more():
    """Traces with every kind of edge."""
    return [
        gateway_in(
            "productpage",
            gateway_attempt(
                "productpage",
                sidecar_in(
                    "productpage",
                    call("productpage", "details"),
                    sidecar_out(
                        "productpage",
                        "reviews",
                        *(sidecar_in("reviews", version=version) for version in ("v1", "v2")),
                        sidecar_in("reviews", call("reviews", "ratings"), version="v3"),
                        code="503",
                    ),
                ),
            ),
        ),
        waypoint("reviews", caller="productpage"),
        app_out("web", tags={"db.system": "mysql"}),
        app_out("web", tags={"server.address": "api.example.com"}),
        trace(producer("shop", "orders", consumer("mailer", "orders"))),
        sidecar_in("web", lost(sidecar_out("web", "details", sidecar_in("details")))),
    ]


@pytest.mark.parametrize("type", [one for one in GraphType if one is not GraphType.OPERATION])
def test_g47_the_calls_of_all_edges_are_equal_in_every_type_of_graph(mesh_once, type):
    mesh_once.receive(*bookinfo_and_more())

    graph = mesh_once.draw(type)

    traffic = [edge.traffic for edge in graph.edges]
    assert mesh_once.total("calls") == sum(one.calls for one in traffic)
    assert mesh_once.total("errors") == sum(one.errors for one in traffic)
    assert mesh_once.total("estimated") == sum(one.estimated for one in traffic)


def test_g48_a_place_that_calls_nobody_and_is_called_by_nobody_stays_a_node(mesh):
    mesh.receive(app_local("cron"))

    graph = mesh.draw()

    assert (["cron"], ()) == ([node.label for node in graph.nodes], graph.edges)


@pytest.mark.parametrize(
    ("direction", "labels"),
    [
        (FocusDirection.UPSTREAM, ["a", "b", "c"]),
        (FocusDirection.DOWNSTREAM, ["c", "d"]),
        (FocusDirection.BOTH, ["a", "b", "c", "d"]),
    ],
)
def test_g48_a_filter_may_be_transitive(mesh_once, direction, labels):
    mesh_once.receive(
        app_out("a", app_in("b", app_out("b", app_in("c", app_out("c", app_in("d")))))),
        app_out("a", app_in("other")),
    )

    part = around(mesh_once.draw(), "c", None, direction)

    assert labels == [node.label for node in part.nodes]


async def test_g48_a_filter_of_the_api_may_be_transitive(mesh_once, ask):
    mesh_once.receive(app_out("a", app_in("b", app_out("b", app_in("c")))), app_local("cron"))

    _, graph = await ask(
        mesh_once, last="1m", focus="c", depth="5", direction=FocusDirection.UPSTREAM.value
    )

    assert ["a", "b", "c"] == [node["label"] for node in graph["nodes"]]


def test_g49_a_dependency_tells_more_than_its_count(mesh):
    mesh.receive(
        call("web", "reviews", trace_state="ot=th:c", lasting=30),
        call("web", "reviews", code="503", lasting=30),
    )

    (found,) = dependencies(mesh.window.resolved()[0])

    assert (2, 1, 5.0) == (found.call_count, found.error_count, found.estimated)
    assert isinstance(found.call_count, int)
    assert (False, False) == (found.is_async, found.inferred)
    assert pytest.approx(30e6, rel=0.05) == found.latency.p95_ns


def test_g49_a_dependency_tells_when_it_is_inferred(mesh):
    mesh.receive(app_in("web", lost(app_out("web", app_in("reviews")))))

    assert [True] == [found.inferred for found in dependencies(mesh.window.resolved()[0])]


def test_g49_a_dependency_tells_when_nobody_waits(mesh):
    mesh.receive(producer("shop", "", consumer("mailer", "")))

    found = dependencies(mesh.window.resolved()[0], direct_async=True)

    assert [("shop", "mailer", True)] == [(one.parent, one.child, one.is_async) for one in found]
