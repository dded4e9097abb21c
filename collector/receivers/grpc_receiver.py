"""OTLP over gRPC: ``TraceService/Export``, health and reflection.

https://opentelemetry.io/docs/specs/otlp/#otlpgrpc

Why grpc.aio: with bodies of five spans and acks after 5 ms, one core answered 10,400 calls a
second on uvloop (8,500 on asyncio's loop), against 5,600 with a thread a call and 5,100 with
grpcio's experimental non-blocking handlers; and no thread waits for a commit.

Why handlers of the stream-unary shape: they read the one message themselves (on the wire there
is no difference), so that a call can be refused and timed out before its body is in memory.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import NoReturn

import grpc
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection
from opentelemetry.proto.collector.logs.v1 import logs_service_pb2
from opentelemetry.proto.collector.metrics.v1 import metrics_service_pb2
from opentelemetry.proto.collector.profiles.v1development import profiles_service_pb2
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2

from collector.interface import SpoolSink
from collector.receivers.budget import BudgetExhausted, ByteBudget, Reservation
from collector.receivers.config import GrpcReceiverConfig, split_endpoint
from collector.receivers.encodings import response_message
from collector.receivers.errors import Condition, RequestError, Undecodable, error_status
from collector.receivers.export import Export, overloaded
from collector.receivers.peers import Peer, PeerTable, address_of
from collector.receivers.slow_reads import read_message

__all__ = ["TRACE_SERVICE", "GrpcReceiver"]

TRACE_SERVICE = trace_service_pb2.DESCRIPTOR.services_by_name["TraceService"].full_name

_OTHER_SERVICES = {
    "metrics": metrics_service_pb2.DESCRIPTOR.services_by_name["MetricsService"].full_name,
    "logs": logs_service_pb2.DESCRIPTOR.services_by_name["LogsService"].full_name,
    "profiles": profiles_service_pb2.DESCRIPTOR.services_by_name["ProfilesService"].full_name,
}
_TRANSPORT = "grpc"
_SUCCESS = b""  # ExportTraceServiceResponse with partial_success unset
_STATUS_DETAILS = "grpc-status-details-bin"

_Context = grpc.aio.ServicerContext[bytes, bytes]
_Handler = Callable[[AsyncIterator[bytes], _Context], Awaitable[bytes]]


class GrpcReceiver:
    """The gRPC receiver. All methods belong to one event loop.

    Answers OK only when the spans are durable.
    """

    def __init__(
        self,
        config: GrpcReceiverConfig,
        sink: SpoolSink,
        budget: ByteBudget,
        peers: PeerTable | None = None,
    ) -> None:
        self._config = config
        self._export = Export(_TRANSPORT, sink, budget, peers or PeerTable())
        self._server: grpc.aio.Server | None = None
        self._health = health.aio.HealthServicer()

    async def start(self) -> int:
        """Listen; return the port.

        Raises:
            OSError: the address cannot be listened on.
            ValueError: the endpoint of the configuration is malformed.
        """
        split_endpoint(self._config.endpoint)
        self._server = server = grpc.aio.server(options=_options(self._config))
        server.add_generic_rpc_handlers(
            (
                _handlers(TRACE_SERVICE, self._take),
                *(_handlers(name, self._refuse(sig)) for sig, name in _OTHER_SERVICES.items()),
            )
        )
        health_pb2_grpc.add_HealthServicer_to_server(self._health, server)
        if self._config.reflection:
            names = (TRACE_SERVICE, health.SERVICE_NAME, reflection.SERVICE_NAME)
            reflection.enable_server_reflection(names, server)
        try:
            port = server.add_insecure_port(self._config.endpoint)
        except RuntimeError as error:  # grpcio does not say why
            raise OSError(
                f"cannot listen on {self._config.endpoint}: the port is taken, or the address is "
                "not one of this machine"
            ) from error
        await server.start()
        for service in ("", TRACE_SERVICE):
            await self._health.set(service, health_pb2.HealthCheckResponse.SERVING)
        return port

    async def drain(self) -> None:
        """Turn health to NOT_SERVING and refuse new calls with UNAVAILABLE."""
        self._export.draining = True
        await self._health.enter_graceful_shutdown()

    async def stop(self, grace_s: float) -> None:
        """Stop listening and close connections, after at most ``grace_s`` seconds."""
        if self._server is not None:
            await self._server.stop(grace_s)

    async def _take(self, _: AsyncIterator[bytes], context: _Context) -> bytes:
        try:
            return await self._answer(context)
        except RequestError as error:
            await self._abort(context, error)
        except asyncio.CancelledError:
            self._export.metrics.aborted.inc()
            raise
        except Exception as failure:  # noqa: BLE001 - no input may take the receiver down; counted and logged
            await self._abort(context, self._export.unexpected(failure))

    async def _answer(self, context: _Context) -> bytes:
        reservation = self._export.admit()
        try:
            body = await self._read(context, reservation)
            try:
                reservation.grow(len(body))
            except BudgetExhausted:
                raise overloaded() from None
            accepted = await self._export.take(body, reservation)
        finally:
            reservation.release()
        self._peer(context).succeeded(accepted)
        if accepted.rejected:
            return response_message(accepted).SerializeToString()
        return _SUCCESS

    async def _read(self, context: _Context, reservation: Reservation) -> bytes:
        body = await read_message(
            context.read(),
            reservation,
            self._config.max_request_bytes,
            self._config.read_timeout_s,
        )
        if not isinstance(body, bytes):
            # Also where the library has refused the message (too large, badly compressed):
            # its status went out before this one and stands.
            raise Undecodable("Export requires exactly one request message")
        return body

    def _refuse(self, signal: str) -> _Handler:
        message = f"{signal} are not implemented: Spanloom takes traces"

        async def refuse(_: AsyncIterator[bytes], context: _Context) -> bytes:
            await self._abort(context, RequestError(Condition.OTHER_SIGNAL, message))

        return refuse

    async def _abort(self, context: _Context, error: RequestError) -> NoReturn:
        self._export.refused(error)
        self._peer(context).failed()
        details = error_status(error, self._config.retry_delay_s).SerializeToString()
        await context.abort(error.condition.code, error.message, ((_STATUS_DETAILS, details),))

    def _peer(self, context: _Context) -> Peer:
        return self._export.peers.of(
            _TRANSPORT, address_of(context.peer()), lambda: _user_agent(context)
        )


def _user_agent(context: _Context) -> str | None:
    for name, value in context.invocation_metadata() or ():
        if name == "user-agent":
            return value if isinstance(value, str) else None
    return None


def _handlers(service: str, export: _Handler) -> grpc.GenericRpcHandler:
    # Without (de)serialisers a handler gets and returns the raw bytes.
    return grpc.method_handlers_generic_handler(
        service, {"Export": grpc.stream_unary_rpc_method_handler(export)}
    )


def _options(config: GrpcReceiverConfig) -> list[tuple[str, int]]:
    milliseconds = {
        "grpc.keepalive_time_ms": config.keepalive_time_s,
        "grpc.keepalive_timeout_ms": config.keepalive_timeout_s,
        "grpc.http2.min_ping_interval_without_data_ms": config.min_ping_interval_s,
        "grpc.http2.min_recv_ping_interval_without_data_ms": config.min_ping_interval_s,
        "grpc.max_connection_age_ms": config.max_connection_age_s,
        "grpc.max_connection_age_grace_ms": config.max_connection_age_grace_s,
    }
    return [
        ("grpc.max_receive_message_length", config.max_request_bytes),
        ("grpc.max_concurrent_streams", config.max_concurrent_streams),
        ("grpc.so_reuseport", int(config.reuse_port)),
        # Windows stay at 64 KiB a round trip, so what is slow to arrive meets the byte budget
        # before it is in memory: 20 messages of 60 MB at once peak at 0.5 GB, not at 1.3 GB.
        ("grpc.http2.bdp_probe", 0),
        ("grpc.keepalive_permit_without_calls", 1),
        *((name, int(seconds * 1000)) for name, seconds in milliseconds.items()),
    ]
