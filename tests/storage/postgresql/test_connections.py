"""Connections: refused, cut and taken up again; and nobody's password anywhere."""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import unquote, urlsplit

import pytest

from storage.config import PostgreSQLConfig, StoreConfig
from storage.engines import open_store
from storage.interface import SpoolPosition, Store, StoreError, StoreState, StoreUnavailable
from storage.postgresql.store import PostgreSQLStore
from storage.writer import SQLWriter
from tests.engines import open_postgresql, postgresql_config
from tests.postgresql import PostgreSQLServer
from tests.storage.batches import batch_from_spans
from tests.storage.postgresql.conftest import Ask, Join
from tests.storage.spans import TIMEOUT_S, make_span

_SECRET = "hunter2"
_OTHERS = "pg_stat_activity WHERE application_name = 'spanloom' AND datname = current_database()"


def _cut_all(ask: Ask) -> None:
    """End every connection of the store, as a server that restarts does."""
    ended = ask(f"SELECT pg_terminate_backend(pid, 10000) FROM {_OTHERS}")
    assert ended
    assert all(found == (True,) for found in ended)


def _at(url: str, **parts: str) -> StoreConfig:
    """The settings of a store at a changed URL."""
    return postgresql_config(urlsplit(url)._replace(**parts).geturl())


def _changed(url: str, change: str) -> StoreConfig:
    server = urlsplit(url)
    name, _, host = server.netloc.rpartition("@")
    user = name.partition(":")[0]
    match change:
        case "wrong password":
            return _at(url, netloc=f"{user}:{_SECRET}@{host}")
        case "wrong password beside the URL":
            config = _at(url, netloc=f"{user}@{host}")
            assert config.postgresql is not None
            return replace(config, postgresql=replace(config.postgresql, password=_SECRET))
        case "unknown role":
            return _at(url, netloc=f"nobody_we_know:{_SECRET}@{host}")
        case "unknown host":
            return _at(url, netloc=f"{user}:{_SECRET}@no-such-host.invalid:5432")
        case "nobody listens":
            return _at(url, netloc=f"{user}:{_SECRET}@127.0.0.1:1")
        case _:
            return _at(url, path="/no_such_database")


def _told(error: BaseException) -> str:
    return "".join(traceback.format_exception(error))


_PROBLEMS = {
    "wrong password": "password authentication failed",
    "wrong password beside the URL": "password authentication failed",
    "unknown role": "nobody_we_know",
    "unknown host": "no-such-host.invalid",
    "nobody listens": "127.0.0.1.*1",
    "unknown database": "no_such_database",
}


@pytest.mark.parametrize(("change", "message"), _PROBLEMS.items(), ids=_PROBLEMS)
def test_a_database_that_cannot_be_reached_is_unavailable_and_says_why(
    url: str, change: str, message: str
) -> None:
    config = _changed(url, change)
    store = open_store(config)
    try:
        assert store.state() is StoreState.UNAVAILABLE
        for use in (
            lambda: store.writer.write(batch_from_spans([make_span()]), []),
            lambda: store.reader.services(timeout_s=TIMEOUT_S),
            lambda: store.graph.edges(0, 1, timeout_s=TIMEOUT_S),
            store.lead,
            store.stats,
        ):
            with pytest.raises(StoreUnavailable, match=message) as raised:
                use()
            assert _SECRET not in _told(raised.value)
    finally:
        store.close()

    with pytest.raises(StoreUnavailable, match=message) as raised:
        open_store(config, read_only=True)
    assert _SECRET not in _told(raised.value)


@pytest.mark.parametrize(
    "url",
    [
        f"postgresql://user:{_SECRET}@host:port/database",
        f"postgresql://user:{_SECRET}@[::1/database",
        f"postgresql://user:{_SECRET}@127.0.0.1/database?sslmode=nonsense",
        f"postgresql://user:{_SECRET}@127.0.0.1/database?no_such_option={_SECRET}",
    ],
)
def test_a_url_that_is_none_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(StoreError) as raised:
        open_store(postgresql_config(url), read_only=True)

    assert _SECRET not in _told(raised.value)


def test_the_password_may_be_given_beside_the_url(url: str) -> None:
    server = urlsplit(url)
    assert server.username is not None
    if server.password is None:
        pytest.skip("the server of SPANLOOM_TEST_POSTGRESQL asks for no password")
    bare = url.replace(f":{server.password}@", "@")
    postgresql = PostgreSQLConfig(bare, password=unquote(server.password))
    store = open_store(replace(postgresql_config(bare), postgresql=postgresql))

    assert store.state() is StoreState.OK
    store.close()


def test_a_store_goes_on_when_its_connections_were_cut(join: Join, ask: Ask) -> None:
    store = join()
    assert store.lead()
    for number in range(1, 4):
        span = make_span(number, number)
        store.writer.write(batch_from_spans([span]), [SpoolPosition("a", number)])
        traces = store.reader.get_traces([span.trace_id], timeout_s=TIMEOUT_S)
        assert traces == {span.trace_id: [span]}
        _cut_all(ask)

    assert store.state() is StoreState.OK
    assert store.stats().spans == 3
    assert store.writer.positions() == {"a": 3}
    assert store.lead()


def test_a_write_that_is_cut_stores_nothing_and_may_be_done_again(
    join: Join, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = join()
    batch = batch_from_spans([make_span(1, 1), make_span(2, 2)])
    write_positions = SQLWriter._write_positions

    def cut(*arguments: object) -> None:
        _cut_all(ask)
        write_positions(*arguments)  # type: ignore[arg-type]  # as it was called

    with monkeypatch.context() as patch:
        patch.setattr(SQLWriter, "_write_positions", cut)
        with pytest.raises(StoreUnavailable):
            store.writer.write(batch, [SpoolPosition("a", 2)])

    assert (0, {}) == (store.stats().spans, store.writer.positions())
    assert 2 == store.writer.write(batch, [SpoolPosition("a", 2)]).written
    assert (2, {"a": 2}) == (store.stats().spans, store.writer.positions())


@pytest.fixture(scope="module")
def server() -> Iterator[PostgreSQLServer]:
    """One that may be stopped; it waits for its disk."""
    with PostgreSQLServer() as server:
        yield server


def test_the_role_needs_no_more_than_its_database(server: PostgreSQLServer) -> None:
    with server.databases.fresh() as url:
        store = open_postgresql(postgresql_config(url))
        _write(store, 1)

        superuser = "SELECT rolsuper FROM pg_roles WHERE rolname = current_user"
        extensions = "SELECT count(*) FROM pg_extension WHERE extname <> 'plpgsql'"
        for statement, found in ((superuser, False), (extensions, 0)):
            assert ((found,),) == store.sql(statement, limit=1, timeout_s=TIMEOUT_S).rows
        store.close()


@pytest.mark.parametrize("way", ["stop", "kill"])
def test_what_was_written_is_there_after_the_server_was_away(
    server: PostgreSQLServer, way: str
) -> None:
    with server.databases.fresh() as url:
        store = open_postgresql(postgresql_config(url))
        _write(store, 1)
        _take_away(server, way)

        assert store.state() is StoreState.UNAVAILABLE
        for use in (lambda: _write(store, 2), store.stats, store.lead, store.writer.positions):
            with pytest.raises(StoreUnavailable):
                use()
        server.start()

        _write(store, 2)
        assert store.lead()
        assert (2, {"a": 2}) == (store.stats().spans, store.writer.positions())
        store.close()


def test_a_store_that_was_opened_while_the_server_was_away_heals(
    server: PostgreSQLServer,
) -> None:
    with server.databases.fresh() as url:
        server.stop()
        store = open_postgresql(postgresql_config(url))
        with pytest.raises(StoreUnavailable):
            _write(store, 1)
        server.start()

        _write(store, 1)

        assert (StoreState.OK, 1) == (store.state(), store.stats().spans)
        store.close()


def _take_away(server: PostgreSQLServer, way: str) -> None:
    if way == "kill":
        server.kill()
    else:
        server.stop()


def _write(store: Store, number: int) -> None:
    batch = batch_from_spans([make_span(number, number)])
    store.writer.write(batch, [SpoolPosition("a", number)])


def test_a_closed_store_leaves_no_connection(join: Join, ask: Ask) -> None:
    store: PostgreSQLStore = join()
    assert store.lead()
    _write(store, 1)
    store.reader.services(timeout_s=TIMEOUT_S)
    assert ask(f"SELECT 1 FROM {_OTHERS}")

    store.close()

    while ask(f"SELECT 1 FROM {_OTHERS}"):
        pass  # a backend ends a moment after its client
