"""The server of Jaeger's gRPC APIs: both query services, health and reflection."""

from __future__ import annotations

import grpc
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection

from api.config import ApiConfig
from api.jaeger.backend import JaegerBackend
from api.jaeger.grpc import query_v2, query_v3
from api.jaeger.grpc.calls import Calls
from api.jaeger.grpc.config import JaegerGrpcConfig
from api.jaeger.grpc.query_v2 import QueryV2
from api.jaeger.grpc.query_v3 import QueryV3
from api.queries import Queries

__all__ = ["JaegerGrpcServer"]

_METRICS_SERVICE = "jaeger.api_v2.metrics.MetricsQueryService"
"""Jaeger tells of its health, though it serves it no more."""


class JaegerGrpcServer:
    """The server. All methods belong to one event loop.

    Args:
        config: limits.
        backend: the store as Jaeger's APIs see it.
        queries: the threads that requests over HTTP run on, too; closed after the server.
    """

    def __init__(self, config: ApiConfig, backend: JaegerBackend, queries: Queries) -> None:
        self._backend = backend
        self._calls = Calls(queries, config.query_timeout_s)
        self._health = health.aio.HealthServicer()
        self._server: grpc.aio.Server | None = None

    async def start(self, endpoint: str, *, share_port: bool = False) -> int:
        """Listen on ``HOST:PORT``; return the port. Raises OSError.

        Args:
            endpoint: where; port 0 takes a free one.
            share_port: SO_REUSEPORT, for a port that is reserved by a socket of ours.
        """
        config = self._backend.config.grpc
        self._server = server = grpc.aio.server(options=_options(config, share_port=share_port))
        server.add_generic_rpc_handlers(
            (
                QueryV2(self._backend).handler(self._calls),
                QueryV3(self._backend).handler(self._calls),
            )
        )
        health_pb2_grpc.add_HealthServicer_to_server(self._health, server)
        services = (query_v2.SERVICE, query_v3.SERVICE)
        if config.reflection:
            names = (*services, health.SERVICE_NAME, reflection.SERVICE_NAME)
            reflection.enable_server_reflection(names, server)
        try:
            port = server.add_insecure_port(endpoint)
        except RuntimeError as error:  # grpcio does not say why
            raise OSError(
                f"cannot listen on {endpoint}: the port is taken, or the address is not one of "
                "this machine"
            ) from error
        await server.start()
        for service in ("", *services, _METRICS_SERVICE):
            await self._health.set(service, health_pb2.HealthCheckResponse.SERVING)
        return port

    async def drain(self) -> None:
        """Turn health to NOT_SERVING; calls are still answered."""
        await self._health.enter_graceful_shutdown()

    async def stop(self, grace_s: float) -> None:
        """Stop listening; calls have at most ``grace_s`` seconds to end."""
        if self._server is not None:
            await self._server.stop(grace_s)


def _options(config: JaegerGrpcConfig, *, share_port: bool) -> list[tuple[str, int]]:
    milliseconds = {
        "grpc.keepalive_time_ms": config.keepalive_time_s,
        "grpc.keepalive_timeout_ms": config.keepalive_timeout_s,
        "grpc.http2.min_ping_interval_without_data_ms": config.min_ping_interval_s,
        "grpc.http2.min_recv_ping_interval_without_data_ms": config.min_ping_interval_s,
    }
    return [
        ("grpc.max_receive_message_length", config.max_request_bytes),
        ("grpc.max_concurrent_streams", config.max_concurrent_streams),
        ("grpc.so_reuseport", int(share_port)),
        ("grpc.keepalive_permit_without_calls", 1),
        *((name, int(seconds * 1000)) for name, seconds in milliseconds.items()),
    ]
