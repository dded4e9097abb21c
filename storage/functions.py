"""The few SQL functions that every engine has to provide, and how queries call them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, String, func, literal_column
from sqlalchemy.sql.expression import FunctionElement
from sqlalchemy.types import Boolean

__all__ = [
    "ITEM",
    "Among",
    "any_item",
    "any_of",
    "attribute_text",
    "item_attribute_texts",
    "number_of_text",
    "row_hash",
    "uuid_high",
    "uuid_low",
]

ITEM: ColumnElement[str] = literal_column("item", String)
"""The list item that the condition of :class:`any_item` is about."""


class Among(FunctionElement[bool]):
    """A condition that few rows of a large table meet: a column is among a subquery's results.

    Args:
        column: one of the table itself, not of an alias.
        found: selects one column.
    """

    name = "among"
    type = Boolean()
    inherit_cache = True

    def __init__(self, column: ColumnElement[Any], found: Select[*tuple[Any, ...]]) -> None:
        super().__init__(column, found.scalar_subquery())


class any_item(FunctionElement[bool]):  # noqa: N801 # named as it reads in SQL
    """Whether any item of a list of texts meets a condition on :data:`ITEM`."""

    name = "any_item"
    type = Boolean()
    inherit_cache = True


class any_of(FunctionElement[bool]):  # noqa: N801 # named as it reads in SQL
    """Whether a column is one of the items of a list that is a parameter."""

    name = "any_of"
    type = Boolean()
    inherit_cache = True


class row_hash(FunctionElement[int]):  # noqa: N801 # named as it reads in SQL
    """A hash of 64 bits over columns in their order, null as any other value.

    Signed or not as the engine likes; another version of an engine may hash otherwise.
    """

    name = "row_hash"
    type = BigInteger()
    inherit_cache = True


class uuid_high(FunctionElement[int]):  # noqa: N801 # named as it reads in SQL
    """The first 8 bytes of a UUID as a big-endian number, signed or not as the engine likes."""

    name = "uuid_high"
    type = BigInteger()
    inherit_cache = True


class uuid_low(FunctionElement[int]):  # noqa: N801 # named as it reads in SQL
    """The last 8 bytes of a UUID, as :class:`uuid_high`."""

    name = "uuid_low"
    type = BigInteger()
    inherit_cache = True


def attribute_text(attributes: ColumnElement[Any], key: str) -> ColumnElement[str]:
    """The text of one member of an ``attributes`` JSON object; null if it is not there."""
    pointer = "/" + key.replace("~", "~0").replace("/", "~1")
    return func.attribute_text(attributes, pointer, type_=String)


def item_attribute_texts(items: ColumnElement[Any], key: str) -> ColumnElement[Any]:
    """The texts of the attribute ``key`` of all items in a JSON list of OTLP/JSON events or links.

    Null for a null list, which is not read then.
    """
    return func.item_attribute_texts(items, key)


def number_of_text(text: ColumnElement[Any]) -> ColumnElement[float]:
    """The number that a text writes (see :func:`storage.matching.number_of`); else null."""
    return func.number_of_text(text)
