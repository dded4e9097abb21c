"""Settings of Jaeger's gRPC APIs."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

__all__ = ["JaegerGrpcConfig"]

_Seconds = Annotated[float, Meta(gt=0)]


class JaegerGrpcConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Jaeger's query APIs over gRPC.

    Attributes:
        enabled: serve them.
        endpoint: address of `jaeger.api_v2.QueryService` and `jaeger.api_v3.QueryService`.
        max_message_bytes: of an answer; a chunk of spans ends before it. A span that is larger by
            itself is sent all the same. Jaeger's clients take 4 MiB.
        max_request_bytes: beyond: RESOURCE_EXHAUSTED.
        max_concurrent_streams: calls that one connection may have open at once.
        keepalive_time_s: seconds of silence after which the server pings a connection.
        keepalive_timeout_s: seconds without an answer to a ping after which it is closed.
        min_ping_interval_s: clients that ping more often than this are disconnected.
        reflection: offer server reflection (for grpcurl and the like).
    """

    enabled: bool = True
    endpoint: str = "localhost:16685"
    max_message_bytes: Annotated[int, Meta(ge=64 << 10)] = 4 << 20
    max_request_bytes: Annotated[int, Meta(gt=0)] = 1 << 20
    max_concurrent_streams: Annotated[int, Meta(gt=0)] = 100
    keepalive_time_s: _Seconds = 60.0
    keepalive_timeout_s: _Seconds = 20.0
    min_ping_interval_s: _Seconds = 10.0
    reflection: bool = True
