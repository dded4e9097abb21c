"""Fill in who made each span, in the words of the mesh."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import astuple, fields, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from collector.config import MeshIdentity as MeshIdentityConfig
from model.batch import SpanBatch
from model.columns import WELL_KNOWN, columns_by_key
from model.envoy import is_proxy_span
from model.mesh import IDENTITY_SPAN_KEYS, ServiceSelector, identify, parse_service_name
from model.span import MeshIdentity

__all__ = ["MeshIdentityProcessor"]

_COLUMN_OF_KEY = columns_by_key(WELL_KNOWN)
_INPUTS = tuple((key, _COLUMN_OF_KEY[key].name) for key in IDENTITY_SPAN_KEYS)
_OUTPUTS = tuple(field.name for field in fields(MeshIdentity))
_CODES_LIMIT = 1 << 31


class MeshIdentityProcessor:
    """Fills cluster, namespace, service, version, workload and pod (:mod:`model.mesh`).

    The spans of one proxy share everything that tells their identity, so it is computed once
    per distinct combination in the batch. An app whose ``service.name`` is configured to be a
    service of the mesh is that service, whatever else its spans say (rule G6).
    """

    name = "mesh_identity"

    def __init__(self, config: MeshIdentityConfig | None = None) -> None:
        services = config.services if config is not None else {}
        self._services = {name: parse_service_name(known) for name, known in services.items()}

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
        identities = [_identity(batch, spans, int(row), self._services) for row in first_rows]
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


def _identity(
    batch: SpanBatch, spans: pa.Table, row: int, services: Mapping[str, ServiceSelector]
) -> MeshIdentity:
    found = ((key, spans[column][row].as_py()) for key, column in _INPUTS)
    attributes = {key: value for key, value in found if value is not None}
    resource = batch.resources[spans["resource"][row].as_py()]
    identity = identify(resource.attributes, attributes)
    known = services.get(spans["service_name"][row].as_py())
    if known is None or is_proxy_span(attributes):
        return identity
    namespace = known.namespace or identity.namespace
    return replace(identity, service=known.service, namespace=namespace)
