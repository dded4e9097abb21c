"""OTLP over HTTP/1.1: ``POST /v1/traces`` with protobuf or JSON.

Built on aiohttp's low-level server: an Application with its router and middlewares would cost
more than the rest of a request of five spans. https://opentelemetry.io/docs/specs/otlp/#otlphttp
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable

from aiohttp import web
from multidict import CIMultiDict

from collector.interface import SpoolSink
from collector.receivers.body import read_body
from collector.receivers.budget import ByteBudget
from collector.receivers.config import HttpReceiverConfig
from collector.receivers.cors import Cors
from collector.receivers.encodings import JSON, PROTOBUF, Encoding, encoding_of, response_message
from collector.receivers.errors import Condition, RequestError, Undecodable, error_status
from collector.receivers.export import Export
from collector.receivers.listen import listening_sockets
from collector.receivers.peers import Peer, PeerTable

__all__ = ["HttpReceiver"]

_OTHER_SIGNALS = {
    "/v1/metrics": "metrics",
    "/v1/logs": "logs",
    "/v1development/profiles": "profiles",
}
_MAX_HEADER_BYTES = 16 << 10
_TRANSPORT = "http"

# How aiohttp's messages begin on the preface of HTTP/2 and on a TLS handshake.
_HTTP2 = "Pause on PRI/Upgrade"
_TLS = "Received HTTPS traffic"


class HttpReceiver:
    """The HTTP receiver. All methods belong to one event loop.

    Answers 200 only when the spans are durable; every other answer is a google.rpc.Status in
    the encoding of the request.
    """

    def __init__(
        self,
        config: HttpReceiverConfig,
        sink: SpoolSink,
        budget: ByteBudget,
        peers: PeerTable | None = None,
    ) -> None:
        self._config = config
        self._export = Export(_TRANSPORT, sink, budget, peers or PeerTable())
        self._paths = frozenset(config.traces_paths)
        self._cors = Cors(config.cors)
        self._retry_after = str(math.ceil(config.retry_delay_s))
        self._server: web.Server | None = None
        self._listeners: list[asyncio.Server] = []

    async def start(self) -> int:
        """Listen; return the port.

        Raises:
            OSError: the address cannot be listened on.
            ValueError: the endpoint of the configuration is malformed.
        """
        loop = asyncio.get_running_loop()
        self._server = server = _Server(
            self._handle,
            auto_decompress=False,
            access_log=None,
            keepalive_timeout=self._config.keepalive_timeout_s,
            max_field_size=_MAX_HEADER_BYTES,
        )
        server.refuse_malformed = self._refuse_malformed
        sockets = await listening_sockets(self._config.endpoint, self._config.reuse_port)
        for listener in sockets:
            self._listeners.append(await loop.create_server(server, sock=listener))
        port: int = sockets[0].getsockname()[1]
        return port

    async def drain(self) -> None:
        """Refuse new requests with 503; those that are being handled go on."""
        self._export.draining = True

    async def stop(self, grace_s: float) -> None:
        """Stop listening and close connections, after at most ``grace_s`` seconds."""
        for listener in self._listeners:
            listener.close()
        if self._server is not None:
            # aiohttp takes 0 for "no limit".
            await self._server.shutdown(max(grace_s, 0.001))

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        try:
            response = await self._answer(request)
        except RequestError as error:
            response = self._refusal(request, error)
        except (ConnectionError, asyncio.CancelledError):
            self._export.metrics.aborted.inc()
            raise
        except Exception as failure:  # noqa: BLE001 - no input may take the receiver down; counted and logged
            response = self._refusal(request, self._export.unexpected(failure))
        self._cors.allow(request, response)
        return response

    async def _answer(self, request: web.BaseRequest) -> web.Response:
        path = request.path
        if path not in self._paths:
            raise _not_found(path)
        if request.method != "POST":
            if self._cors.is_preflight(request):
                return self._cors.preflight()
            raise RequestError(
                Condition.METHOD_NOT_ALLOWED,
                f"method {request.method[:32]} is not allowed, use POST",
                headers={"Allow": "POST"},
            )
        encoding = encoding_of(request.headers.get("Content-Type", ""))
        if encoding is None:
            raise RequestError(
                Condition.UNSUPPORTED_MEDIA_TYPE,
                "unsupported Content-Type, supported: application/x-protobuf, application/json",
            )
        return await self._take(request, encoding)

    async def _take(self, request: web.BaseRequest, encoding: Encoding) -> web.Response:
        reservation = self._export.admit()
        try:
            body = await read_body(
                request,
                reservation,
                self._config.max_request_bytes,
                self._config.read_timeout_s,
            )
            accepted = await self._export.take(encoding.to_protobuf(body), reservation)
        finally:
            reservation.release()
        self._peer(request).succeeded(accepted)
        if accepted.rejected:
            return _response(200, encoding, encoding.encode(response_message(accepted)))
        return _response(200, encoding, encoding.success)

    def _refusal(self, request: web.BaseRequest, error: RequestError) -> web.Response:
        self._export.refused(error)
        self._peer(request).failed()
        encoding = encoding_of(request.headers.get("Content-Type", ""))
        if encoding is None:
            encoding = JSON if "json" in request.headers.get("Accept", "") else PROTOBUF
        response = _error_response(error, encoding, self._config.retry_delay_s)
        if error.condition.retryable:
            response.headers["Retry-After"] = self._retry_after
        if self._export.draining:
            response.force_close()
        return response

    def _refuse_malformed(
        self, request: web.BaseRequest, failure: BaseException | None, message: str
    ) -> web.Response:
        error = _malformed(message) if failure is None else self._export.unexpected(failure)
        self._export.refused(error)
        self._peer(request).failed()
        return _error_response(error, PROTOBUF, self._config.retry_delay_s)

    def _peer(self, request: web.BaseRequest) -> Peer:
        address = request.remote or ""
        return self._export.peers.of(_TRANSPORT, address, lambda: request.headers.get("User-Agent"))


_RefuseMalformed = Callable[[web.BaseRequest, BaseException | None, str], web.StreamResponse]


class _Server(web.Server):
    """aiohttp's low-level server, but malformed HTTP is answered as OTLP asks, and not logged."""

    refuse_malformed: _RefuseMalformed

    def __call__(self) -> web.RequestHandler:
        """Return the protocol of a new connection."""
        connection = _Connection(self, loop=asyncio.get_running_loop(), **self._kwargs)
        connection.refuse_malformed = self.refuse_malformed
        return connection


class _Connection(web.RequestHandler):
    __slots__ = ("refuse_malformed",)

    refuse_malformed: _RefuseMalformed

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """Answer bytes that are not HTTP; a message from aiohttp says what is wrong."""
        if request.writer.output_size > 0:
            raise ConnectionError("the answer has begun already, no other can be sent")
        response = self.refuse_malformed(
            request, exc if status >= 500 else None, message or "malformed"
        )
        response.force_close()
        return response


def _response(code: int, encoding: Encoding, body: bytes) -> web.Response:
    return web.Response(
        status=code, body=body, headers=CIMultiDict({"Content-Type": encoding.media_type})
    )


def _error_response(error: RequestError, encoding: Encoding, retry_delay_s: float) -> web.Response:
    body = encoding.encode(error_status(error, retry_delay_s))
    response = _response(error.condition.http, encoding, body)
    response.headers.update(error.headers)
    return response


def _malformed(message: str) -> RequestError:
    """Return the answer to what is no HTTP/1.1, from what aiohttp says about it."""
    if message.startswith(_HTTP2):
        return RequestError(
            Condition.HTTP2,
            "HTTP/2 came to the port of OTLP over HTTP/1.1; send OTLP/gRPC to the gRPC port, 4317 "
            "by default",
        )
    if message.startswith(_TLS):
        return RequestError(
            Condition.TLS, "TLS came to a port that speaks plain HTTP; switch TLS off for it"
        )
    return Undecodable(f"not a valid HTTP request: {message.splitlines()[0][:200]}")


def _not_found(path: str) -> RequestError:
    signal = _OTHER_SIGNALS.get(path)
    if signal is not None:
        return RequestError(
            Condition.OTHER_SIGNAL, f"{signal} are not implemented: Spanloom takes traces"
        )
    return RequestError(
        Condition.NOT_FOUND, f"no such path: {path[:128]!r}; traces are taken at /v1/traces"
    )
