"""Arrow tables as the bytes of ``COPY … FROM STDIN (FORMAT BINARY)``.

A row is the number of its fields (2 bytes), then each field: its length (4 bytes, -1 for null)
and its value, all big-endian (PostgreSQL's manual, COPY, "Binary Format"). Here a column becomes
an array of encoded fields, those of equal texts made once, and all columns of fixed width without
nulls become one. Arrow joins the fields of each row, without Python's lock.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import BigInteger, Boolean, Double, Integer, SmallInteger, Table, Uuid
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
_UUID = "V16"
_CHUNK_ROWS = 4_096

Values = npt.NDArray[Any]


class BinaryRows:
    """Rows ready to be sent.

    Attributes:
        names: of the columns, in the order of the fields.
    """

    def __init__(self, names: tuple[str, ...], columns: Sequence[pa.Array]) -> None:
        self.names = names
        self._columns = columns

    def chunks(self) -> Iterator[bytes]:
        """Yield all bytes, header and trailer included."""
        yield HEADER
        for first in range(0, len(self._columns[0]), _CHUNK_ROWS):
            fields = [column.slice(first, _CHUNK_ROWS) for column in self._columns]
            rows = pc.binary_join_element_wise(*fields, b"")
            yield rows.buffers()[2].to_pybytes()
        yield TRAILER


def binary_rows(target: Table, rows: pa.Table) -> BinaryRows:
    """Encode ``rows``, at least one, whose columns are named as those of ``target``.

    A NUL, which PostgreSQL's text cannot hold, becomes U+FFFD.
    """
    fixed: list[tuple[str, Values]] = []
    others: list[tuple[str, *tuple[pa.Array, ...]]] = []
    for name in rows.column_names:
        column = rows.column(name)
        values = _fixed_width(column, target.c[name].type)
        if values is None:
            found = _bytes(column)
            others.append((name, _lengths(found), pc.fill_null(found, b"")))
        elif column.null_count == 0:
            fixed.append((name, values))
        else:
            others.append((name, pc.if_else(_array(column.is_valid()), _records([values]), _NULL)))
    names = (*(name for name, _ in fixed), *(name for name, *_ in others))
    count = np.full(rows.num_rows, len(names), ">i2")
    head = _records([values for _, values in fixed], count)
    return BinaryRows(names, [head, *(part for _, *parts in others for part in parts)])


def _fixed_width(column: pa.ChunkedArray, type_: TypeEngine[Any]) -> Values | None:
    """Return numbers and UUIDs as they are sent, whatever for null; None for other types."""
    if isinstance(type_, Uuid):
        return _uuids(column)
    number = next((code for base, code in _NUMBERS.items() if type(type_) is base), None)
    if number is None:
        return None
    values: Values = pc.fill_null(column, False if number == ">i1" else 0).to_numpy()
    return values.astype(number)


def _records(columns: list[Values], *before: Values) -> pa.Array:
    """Return the fields of fixed width of each row, after ``before``."""
    layout: list[tuple[str, Any]] = [(f"before{i}", one.dtype) for i, one in enumerate(before)]
    for number, values in enumerate(columns):
        layout += [(f"length{number}", ">i4"), (f"value{number}", values.dtype)]
    records = np.empty(len((*before, *columns)[0]), np.dtype(layout))
    for number, one in enumerate(before):
        records[f"before{number}"] = one
    for number, values in enumerate(columns):
        records[f"length{number}"] = values.dtype.itemsize
        records[f"value{number}"] = values
    return _binary(records)


def _binary(records: Values) -> pa.Array:
    """Return records as an array of their bytes."""
    type_ = pa.binary(records.dtype.itemsize)
    data = pa.py_buffer(records)
    return pa.FixedSizeBinaryArray.from_buffers(type_, len(records), [None, data]).cast(pa.binary())


def _uuids(column: pa.ChunkedArray) -> Values:
    if pa.types.is_string(column.type):  # how attributes that are UUIDs come
        digits = _array(pc.replace_substring(pc.fill_null(column, "0" * 32), "-", ""))
        return np.frombuffer(bytes.fromhex(_data(digits).decode()), _UUID)
    array = _array(column)
    if isinstance(array, pa.ExtensionArray):
        array = array.storage
    return np.frombuffer(_data(pc.fill_null(array, bytes(16)).cast(pa.binary())), _UUID)


def _lengths(values: pa.Array) -> pa.Array:
    return _binary(pc.fill_null(pc.binary_length(values), -1).to_numpy().astype(">i4"))


def _bytes(column: pa.ChunkedArray) -> pa.Array:
    """Return texts, or bytes as they are, as PostgreSQL takes them."""
    array = _array(column)
    if pa.types.is_dictionary(array.type):
        array = array.dictionary_decode()
    if pa.types.is_string(array.type) and b"\0" in _data(array):
        array = pc.replace_substring(array, "\0", "\ufffd")
    return array.cast(pa.binary())


def _array(column: pa.ChunkedArray) -> pa.Array:
    combined = column.combine_chunks()
    return combined.chunk(0) if isinstance(combined, pa.ChunkedArray) else combined


def _data(values: pa.Array) -> bytes:
    """Return all bytes of an array of bytes or texts."""
    data = values.buffers()[2]
    if data is None:
        return b""
    ends = np.frombuffer(values.buffers()[1], np.int32)[values.offset :]
    found: bytes = data.slice(ends[0], ends[len(values)] - ends[0]).to_pybytes()
    return found
