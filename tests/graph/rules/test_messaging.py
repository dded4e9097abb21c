"""Rules G28 to G33: who does not wait for whom."""

from tests.graph.rules.mesh import (
    app_in,
    app_out,
    consumer,
    producer,
    trace,
)


def test_g28_a_named_destination_is_a_node_between_producer_and_consumer(mesh):
    mesh.receive(producer("shop", "orders", consumer("mailer", "orders")))

    assert [
        "orders (messaging) -> mailer 1/0 asynchronous",
        "shop -> orders (messaging) 1/0 asynchronous",
    ] == mesh.edges()


def test_g28_each_side_stands_without_the_other(mesh):
    mesh.receive(producer("shop", "orders"), consumer("mailer", "bills"))

    assert [
        "bills (messaging) -> mailer 1/0 asynchronous",
        "shop -> orders (messaging) 1/0 asynchronous",
    ] == mesh.edges()


def test_g29_an_unnamed_destination_gives_one_asynchronous_edge_by_parent(mesh):
    mesh.receive(producer("shop", "", consumer("mailer", "")))

    assert ["shop -> mailer 1/0 asynchronous"] == mesh.edges()


def test_g29_an_unnamed_destination_gives_one_asynchronous_edge_by_link(mesh):
    sent = producer("shop", "")

    mesh.receive(sent, consumer("mailer", "", links=[sent]))

    assert ["shop -> mailer 1/0 asynchronous"] == mesh.edges()


def test_g30_a_batch_is_one_call_per_distinct_linked_span(mesh):
    sent = [producer("shop", "") for _ in range(3)]
    received = consumer("mailer", "", links=[*sent, sent[0]])

    mesh.receive(*sent, received)

    assert ["shop -> mailer 3/0 asynchronous"] == mesh.edges()


def test_g30_a_span_that_is_parent_and_link_counts_once(mesh):
    other = producer("shop", "")
    received = consumer("mailer", "")
    sent = producer("shop", "", received)
    received.links = [sent, other]

    mesh.receive(sent, other)

    assert ["shop -> mailer 2/0 asynchronous"] == mesh.edges()


def test_g30_a_batch_from_a_named_destination_is_a_call_per_linked_span_too(mesh):
    sent = [producer("shop", "orders") for _ in range(3)]

    mesh.receive(*sent, consumer("mailer", "orders", links=sent))

    assert [
        "orders (messaging) -> mailer 3/0 asynchronous",
        "shop -> orders (messaging) 3/0 asynchronous",
    ] == mesh.edges()


def test_g31_a_link_is_resolved_when_its_span_arrives(mesh):
    sent = producer("shop", "", is_lost=True)
    mesh.receive(sent, consumer("mailer", "", links=[sent]))
    assert ["unknown -> mailer 1/0 asynchronous"] == mesh.edges()

    mesh.receive(sent)

    assert ["shop -> mailer 1/0 asynchronous"] == mesh.edges()


def test_g31_a_link_creates_no_synchronous_edge(mesh):
    calling = app_out("web", tags={"peer.service": "billing"})

    mesh.receive(calling, app_in("stock", links=[calling]))

    assert ["unknown -> stock 1/0", "web -> billing (external) 1/0"] == mesh.edges()


def test_g32_a_client_above_a_consumer_does_not_wait(mesh):
    mesh.receive(app_out("shop", consumer("mailer", "")))

    assert ["shop -> mailer 1/0 asynchronous"] == mesh.edges()


def test_g33_dependencies_leave_direct_asynchronous_edges_out(mesh):
    mesh.receive(
        trace(
            producer("shop", "", consumer("mailer", "")),
            producer("shop", "orders", consumer("packer", "orders")),
        )
    )

    assert ["orders -> packer 1", "shop -> orders 1"] == mesh.dependencies()
