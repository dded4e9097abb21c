from hypothesis import given
from hypothesis import strategies as st

from api.shapes.layers import layers

EDGES = st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7)), max_size=20)


@given(EDGES)
def test_every_node_is_in_one_layer(edges: list[tuple[int, int]]) -> None:
    assert list(range(8)) == sorted(node for layer in layers(8, edges) for node in layer)


@given(EDGES.map(lambda edges: [edge for edge in edges if edge[0] < edge[1]]))
def test_without_cycles_every_call_leads_to_the_right(edges: list[tuple[int, int]]) -> None:
    depth = {node: at for at, layer in enumerate(layers(8, edges)) for node in layer}

    assert [] == [edge for edge in edges if depth[edge[0]] >= depth[edge[1]]]


def test_a_cycle_is_drawn_from_where_it_is_called() -> None:
    assert [[3], [0], [1], [2]] == layers(4, [(0, 1), (1, 2), (2, 0), (3, 0)])


def test_neighbours_are_near_each_other() -> None:
    assert [[0, 1], [3, 2]] == layers(4, [(0, 3), (1, 2)])


def test_nothing_has_no_layers() -> None:
    assert [] == layers(0, [])
