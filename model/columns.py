"""The well-known attributes: which OTLP keys share which column of the store.

Old and new names of one thing (``http.method``, ``http.request.method``) share a column, so a
search by either name finds both. A value goes to its column only if the column can give it
back unchanged; the span's :class:`model.batch.Shape` remembers the key and the type sent.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["WELL_KNOWN", "ColumnType", "WellKnownColumn", "columns_by_key"]


class ColumnType(StrEnum):
    """How a column holds a value.

    STRING takes string values. INT takes int values and strings that are a canonical decimal
    of 64 bits (``"200"``, as Envoy sends). BOOL takes bools and the strings ``"true"`` and
    ``"false"``. UUID takes strings that are a canonical lower-case UUID.
    """

    STRING = "string"
    INT = "int"
    BOOL = "bool"
    UUID = "uuid"


@dataclass(frozen=True, slots=True)
class WellKnownColumn:
    """A column of the span table and the attribute keys that it holds, preferred key first."""

    name: str
    type: ColumnType
    keys: tuple[str, ...]


def _column(name: str, *keys: str, type: ColumnType = ColumnType.STRING) -> WellKnownColumn:
    return WellKnownColumn(name, type, keys)


WELL_KNOWN: tuple[WellKnownColumn, ...] = (
    # HTTP, names of Envoy and of both generations of OpenTelemetry conventions
    _column("http_method", "http.request.method", "http.method"),
    _column(
        "http_status_code", "http.response.status_code", "http.status_code", type=ColumnType.INT
    ),
    _column("http_url", "url.full", "http.url"),
    _column("url_path", "url.path", "http.target"),
    _column("http_route", "http.route"),
    _column("http_protocol", "http.protocol"),
    _column("user_agent", "user_agent.original", "user_agent", "http.user_agent"),
    _column("request_size", "http.request.body.size", "request_size", type=ColumnType.INT),
    _column("response_size", "http.response.body.size", "response_size", type=ColumnType.INT),
    # Peers
    _column("peer_address", "network.peer.address", "peer.address", "net.sock.peer.addr"),
    _column("server_address", "server.address", "net.peer.name"),
    _column("server_port", "server.port", "net.peer.port", type=ColumnType.INT),
    _column("peer_service", "peer.service"),
    # Envoy
    _column("component", "component"),
    _column("node_id", "node_id"),
    _column("zone", "zone"),
    _column("request_id", "guid:x-request-id", type=ColumnType.UUID),
    _column("response_flags", "response_flags"),
    _column("upstream_cluster", "upstream_cluster"),
    _column("upstream_cluster_name", "upstream_cluster.name"),
    _column("upstream_address", "upstream_address"),
    _column("downstream_cluster", "downstream_cluster"),
    _column("retry_count", "retry.count", type=ColumnType.INT),
    _column("error", "error", type=ColumnType.BOOL),
    _column("error_type", "error.type", "error.reason"),
    # Istio
    _column("istio_canonical_service", "istio.canonical_service"),
    _column("istio_canonical_revision", "istio.canonical_revision"),
    _column("istio_namespace", "istio.namespace"),
    _column("istio_mesh_id", "istio.mesh_id"),
    _column("istio_cluster_id", "istio.cluster_id"),
    _column("istio_source_workload", "istio.source_workload"),
    _column("istio_source_namespace", "istio.source_namespace"),
    _column("istio_source_service", "istio.source_canonical_service"),
    _column("istio_destination_workload", "istio.destination_workload"),
    _column("istio_destination_namespace", "istio.destination_namespace"),
    _column("istio_destination_service", "istio.destination_canonical_service"),
    # Mutual TLS: no proxy sends these by itself; deploy/istio has the tags to add
    _column("mtls", "istio.mtls", "connection.mtls", type=ColumnType.BOOL),
    _column("source_principal", "istio.source_principal", "source.principal"),
    _column("destination_principal", "istio.destination_principal", "destination.principal"),
    # RPC
    _column("rpc_system", "rpc.system.name", "rpc.system"),
    _column("rpc_service", "rpc.service"),
    _column("rpc_method", "rpc.method"),
    _column("grpc_path", "grpc.path"),
    _column("grpc_status_code", "rpc.grpc.status_code", "grpc.status_code", type=ColumnType.INT),
    # Databases and messaging
    _column("db_system", "db.system.name", "db.system"),
    _column("db_namespace", "db.namespace", "db.name"),
    _column("db_operation", "db.operation.name", "db.operation"),
    _column("db_collection", "db.collection.name", "db.sql.table"),
    _column("db_query", "db.query.text", "db.statement"),
    _column("messaging_system", "messaging.system"),
    _column("messaging_destination", "messaging.destination.name", "messaging.destination"),
    _column("messaging_operation", "messaging.operation.type", "messaging.operation"),
)


def columns_by_key(columns: tuple[WellKnownColumn, ...]) -> dict[str, WellKnownColumn]:
    """Map each attribute key to its column. Raises ValueError if two columns claim one key."""
    found: dict[str, WellKnownColumn] = {}
    for column in columns:
        for key in column.keys:
            if key in found:
                raise ValueError(
                    f"attribute {key!r} belongs to column {found[key].name!r} already; "
                    f"column {column.name!r} cannot claim it too"
                )
            found[key] = column
    return found
