"""One consistent view of the store, as the parts of the graph reader share it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import pyarrow as pa
from sqlalchemy import Connection, SelectBase

from storage.columnar import Columnar
from storage.schema import Schema

__all__ = ["GraphSnapshot", "PerSchema"]

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class GraphSnapshot:
    """A transaction, and how to read from it.

    Attributes:
        check: raises QueryTimeout when the time is up.
    """

    connection: Connection
    schema: Schema
    columnar: Columnar
    check: Callable[[], None]

    def fetch(self, statement: SelectBase, **parameters: int | Sequence[int]) -> pa.Table:
        """Run a statement, unless the time is up."""
        self.check()
        return self.columnar.fetch(self.connection, statement, parameters)


class PerSchema(Generic[_T]):
    """Something made of a schema, kept until another schema is asked for.

    Why: statements are kept compiled as long as they are the same objects, and compiling a wide
    one takes longer than running it.
    """

    def __init__(self, build: Callable[[Schema], _T]) -> None:
        self._build = build
        self._made: tuple[Schema, _T] | None = None

    def of(self, schema: Schema) -> _T:
        """Return what belongs to ``schema``."""
        made = self._made
        if made is None or made[0] is not schema:
            made = self._made = (schema, self._build(schema))
        return made[1]
