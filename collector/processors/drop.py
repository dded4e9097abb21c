"""Drop the spans that nobody wants to keep: health checks, probes, chatty neighbours."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from urllib.parse import urlsplit

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from collector.config import Drop
from model.attributes import AttributeValue
from model.batch import SpanBatch
from model.columns import WellKnownColumn, columns_by_key

__all__ = ["DropProcessor"]

_PATH_COLUMNS = ("url_path", "http_url")


class DropProcessor:
    """Drops spans that have one of the configured attribute values or paths.

    An attribute is looked for on the span and on its resource; its value is compared as text
    (``true``, ``200``). A path is that of ``url.path``, ``http.target``, ``url.full`` or
    ``http.url``, without the query.
    """

    name = "drop"

    def __init__(self, config: Drop, columns: tuple[WellKnownColumn, ...]) -> None:
        self._attributes = {key: frozenset(values) for key, values in config.attributes.items()}
        self._columns = columns_by_key(columns)
        self._paths = frozenset(path for path in config.paths if not path.endswith("*"))
        self._prefixes = tuple(path[:-1] for path in config.paths if path.endswith("*"))

    def process(self, batch: SpanBatch) -> SpanBatch:
        """Return the spans that no rule condemns."""
        if not len(batch):
            return batch
        condemned = np.zeros(len(batch), dtype=np.bool_)
        for key, values in self._attributes.items():
            condemned |= self._by_attribute(batch, key, values)
        if self._paths or self._prefixes:
            for column in _PATH_COLUMNS:
                condemned |= _where(batch.spans[column], self._is_dropped_path)
        return batch.filter(pa.array(~condemned)) if condemned.any() else batch

    def _by_attribute(
        self, batch: SpanBatch, key: str, values: frozenset[str]
    ) -> npt.NDArray[np.bool_]:
        spans = batch.spans
        found = _in_rows(
            spans["resource"],
            (_text(resource.attributes.get(key)) in values for resource in batch.resources),
        )
        if key in self._columns:
            column = spans[self._columns[key].name]
            found |= _where(column, lambda value: _text(value) in values)
        elsewhere = _in_rows(
            spans["shape"],
            (
                any(entry.key == key and not entry.column for entry in shape.entries)
                for shape in batch.shapes
            ),
        )
        rows = np.flatnonzero(elsewhere)
        if len(rows):
            documents = spans["attributes"].take(pa.array(rows)).to_pylist()
            found[rows] |= [
                _text(msgspec.json.decode(document).get(key)) in values for document in documents
            ]
        return found

    def _is_dropped_path(self, url: AttributeValue) -> bool:
        try:
            path = urlsplit(str(url)).path
        except ValueError:  # what no browser would take as a URL either
            return False
        return path in self._paths or path.startswith(self._prefixes)


def _in_rows(indices: pa.ChunkedArray, chosen: Iterable[bool]) -> npt.NDArray[np.bool_]:
    """Return, for each row, what was chosen for the thing that it names by index."""
    table = np.fromiter(chosen, dtype=np.bool_)
    return np.asarray(table[indices.to_numpy()], dtype=np.bool_)


def _where(
    column: pa.ChunkedArray, predicate: Callable[[AttributeValue], bool]
) -> npt.NDArray[np.bool_]:
    """Return, for each row, whether its value passes; each distinct value is asked once."""
    encoded = column.combine_chunks().dictionary_encode()
    passing = [
        number for number, value in enumerate(encoded.dictionary) if predicate(value.as_py())
    ]
    chosen = pc.is_in(encoded.indices, value_set=pa.array(passing, encoded.indices.type))
    return np.asarray(chosen.to_numpy(zero_copy_only=False), dtype=np.bool_)


def _text(value: AttributeValue) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, str | int | float) else None
