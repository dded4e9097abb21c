"""Tags of traces: which attribute values the spans of a piece have, for values that are rare.

A tag is a hash of an attribute's place and text, kept in a row beside that of ``traces`` under an
index over all tags. A search for values then reads only the spans of pieces that have their tags.
Hashes collide, and a piece has other spans too: the conditions themselves still decide.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Connection,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    bindparam,
    func,
    select,
    text,
)

from model.query import AttributeCondition, AttributeScope, Comparison, TraceQuery
from storage.extent import ExtentValue
from storage.functions import any_of
from storage.interned import InternedTables
from storage.matching import satisfies
from storage.postgresql.tables import TRACE_TAGS
from storage.reader import Narrow, Narrowed
from storage.schema import SPAN_FIELDS, Schema
from storage.search import Slice

__all__ = ["TAG_ROWS", "TagSearch", "narrow_by_tags", "tag_rows"]

TAG_ROWS = Table(
    TRACE_TAGS.name,
    MetaData(),
    *(
        Column(column.name, LargeBinary if column.name == "tags" else column.type)
        for column in TRACE_TAGS.columns
    ),
)
"""The table as COPY fills it: the tags are the bytes of an ``int4[]``."""

# It has an index of its own, or is a measure, of which hardly two spans have the same.
_UNTAGGED = frozenset({"request_id", "request_size", "response_size"})

_INT4_OID = 23
_TOKENS = 1 << 32
_ELEMENT = np.dtype([("length", ">i4"), ("token", ">u4")])
_NO_TAGS = struct.pack(">iii", 0, 0, _INT4_OID)
_ANY_VALUE = ("stringValue", "intValue", "boolValue", "doubleValue", "bytesValue")

# So many pieces take a while to look up, and a slice even of few spans has some of them.
_COMMON_PIECES = 30_000
_FEW_SPANS = 110_000

# So few are looked up at once.
_RARE_PIECES = 5_000

# Where every thirtieth span matches, the latest matches are read in less time than the tags.
_DENSE_SHARE = 1 / 30
_FEW_PIECES = 1_000

_PIECES_PER_CANDIDATE = 2
_MOST_PIECES = 8_192

_KEPT_TOKENS = 20_000

Keys = npt.NDArray[np.int64]
Tokens = tuple[int, ...]

_JSON = msgspec.json.Decoder(dict[str, Any])
_MEMBERS = msgspec.json.Decoder(dict[str, msgspec.Raw])
_TEXT = msgspec.json.Decoder(str)


def tag_rows(spans: pa.Table, pieces: pa.Table) -> pa.Table:
    """Return the rows of :data:`TAG_ROWS` for ``pieces``, rows of ``traces``.

    ``spans`` are all their spans in the same order, a batch's columns (see
    :func:`model.batch.span_schema`).
    """
    counts = pieces.column("span_count").to_numpy()
    piece_of_span = np.repeat(np.arange(len(counts)), counts)
    found = [
        _keys_in_column(name, spans.column(name), piece_of_span)
        for name in spans.column_names
        if name not in SPAN_FIELDS and name not in _UNTAGGED
    ]
    found.append(_keys_in_json(spans.column("attributes"), piece_of_span))
    keys = np.sort(np.concatenate(found))
    keys = keys[_differ_from_last(keys)]
    ends = np.searchsorted(keys, np.arange(1, len(counts) + 1) * _TOKENS)
    names = [column.name for column in TAG_ROWS.columns if column.name != "tags"]
    return pieces.select(names).append_column("tags", pa.array(_arrays(keys, ends), pa.binary()))


def _keys_in_column(name: str, column: pa.ChunkedArray, piece_of_span: Keys) -> Keys:
    """Return piece and token in one number, for each span that has a value."""
    if column.null_count == len(column):
        return np.empty(0, np.int64)
    encoded = _encoded(column)
    texts = encoded.dictionary.cast(pa.string()).to_pylist()
    tokens = np.array([_token(name, one) for one in texts], np.int64)
    if encoded.null_count:
        there = encoded.is_valid().to_numpy(zero_copy_only=False)
        encoded, piece_of_span = encoded.drop_null(), piece_of_span[there]
    keys: Keys = piece_of_span * _TOKENS + tokens[encoded.indices.to_numpy()]
    return keys[_differ_from_last(keys)]


def _differ_from_last(keys: Keys) -> npt.NDArray[np.bool_]:
    return np.concatenate((np.ones(min(len(keys), 1), bool), keys[1:] != keys[:-1]))


def _keys_in_json(column: pa.ChunkedArray, piece_of_span: Keys) -> Keys:
    encoded = _encoded(column)
    lists = pa.array(
        [_tokens_of_json(text) for text in encoded.dictionary.to_pylist()], pa.list_(pa.int64())
    ).take(encoded.indices)
    pieces = piece_of_span[pc.list_parent_indices(lists).to_numpy()]
    keys: Keys = pieces * _TOKENS + pc.list_flatten(lists).to_numpy()
    return keys


def _encoded(column: pa.ChunkedArray) -> pa.DictionaryArray:
    encoded = column if pa.types.is_dictionary(column.type) else pc.dictionary_encode(column)
    encoded = encoded.unify_dictionaries().combine_chunks()
    return encoded.chunk(0) if isinstance(encoded, pa.ChunkedArray) else encoded


def _arrays(keys: Keys, ends: Keys) -> list[bytes]:
    """Return the tokens of each piece as PostgreSQL sends and takes an array."""
    elements = np.empty(len(keys), _ELEMENT)
    elements["length"] = 4
    elements["token"] = keys % _TOKENS
    data = elements.tobytes()
    found = []
    first = 0
    for end in ends.tolist():
        head = struct.pack(">iiiii", 1, 0, _INT4_OID, end - first, 1) if end > first else _NO_TAGS
        found.append(head + data[first * _ELEMENT.itemsize : end * _ELEMENT.itemsize])
        first = end
    return found


@lru_cache(maxsize=_KEPT_TOKENS)
def _token(place: str, text: str) -> int:
    """Return 32 bits for a text in a column, or under a key of the JSON object."""
    placed = f"{place}={text}"
    if "\0" in placed:  # which is U+FFFD in PostgreSQL
        placed = placed.replace("\0", "\ufffd")
    return zlib.crc32(placed.encode())


def _tokens_of_json(attributes: str) -> list[int]:
    members = _JSON.decode(attributes)
    others = [key for key, value in members.items() if type(value) not in (str, int)]
    if others:
        # As they are written, which is how SQL sees them.
        written = _MEMBERS.decode(attributes)
        members.update((key, _any_value_text(bytes(written[key]))) for key in others)
    return [_token(key, text) for key, text in members.items() if text is not None]


def _any_value_text(value: bytes) -> str | None:
    """Do what the SQL function ``any_value_text`` does; None is its null."""
    if value.startswith(b"{"):
        members = _MEMBERS.decode(value)
        for name in _ANY_VALUE:
            text = _plain_text(bytes(members.get(name, b"null")))
            if text is not None:
                return text
        if not members:
            return ""
    return _plain_text(value)


def _plain_text(value: bytes) -> str | None:
    if value.startswith(b'"'):
        return _TEXT.decode(value)
    return None if value == b"null" else value.decode().replace("\\u0000", "\ufffd")


def narrow_by_tags(
    connection: Connection,
    schema: Schema,
    interned: InternedTables,
    extent: ExtentValue,
    query: TraceQuery,
) -> Narrow | None:
    """Implements :data:`storage.reader.NarrowQuery` by the tags of the values asked for.

    None if no tag tells, or if so many spans match that reading the latest takes less.
    """
    asked = [
        condition
        for condition in query.attributes
        if condition.comparison is Comparison.EQUAL and not condition.or_absent
    ]
    if not asked:
        return None
    found = [_tokens_of_condition(schema, interned, condition) for condition in asked]
    tokens = [alternatives for alternatives in found if alternatives]
    if not tokens or not _all_are_tagged(connection, schema):
        return None
    pieces = _estimated_pieces(connection, tokens)
    if pieces > _DENSE_SHARE * extent.spans + _FEW_PIECES:
        return None
    return TagSearch(connection, schema, extent, tokens, pieces)


class TagSearch:
    """Implements :class:`storage.reader.Narrow`: the latest pieces that have all of the tags."""

    def __init__(
        self,
        connection: Connection,
        schema: Schema,
        extent: ExtentValue,
        tokens: Sequence[Tokens],
        pieces: int,
    ) -> None:
        """``pieces`` is about how many have all of the tags."""
        self._connection = connection
        self._schema = schema
        self._extent = extent
        self._tokens = tokens
        self._is_common = pieces > _COMMON_PIECES
        self.is_rare = pieces <= _RARE_PIECES

    def __call__(self, part: Slice, count: int | None) -> Narrowed | None:
        """See :meth:`storage.reader.Narrow.__call__`."""
        if self._is_common and self._has_few_spans(part):
            return None
        most = _MOST_PIECES if count is None else min(count * _PIECES_PER_CANDIDATE, _MOST_PIECES)
        tags = TRACE_TAGS.c
        statement = (
            select(tags.first_seq, tags.span_count, tags.start_ns)
            .where(tags.start_ns < part.to_ns, tags.end_ns >= part.from_ns)
            .where(*(_has_any(alternatives) for alternatives in self._tokens))
            .order_by(tags.start_ns.desc())
            .limit(most)
        )
        pieces = self._connection.execute(statement).all()
        is_cut = len(pieces) == most
        if is_cut and (count is None or most == _MOST_PIECES):
            return None
        numbers = [n for first, length, _ in pieces for n in range(first, first + length)]
        seq = bindparam(None, numbers, type_=ARRAY(BigInteger))
        bound_ns = int(pieces[-1].start_ns) if is_cut else None
        return Narrowed(any_of(self._schema.spans.c.seq, seq), bound_ns)

    def _has_few_spans(self, part: Slice) -> bool:
        """Whether a slice has few spans, if they come evenly."""
        extent = self._extent
        if extent.oldest_ns is None or extent.newest_ns is None:
            return True
        covered_ns = max(extent.newest_ns - extent.oldest_ns, 1)
        return extent.spans * (part.to_ns - part.from_ns) / covered_ns <= _FEW_SPANS


def _estimated_pieces(connection: Connection, tokens: Sequence[Tokens]) -> int:
    """Return how many pieces have one of each of the tokens, as the planner guesses."""
    having = (f"tags && '{{{', '.join(map(str, one))}}}'::int4[]" for one in tokens)
    statement = f"EXPLAIN (FORMAT JSON) SELECT FROM {TRACE_TAGS.name} WHERE {' AND '.join(having)}"
    (plan,) = connection.execute(text(statement)).scalar_one()
    return int(plan["Plan"]["Plan Rows"])


def _tokens_of_condition(
    schema: Schema, interned: InternedTables, condition: AttributeCondition
) -> Tokens:
    """Return tokens of which a piece with a matching span has at least one, as stored.

    None at all if another place than a span's attributes may meet the condition, or none can.
    """
    column = schema.keys.get(condition.key)
    keys = (condition.key,) if column is None else column.keys
    if condition.scope is AttributeScope.ANY:
        resources, scopes = interned.resources.values(), interned.scopes.values()
        shared = [one.attributes for one in resources] + [one.attributes for one in scopes]
        if any(satisfies(condition, keys, attributes) for attributes in shared):
            return ()
        if not interned.event_keys.isdisjoint(keys) or not interned.link_keys.isdisjoint(keys):
            return ()
    elif condition.scope is not AttributeScope.SPAN:
        return ()
    places = {name or key for key in keys for name in interned.places(key)}
    if not places.isdisjoint(_UNTAGGED):
        return ()
    tokens = [_token(place, condition.value) for place in places]
    return struct.unpack(f"{len(tokens)}i", struct.pack(f"{len(tokens)}I", *tokens))


def _has_any(tokens: Tokens) -> ColumnElement[bool]:
    array = bindparam(None, list(tokens), type_=ARRAY(Integer))
    return TRACE_TAGS.c.tags.op("&&", return_type=Boolean())(array)


def _all_are_tagged(connection: Connection, schema: Schema) -> bool:
    """Whether all pieces have tags: those that came by a copy have not, and are the oldest."""
    first_piece = select(func.min(schema.traces.c.first_seq)).scalar_subquery()
    first_tagged = select(func.min(TRACE_TAGS.c.first_seq)).scalar_subquery()
    return bool(connection.execute(select(first_piece >= first_tagged)).scalar())
