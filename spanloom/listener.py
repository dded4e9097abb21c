"""An aiohttp application on an address, a Unix socket, or both, for the time of a block."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path

from aiohttp import web

from spanloom.data_dir import short_socket_path
from spanloom.endpoint import Endpoint, bound_endpoint

__all__ = ["serve_on", "serve_on_socket"]

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
