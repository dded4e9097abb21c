"""Rules G10 to G12: whose child a span is, and whom it passes through."""

import pytest

from tests.graph.rules.mesh import (
    address_of,
    app_in,
    app_local,
    app_out,
    call,
    lost,
    sidecar_in,
    sidecar_out,
    trace,
)


def test_g10_the_server_of_a_shared_id_owns_the_children(mesh):
    mesh.receive(
        app_out("web", app_in("stock", id=0xA1, parent=0), app_out("stock", app_in("db")), id=0xA1)
    )

    assert ["stock -> db 1/0", "web -> stock 1/0"] == mesh.edges()


def test_g10_a_span_that_names_itself_has_no_parent(mesh):
    mesh.receive(call("productpage", "reviews", id=0xA1, parent=0xA1))

    assert ["productpage -> reviews 1/0"] == mesh.edges()


def test_g10_a_cycle_is_broken_at_its_earliest_span(mesh):
    mesh.receive(
        sidecar_out("productpage", "reviews", sidecar_in("reviews", id=0xB1), id=0xA1, parent=0xB1)
    )

    assert ["productpage -> reviews 1/0"] == mesh.edges()


def test_g11_an_orphan_hangs_under_the_root_and_its_edge_is_inferred(mesh):
    mesh.receive(
        sidecar_in(
            "productpage", lost(sidecar_out("productpage", "reviews", sidecar_in("reviews")))
        )
    )

    assert ["productpage -> reviews 1/0 inferred", "unknown -> productpage 1/0"] == mesh.edges()


def test_g11_an_orphan_of_the_roots_own_place_makes_no_edge(mesh):
    mesh.receive(
        sidecar_in("productpage", lost(app_in("productpage", call("productpage", "reviews"))))
    )

    assert ["productpage -> reviews 1/0", "unknown -> productpage 1/0"] == mesh.edges()


def test_g11_without_a_root_orphans_are_not_related(mesh):
    mesh.receive(
        trace(
            lost(sidecar_out("productpage", "reviews", sidecar_in("reviews"))),
            lost(sidecar_out("productpage", "details", sidecar_in("details"))),
        )
    )

    assert ["unknown -> details 1/0", "unknown -> reviews 1/0"] == mesh.edges()
    key = mesh.key("unknown", "reviews")
    assert (address_of("productpage"), False) == (key.source_address, key.inferred)


@pytest.mark.parametrize("count", [0, 1, 6])
def test_g12_local_spans_in_any_number_neither_start_nor_end_a_call(mesh, count):
    def local(app, below):
        for _ in range(count):
            below = app_local(app, below)
        return below

    mesh.receive(
        app_in(
            "web",
            local("web", app_out("web", local("web", app_in("stock", local("stock", _leaf()))))),
        )
    )

    assert ["stock -> db 1/0", "unknown -> web 1/0", "web -> stock 1/0"] == mesh.edges()


def _leaf():
    return app_out("stock", app_in("db"))
