"""Fill in who made each span, in the words of the mesh."""

from __future__ import annotations

from dataclasses import astuple, fields, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from model.batch import SpanBatch
from model.columns import WELL_KNOWN, columns_by_key
from model.mesh import IDENTITY_SPAN_KEYS, identify
from model.span import MeshIdentity

__all__ = ["MeshIdentityProcessor"]

_COLUMN_OF_KEY = columns_by_key(WELL_KNOWN)
_INPUTS = tuple((key, _COLUMN_OF_KEY[key].name) for key in IDENTITY_SPAN_KEYS)
_OUTPUTS = tuple(field.name for field in fields(MeshIdentity))
_CODES_LIMIT = 1 << 31


class MeshIdentityProcessor:
    """Fills cluster, namespace, service, version, workload and pod (:mod:`model.mesh`).

    The spans of one proxy share everything that tells their identity, so it is computed once
    per distinct combination in the batch.
    """

    name = "mesh_identity"

    def process(self, batch: SpanBatch) -> SpanBatch:
        """Return the batch with its six identity columns filled."""
        if not len(batch):
            return batch
        spans = batch.spans.combine_chunks()
        resources = spans["resource"].to_numpy()
        codes = resources.astype(np.int64)
        for _, column in _INPUTS:
            codes = _combine(codes, spans[column])
        _, first_rows, combination = np.unique(codes, return_index=True, return_inverse=True)
        identities = [_identity(batch, spans, int(row)) for row in first_rows]
        for name, values in zip(_OUTPUTS, zip(*map(astuple, identities), strict=True), strict=True):
            index = spans.schema.get_field_index(name)
            column = pa.array(values, pa.string()).take(pa.array(combination))
            spans = spans.set_column(index, spans.schema.field(index), column)
        return replace(batch, spans=spans)


def _combine(codes: npt.NDArray[np.int64], column: pa.ChunkedArray) -> npt.NDArray[np.int64]:
    """Return codes that are equal only where both ``codes`` and the column's values are."""
    encoded = column.combine_chunks().dictionary_encode(null_encoding="encode")
    if len(encoded.dictionary) == 1:
        return codes
    if codes.max(initial=0) >= _CODES_LIMIT:  # number them anew before the product overflows
        codes = np.unique(codes, return_inverse=True)[1].astype(np.int64)
    return np.asarray(codes * len(encoded.dictionary) + encoded.indices.to_numpy(), np.int64)


def _identity(batch: SpanBatch, spans: pa.Table, row: int) -> MeshIdentity:
    found = ((key, spans[column][row].as_py()) for key, column in _INPUTS)
    attributes = {key: value for key, value in found if value is not None}
    resource = batch.resources[spans["resource"][row].as_py()]
    return identify(resource.attributes, attributes)
