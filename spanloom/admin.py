"""The service's door for this machine's command line: a Unix socket in the data directory.

``GET /addresses`` tells what the service listens on, ``POST /sql`` runs a read-only statement
(DuckDB lets one process open its file, so a command has to ask that one), and ``/query`` is the
query API. A command that is told of a database asks it without the service.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeAlias
from urllib.parse import quote

import aiohttp
import msgspec
from aiohttp import web

from api.app import API_PREFIX, create_app
from spanloom.config import Config
from spanloom.data_dir import DataDir, short_socket_path
from spanloom.listener import serve_on_socket
from storage.engines import open_store
from storage.interface import QueryTimeout, Store, StoreError, StoreUnavailable

__all__ = ["Admin", "AdminError", "SqlQuestion", "SqlTable", "admin_app", "fetch_trace", "reach"]

_ORIGIN = "http://spanloom"  # a Unix socket has no host, HTTP wants one
_TIMEOUT = aiohttp.ClientTimeout(total=None, sock_connect=5)
_STATUS = {QueryTimeout: 504, StoreUnavailable: 503}


SqlValue: TypeAlias = str | int | float | bool | None


class AdminError(Exception):
    """The service, or the store in its place, cannot answer; the message says why."""


class SqlQuestion(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The body of ``POST /sql``."""

    statement: str
    max_rows: int
    timeout_s: float


class SqlTable(msgspec.Struct, frozen=True):
    """The answer; what JSON has no type for is text (bytes as hex)."""

    columns: list[str]
    rows: list[list[SqlValue]]
    truncated: bool


def admin_app(
    store: Store, config: Config, addresses: Callable[[], Mapping[str, str]]
) -> web.Application:
    """Return the application behind the socket."""

    async def tell_addresses(_: web.Request) -> web.Response:
        return web.json_response(dict(addresses()))

    async def sql(request: web.Request) -> web.Response:
        question = msgspec.json.decode(await request.read(), type=SqlQuestion)
        try:
            result = await asyncio.to_thread(
                store.sql,
                question.statement,
                limit=question.max_rows,
                timeout_s=question.timeout_s,
            )
        except StoreError as error:
            return web.json_response({"error": str(error)}, status=_STATUS.get(type(error), 400))
        rows = [[_cell(value) for value in row] for row in result.rows]
        table = SqlTable(list(result.columns), rows, truncated=result.more)
        return web.Response(body=msgspec.json.encode(table), content_type="application/json")

    app = web.Application()
    app.add_routes([web.get("/addresses", tell_addresses), web.post("/sql", sql)])
    jaeger = msgspec.structs.replace(config.query.jaeger, ui="")  # it may lie on another machine
    query = msgspec.structs.replace(config.query, jaeger=jaeger)
    app.add_subapp("/query", create_app(query, store.reader, store.graph))
    return app


@dataclass(frozen=True, slots=True)
class Admin:
    """A client of the socket. All methods raise AdminError."""

    session: aiohttp.ClientSession

    async def addresses(self) -> dict[str, str]:
        """Return what the service listens on; empty if none runs."""
        body = await _answer(self.session.get(f"{_ORIGIN}/addresses"))
        return msgspec.json.decode(body, type=dict[str, str])

    async def sql(self, statement: str, *, max_rows: int, timeout_s: float) -> SqlTable:
        """Run a read-only statement."""
        question = SqlQuestion(statement, max_rows, timeout_s)
        answer = self.session.post(f"{_ORIGIN}/sql", data=msgspec.json.encode(question))
        return msgspec.json.decode(await _answer(answer), type=SqlTable)

    async def trace(self, trace_id: str) -> bytes:
        """Return the query API's document of a trace."""
        return await _answer(self.session.get(_trace_url(f"{_ORIGIN}/query", trace_id)))


async def fetch_trace(url: str, trace_id: str) -> bytes:
    """Return the document of a trace from the query API at ``url``. Raises AdminError."""
    async with aiohttp.ClientSession(timeout=_TIMEOUT) as session:
        return await _answer(session.get(_trace_url(url, trace_id)))


def _trace_url(base: str, trace_id: str) -> str:
    return f"{base.rstrip('/')}{API_PREFIX}/traces/{quote(trace_id, safe='')}"


async def _answer(request: AbstractAsyncContextManager[aiohttp.ClientResponse]) -> bytes:
    try:
        async with request as response:
            body = await response.read()
    except (aiohttp.ClientError, OSError, ValueError) as error:
        raise AdminError(f"the service does not answer: {error}") from error
    if response.status != 200:
        raise AdminError(_error_text(body))
    return body


@contextlib.asynccontextmanager
async def reach(config: Config, *, stand_in: bool = True) -> AsyncIterator[Admin]:
    """Yield a client of what answers for the store.

    That is the service on the data directory. With ``stand_in`` it is this process if the
    configuration names a database, or if no service runs.

    Raises AdminError.
    """
    data = DataDir(config.data_path)
    async with contextlib.AsyncExitStack() as parts:
        if stand_in and (config.store.url or not _answers(data.admin_socket)):
            path = await _stand_in(config, data, parts)
        elif _answers(data.admin_socket):
            path = data.admin_socket
        else:
            raise AdminError(f"no service runs on {data.path}: start one by `spanloom serve`")
        connector = aiohttp.UnixConnector(parts.enter_context(short_socket_path(path)))
        session = aiohttp.ClientSession(connector=connector, timeout=_TIMEOUT)
        yield Admin(await parts.enter_async_context(session))


def _answers(path: Path) -> bool:
    try:
        with short_socket_path(path) as name, socket.socket(socket.AF_UNIX) as probe:
            probe.connect(name)
    except OSError:
        return False  # none there, or left by a service that was killed
    return True


async def _stand_in(config: Config, data: DataDir, parts: contextlib.AsyncExitStack) -> Path:
    """Answer from the store in place of the service, for the time of a command."""
    settings = config.store_config(data.store)
    if settings.postgresql is None and not settings.path.exists():
        raise AdminError(
            f"no service runs on {data.path} and it holds no store yet; name the directory by "
            "--data-dir, a database by --store, or start the service"
        )
    try:
        store = await asyncio.to_thread(open_store, settings, read_only=True)
    except StoreError as error:
        raise AdminError(str(error)) from error
    parts.push_async_callback(asyncio.to_thread, store.close)
    path = Path(parts.enter_context(TemporaryDirectory(prefix="spanloom-"))) / "admin.sock"
    await parts.enter_async_context(serve_on_socket(admin_app(store, config, dict), path))
    return path


def _cell(value: object) -> SqlValue:
    match value:
        case None | str() | bool() | int() | float():
            return value
        case bytes():
            return value.hex()
        case Decimal():  # sums and averages of PostgreSQL
            whole = value.is_finite() and value == value.to_integral_value()
            return int(value) if whole else float(value)
        case list() | dict() | tuple():
            return msgspec.json.encode(value, enc_hook=str).decode()
    return str(value)


class _ErrorBody(msgspec.Struct, frozen=True):
    """Ours is text; the query API's is an object with a message."""

    error: str | dict[str, object]


def _error_text(body: bytes) -> str:
    try:
        error = msgspec.json.decode(body, type=_ErrorBody).error
    except (msgspec.DecodeError, msgspec.ValidationError):
        return body.decode("utf-8", "replace")
    return error if isinstance(error, str) else str(error.get("message", error))
