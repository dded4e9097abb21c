"""Arrow tables as the bytes of ``COPY … FROM STDIN (FORMAT BINARY)``.

A row is the number of its fields (2 bytes), then each field: its length (4 bytes, -1 for null)
and its value, all big-endian (PostgreSQL's manual, COPY, "Binary Format"). Here a column becomes
a list of encoded fields, shared between equal values where Arrow has a dictionary, and all
columns that are numbers without nulls become one. That takes a fifth of the time that encoding
value by value takes.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import BigInteger, Boolean, Double, Integer, LargeBinary, SmallInteger, Table, Uuid
from sqlalchemy.types import TypeEngine

__all__ = ["HEADER", "TRAILER", "BinaryRows", "binary_rows"]

HEADER = b"PGCOPY\n\xff\r\n\0" + struct.pack(">ii", 0, 0)
TRAILER = struct.pack(">h", -1)

_NULL = struct.pack(">i", -1)
_NUMBERS: dict[type[TypeEngine[Any]], str] = {
    BigInteger: ">i8",
    Boolean: ">i1",
    Double: ">f8",
    Integer: ">i4",
    SmallInteger: ">i2",
}
_CHUNK_ROWS = 4_096

Fields = Sequence[bytes]


class BinaryRows:
    """Rows ready to be sent.

    Attributes:
        names: of the columns, in the order of the fields.
    """

    def __init__(self, names: tuple[str, ...], columns: list[Fields]) -> None:
        self.names = names
        self._columns = columns

    def chunks(self) -> Iterator[bytes]:
        """Yield all bytes, header and trailer included."""
        yield HEADER
        count = len(self._columns[0])
        for first in range(0, count, _CHUNK_ROWS):
            rows = zip(
                *(column[first : first + _CHUNK_ROWS] for column in self._columns), strict=True
            )
            yield b"".join(chain.from_iterable(rows))
        yield TRAILER


def binary_rows(target: Table, rows: pa.Table) -> BinaryRows:
    """Encode ``rows``, at least one, whose columns are named as those of ``target``.

    A NUL, which PostgreSQL's text cannot hold, becomes U+FFFD.
    """
    fixed: list[tuple[str, npt.NDArray[Any]]] = []
    others: list[tuple[str, Fields]] = []
    for name in rows.column_names:
        type_ = target.c[name].type
        column = rows.column(name)
        number = _NUMBERS.get(_base(type_))
        if number is not None and column.null_count == 0:
            fixed.append((name, column.to_numpy().astype(number)))
        elif number is not None:
            others.append((name, _number_fields(column, number)))
        elif isinstance(type_, Uuid) and column.null_count == 0:
            fixed.append((name, _uuids(column)))
        elif isinstance(type_, Uuid):
            others.append((name, _value_fields(_uuid_bytes(column))))
        elif isinstance(type_, LargeBinary):
            others.append((name, _value_fields(column.to_pylist())))
        else:
            others.append((name, _text_fields(column)))
    names = (*(name for name, _ in fixed), *(name for name, _ in others))
    head = _heads(len(names), [values for _, values in fixed], rows.num_rows)
    return BinaryRows(names, [head, *(fields for _, fields in others)])


def _base(type_: TypeEngine[Any]) -> type[TypeEngine[Any]]:
    return next((base for base in _NUMBERS if type(type_) is base), type(type_))


def _heads(fields: int, columns: list[npt.NDArray[Any]], rows: int) -> Fields:
    """Return the beginning of each row: the number of fields, and those of fixed width."""
    layout: list[tuple[str, Any]] = [("fields", ">i2")]
    for number, values in enumerate(columns):
        layout += [(f"length{number}", ">i4"), (f"value{number}", values.dtype)]
    heads = np.empty(rows, np.dtype(layout))
    heads["fields"] = fields
    for number, values in enumerate(columns):
        heads[f"length{number}"] = values.dtype.itemsize
        heads[f"value{number}"] = values
    width = heads.dtype.itemsize
    data = heads.tobytes()
    return [data[at : at + width] for at in range(0, len(data), width)]


def _number_fields(column: pa.ChunkedArray, number: str) -> Fields:
    values = pc.fill_null(column, False if number == ">i1" else 0).to_numpy().astype(number)
    fields = _heads(0, [values], len(values))
    valid = column.is_valid().to_pylist()
    return [field[2:] if there else _NULL for field, there in zip(fields, valid, strict=True)]


def _uuids(column: pa.ChunkedArray) -> npt.NDArray[Any]:
    return np.array(_uuid_bytes(column), dtype="V16")


def _uuid_bytes(column: pa.ChunkedArray) -> list[bytes | None]:
    if pa.types.is_string(column.type):  # how attributes that are UUIDs come
        texts = column.to_pylist()
        return [None if text is None else bytes.fromhex(text.replace("-", "")) for text in texts]
    if isinstance(column.type, pa.BaseExtensionType):
        column = pa.chunked_array(
            [chunk.storage for chunk in column.chunks], column.type.storage_type
        )
    found: list[bytes | None] = column.to_pylist()
    return found


def _text_fields(column: pa.ChunkedArray) -> Fields:
    encoded = column if pa.types.is_dictionary(column.type) else pc.dictionary_encode(column)
    encoded = encoded.unify_dictionaries().combine_chunks()
    if isinstance(encoded, pa.ChunkedArray):
        encoded = encoded.chunk(0)
    values = [_text_field(text) for text in encoded.dictionary.to_pylist()]
    fields = np.array([*values, _NULL], dtype=object)
    indexes = pc.fill_null(encoded.indices, len(values)).to_numpy(zero_copy_only=False)
    found: list[bytes] = fields[indexes].tolist()
    return found


def _text_field(text: str | None) -> bytes:
    if text is None:
        return _NULL
    data = text.replace("\0", "\ufffd").encode()
    return struct.pack(">i", len(data)) + data


def _value_fields(values: list[bytes | None]) -> Fields:
    return [_NULL if v is None else struct.pack(">i", len(v)) + v for v in values]
