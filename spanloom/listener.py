"""Servers on an address or a Unix socket, for the time of a block."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path

from aiohttp import web

from api.jaeger.grpc.server import JaegerGrpcServer
from spanloom.data_dir import short_socket_path
from spanloom.endpoint import Endpoint, bound_endpoint

__all__ = ["serve_grpc_on", "serve_on", "serve_on_socket"]

_SHUTDOWN_S = 1.0


@asynccontextmanager
async def serve_on(app: web.Application, endpoint: str) -> AsyncIterator[Endpoint]:
    """Serve ``app`` on ``HOST:PORT``; yields the address. Raises AddressInUse."""
    bound = Endpoint.parse(endpoint).bind()
    with bound:
        address = bound_endpoint(bound)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=_SHUTDOWN_S)
        await runner.setup()
        try:
            await web.SockSite(runner, bound).start()
            yield address
        finally:
            await runner.cleanup()


@asynccontextmanager
async def serve_grpc_on(server: JaegerGrpcServer, endpoint: str) -> AsyncIterator[Endpoint]:
    """Run ``server`` on ``HOST:PORT``; yields the address. Raises AddressInUse."""
    # gRPC takes no socket of ours, so one that never listens keeps the port for it.
    with Endpoint.parse(endpoint).reserve() as reserved:
        address = bound_endpoint(reserved)
        await server.start(str(address), share_port=True)
        try:
            yield address
        finally:
            await server.stop(_SHUTDOWN_S)


@asynccontextmanager
async def serve_on_socket(app: web.Application, path: Path) -> AsyncIterator[None]:
    """Serve ``app`` on a Unix socket that only this user may open."""
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=_SHUTDOWN_S)
    await runner.setup()
    with ExitStack() as names:
        try:
            name = names.enter_context(short_socket_path(path))
            # The socket lies in a directory that only this user may enter.
            await web.UnixSite(runner, name).start()
            path.chmod(0o600)  # noqa: ASYNC240 - a call to the kernel that does not wait
            yield
        finally:
            await runner.cleanup()
