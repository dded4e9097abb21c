"""Settings of the OTLP receivers, with all their defaults."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

__all__ = [
    "DEFAULT_IN_FLIGHT_BYTES",
    "DEFAULT_MAX_REQUEST_BYTES",
    "CorsConfig",
    "GrpcReceiverConfig",
    "HttpReceiverConfig",
    "split_endpoint",
]

Positive = Annotated[int, Meta(gt=0)]
Seconds = Annotated[float, Meta(gt=0)]

DEFAULT_MAX_REQUEST_BYTES = 64 << 20
"""Largest body, plain and decompressed; the recommendation of opentelemetry-proto#782."""

DEFAULT_IN_FLIGHT_BYTES = 256 << 20
"""Bytes of bodies that one receiver process holds at once, over both transports."""


class GrpcReceiverConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The gRPC receiver.

    Attributes:
        endpoint: ``HOST:PORT`` to listen on; ``[::1]:4317`` for IPv6; port 0 takes a free one.
        max_request_bytes: largest message, plain and decompressed; beyond: RESOURCE_EXHAUSTED.
        max_concurrent_streams: calls that one connection may have open at once.
        read_timeout_s: seconds within which a client has to send its message.
        retry_delay_s: seconds after which a refused client is asked to try again.
        keepalive_time_s: seconds of silence after which the server pings a connection.
        keepalive_timeout_s: seconds without an answer to a ping after which it is closed.
        min_ping_interval_s: clients that ping more often than this are disconnected.
        max_connection_age_s: seconds after which a connection is closed gently, so that
            clients spread over replicas again (gRPC varies it by a tenth).
        max_connection_age_grace_s: seconds that calls on such a connection have to finish.
        reuse_port: SO_REUSEPORT, for several receiver processes on one port.
        reflection: offer server reflection (for grpcurl and the like).
    """

    endpoint: str = "localhost:4317"
    max_request_bytes: Positive = DEFAULT_MAX_REQUEST_BYTES
    max_concurrent_streams: Positive = 1024
    read_timeout_s: Seconds = 30.0
    retry_delay_s: Seconds = 1.0
    keepalive_time_s: Seconds = 60.0
    keepalive_timeout_s: Seconds = 20.0
    min_ping_interval_s: Seconds = 10.0
    max_connection_age_s: Seconds = 300.0
    max_connection_age_grace_s: Seconds = 30.0
    reuse_port: bool = False
    reflection: bool = True


class CorsConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which web pages may send spans; nobody by default.

    Attributes:
        allowed_origins: exact origins (``https://shop.example``), or ``*`` for every page.
        allowed_headers: request headers allowed besides Content-Type and Content-Encoding.
        max_age_s: seconds that a browser may remember the answer to a preflight.
    """

    allowed_origins: tuple[str, ...] = ()
    allowed_headers: tuple[str, ...] = ()
    max_age_s: Positive = 7200


class HttpReceiverConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The HTTP receiver.

    Attributes:
        endpoint: ``HOST:PORT`` to listen on; ``[::1]:4318`` for IPv6; port 0 takes a free one.
        traces_paths: paths that take spans.
        max_request_bytes: largest body, before and after decompression; beyond: 413.
        read_timeout_s: seconds within which a client has to send its body.
        retry_delay_s: seconds after which a refused client is asked to try again.
        keepalive_timeout_s: seconds after which an idle connection is closed.
        reuse_port: SO_REUSEPORT, for several receiver processes on one port.
        cors: see CorsConfig.
    """

    endpoint: str = "localhost:4318"
    traces_paths: Annotated[tuple[str, ...], Meta(min_length=1)] = ("/v1/traces",)
    max_request_bytes: Positive = DEFAULT_MAX_REQUEST_BYTES
    read_timeout_s: Seconds = 30.0
    retry_delay_s: Seconds = 1.0
    keepalive_timeout_s: Seconds = 120.0
    reuse_port: bool = False
    cors: CorsConfig = CorsConfig()


def split_endpoint(endpoint: str) -> tuple[str, int]:
    """Return host (without brackets) and port of ``HOST:PORT``.

    Raises:
        ValueError: ``endpoint`` has no port, or one that is not in 0..65535, or an IPv6
            address without brackets.
    """
    host, colon, port = endpoint.rpartition(":")
    if host.startswith("[") and host.endswith("]"):
        host = host[1:-1]
    elif ":" in host:
        raise ValueError(f"endpoint {endpoint!r}: write an IPv6 address in brackets, [::1]:4317")
    if not colon or not port.isascii() or not port.isdigit() or int(port) > 65535:
        raise ValueError(f"endpoint {endpoint!r}: expected HOST:PORT with a port from 0 to 65535")
    return host, int(port)
