"""Rules G41 to G45: when a trace counts, and what late spans change."""

import pytest

from model.graph.calls import Sampling
from spanloom.mesh_metrics.config import MeshMetricsConfig, MetricSet
from spanloom.mesh_metrics.reading import MeshMetrics
from spanloom.mesh_metrics.series import SeriesTable
from tests.graph.rules.backend import MINUTE_NS, TIMEOUT_S
from tests.graph.rules.mesh import (
    app_in,
    app_out,
    call,
    lost,
    sidecar_in,
    sidecar_out,
    trace,
)

MINUTE_MS = 60_000


@pytest.fixture
def mesh(rolled_mesh):
    """Rollups are what late spans have to correct."""
    return rolled_mesh


def test_g41_a_trace_belongs_whole_to_the_window_of_its_root(mesh):
    late = call("reviews", "ratings", at=2 * MINUTE_MS)

    mesh.receive(sidecar_in("web", call("web", "reviews", late), at=MINUTE_MS - 1))

    assert ["reviews -> ratings 1/0", "unknown -> web 1/0", "web -> reviews 1/0"] == mesh.edges(
        minute=0
    )
    assert [] == [line for number in range(1, 3) for line in mesh.edges(minute=number)]


def test_g41_a_root_counts_even_where_a_clock_lets_a_child_start_before_it(mesh):
    mesh.receive(call("web", "reviews", app_in("reviews", at=-3), at=MINUTE_MS))

    assert ([], ["web -> reviews 1/0"]) == (mesh.edges(minute=0), mesh.edges(minute=1))


def test_g41_without_a_root_the_earliest_start_counts(mesh):
    mesh.receive(
        trace(
            lost(sidecar_out("web", "reviews", sidecar_in("reviews", at=MINUTE_MS + 5))),
            lost(sidecar_out("web", "details", sidecar_in("details", at=5))),
        )
    )

    assert ["unknown -> details 1/0", "unknown -> reviews 1/0"] == mesh.edges(minute=0)


def test_g41_windows_are_half_open_so_adjacent_ones_add_up(mesh):
    mesh.receive(*(call("web", "reviews", at=at) for at in (0, MINUTE_MS - 1, MINUTE_MS)))

    assert ["web -> reviews 2/0"] == mesh.edges(minute=0)
    assert ["web -> reviews 1/0"] == mesh.edges(minute=1)


@pytest.mark.parametrize("part_ns", [MINUTE_NS // 3, 7_000_000_001])
def test_g41_any_windows_that_touch_add_up(mesh, part_ns):
    mesh.receive(*(call("web", "reviews", at=second * 1000) for second in range(0, 90, 7)))

    for window in mesh.windows.values():
        steps = mesh.store.graph.edge_steps(
            window.start_ns, window.end_ns, part_ns, timeout_s=TIMEOUT_S
        )
        assert 13 == sum(int(step.measures.calls.sum()) for step in steps)


def test_g42_a_peer_is_replaced_when_the_real_callee_arrives(mesh):
    callee = lost(sidecar_in("reviews"))
    mesh.receive(sidecar_out("web", "reviews", callee))
    assert ["web -> reviews (service) 1/0"] == mesh.edges()

    mesh.receive(callee)

    assert ["web -> reviews 1/0"] == mesh.edges()


def test_g42_an_orphan_is_attached_and_no_longer_inferred_when_its_parent_arrives(mesh):
    client = lost(sidecar_out("web", "reviews", sidecar_in("reviews")))
    mesh.receive(sidecar_in("web", client))
    assert ["unknown -> web 1/0", "web -> reviews 1/0 inferred"] == mesh.edges()

    mesh.receive(client)

    assert ["unknown -> web 1/0", "web -> reviews 1/0"] == mesh.edges()


def test_g42_a_span_between_two_known_ones_splits_their_call(mesh):
    between = lost(sidecar_in("reviews", call("reviews", "ratings")))
    mesh.receive(sidecar_in("web", sidecar_out("web", "reviews", between)))

    mesh.receive(between)

    assert [
        "reviews -> ratings 1/0",
        "unknown -> web 1/0",
        "web -> reviews 1/0",
    ] == mesh.edges()


def test_g42_a_late_root_moves_the_whole_trace_to_its_own_minute(mesh):
    root = lost(sidecar_in("web", call("web", "reviews", at=2 * MINUTE_MS)))
    mesh.receive(root)
    assert ["web -> reviews 1/0"] == mesh.edges(minute=2)

    mesh.receive(root)

    assert ["unknown -> web 1/0", "web -> reviews 1/0"] == mesh.edges(minute=0)
    assert [] == mesh.edges(minute=2)


def test_g42_a_late_error_makes_its_call_one(mesh):
    server = lost(sidecar_in("reviews", code="503"))
    mesh.receive(sidecar_out("web", "reviews", server))

    mesh.receive(server)

    assert ["web -> reviews 1/1"] == mesh.edges()


def test_g43_what_is_not_settled_yet_is_shown_as_provisional(mesh_once):
    mesh_once.receive(call("web", "reviews"))
    settled_ns = mesh_once.window.start_ns + MINUTE_NS // 2

    assert settled_ns == mesh_once.draw(settled_ns=settled_ns).provisional_ns


def test_g43_a_window_that_has_settled_is_not_provisional(mesh_once):
    mesh_once.receive(call("web", "reviews"))

    graph = mesh_once.draw(settled_ns=mesh_once.window.end_ns + MINUTE_NS)

    assert mesh_once.window.end_ns == graph.provisional_ns


def test_g45_a_window_without_data_is_empty(mesh_once):
    mesh_once.receive(app_out("web", app_in("stock")))

    for start_ns in (0, 1 << 61):
        table = mesh_once.store.graph.edges(start_ns, start_ns + MINUTE_NS, timeout_s=TIMEOUT_S)
        assert () == table.keys


def test_g45_a_window_that_ends_before_it_begins_is_refused(mesh_once):
    with pytest.raises(ValueError, match="window"):
        mesh_once.store.graph.edges(MINUTE_NS, 0, timeout_s=TIMEOUT_S)


@pytest.mark.parametrize("query", [{"last": "0s"}, {"last": "-5m"}, {"from": "9", "to": "9"}])
async def test_g45_a_window_that_makes_no_sense_is_refused(mesh_once, ask, query):
    status, document = await ask(mesh_once, **query)

    assert (400, True) == (status, document["error"]["message"] != "")


async def test_g45_the_graph_of_a_window_without_data_is_empty(mesh_once, ask):
    status, graph = await ask(mesh_once, **{"from": "1", "to": str(MINUTE_NS)})

    assert (200, [], []) == (status, graph["nodes"], graph["edges"])


def test_g44_exported_counters_do_not_fall_where_the_stored_graph_is_corrected(mesh_once):
    callee = lost(app_in("stock"))
    config = MeshMetricsConfig(enabled=True, sets=(MetricSet.SERVICE_GRAPH,))
    series = SeriesTable(config.prefix, config.max_series)
    metrics = MeshMetrics(
        config, series, mesh_once.store.graph, Sampling(), mesh_once.window.start_ns
    )
    mesh_once.receive(app_out("web", callee, tags={"peer.service": "billing"}))
    metrics.read(mesh_once.window.start_ns + 2 * MINUTE_NS)
    before = exported(series)

    mesh_once.receive(callee)
    metrics.read(mesh_once.window.start_ns + 3 * MINUTE_NS)

    assert ["web -> stock 1/0"] == mesh_once.edges()
    assert before.items() <= exported(series).items()
    assert [1] == [value for name, value in before.items() if "request_total{" in name]


def exported(series):
    """What Prometheus is served: values by names with labels."""
    lines = (line for line in series.lines(openmetrics=False) if not line.startswith("#"))
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}
