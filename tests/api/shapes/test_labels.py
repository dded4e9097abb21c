import pytest

from api.shapes.labels import node_subtitle, number, unique_names
from model.graph.place import PlaceKind
from tests.api.shapes.graphs import graph, node, virtual


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0, "0"),
        (1240.4, "1240"),
        (12.44, "12.4"),
        (1.25, "1.25"),
        (1.0, "1"),
        (0.125, "0.125"),
        (0.0123, "0.0123"),
        (0.0000001, "0"),
        (100, "100"),
    ],
)
def test_numbers_have_three_digits_and_no_exponent(value: float, expected: str) -> None:
    assert expected == number(value)


def test_equal_names_get_what_tells_them_apart() -> None:
    drawn = graph(
        [
            node("1", "reviews"),
            node("2", "reviews", namespace="prod"),
            node("3", "cart", cluster="east"),
            node("4", "cart", cluster="west"),
            virtual("5", "mysql", PlaceKind.DATABASE),
            virtual("6", "mysql", PlaceKind.EXTERNAL),
            node("7", "alone"),
        ]
    )

    assert {
        "1": "reviews (default)",
        "2": "reviews (prod)",
        "3": "cart (east/default)",
        "4": "cart (west/default)",
        "5": "mysql (5)",
        "6": "mysql (6)",
        "7": "alone",
    } == unique_names(drawn, lambda each: each.label)


def test_a_subtitle_is_the_namespace_or_the_kind_and_never_the_label() -> None:
    shown = [
        node("1", "reviews"),
        virtual("2", "mysql", PlaceKind.DATABASE),
        virtual("3", "ingress", PlaceKind.INGRESS),
    ]

    assert ["default", "database", ""] == [node_subtitle(each) for each in shown]
