"""Statements: time limits, what a user's statement may leave behind, and odd text."""

from __future__ import annotations

import pytest

from model.query import AttributeCondition, AttributeScope, Comparison, TraceQuery
from model.span import Event, Link, Resource, Scope
from storage.interface import QueryTimeout, StatementRefused, Store
from tests.storage.batches import batch_from_spans
from tests.storage.graph_spans import HOUR_NS, write
from tests.storage.postgresql.conftest import Ask, Join
from tests.storage.spans import START_NS, TIMEOUT_S, make_span

_ENDLESS = "SELECT count(*) FROM generate_series(1, 10000000) a, generate_series(1, 1000000) b"


def test_a_statement_that_took_too_long_does_not_go_on_in_the_server(join: Join, ask: Ask) -> None:
    store = join()

    with pytest.raises(QueryTimeout):
        store.sql(_ENDLESS, limit=1, timeout_s=0.2)

    running = "pg_stat_activity WHERE state = 'active' AND pid <> pg_backend_pid()"
    assert [] == ask(f"SELECT query FROM {running} AND datname = current_database()")


def test_the_server_ends_what_a_process_that_is_gone_left_running(join: Join) -> None:
    store = join()

    limits = {name: _show(store, name) for name in ("statement_timeout", "tcp_keepalives_idle")}

    assert {"statement_timeout": "15min", "tcp_keepalives_idle": "10"} == limits


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT set_config('search_path', 'pg_catalog', false)",
        "SELECT set_config('statement_timeout', '1', false)",
        "SELECT set_config('default_transaction_read_only', 'off', false)",
        "SELECT pg_advisory_lock(hashtextextended('spanloom lead public', 0))",
    ],
)
def test_a_users_statement_leaves_nothing_behind(join: Join, statement: str) -> None:
    store, other = join(), join()
    write(store, make_span())
    before = _show(store, "search_path")

    store.sql(statement, limit=1, timeout_s=TIMEOUT_S)

    for _ in range(3):
        assert before == _show(store, "search_path")
        assert "15min" == _show(store, "statement_timeout")
        assert 1 == store.stats().spans
    assert other.lead()


@pytest.mark.parametrize(
    "statement",
    [
        "COMMIT",
        "SET TRANSACTION READ WRITE",
        "SELECT set_config('transaction_read_only', 'off', false)",
        "WITH gone AS (DELETE FROM spans RETURNING 1) SELECT count(*) FROM gone",
        "SELECT 1 INTO kept",
        "SELECT * FROM spans FOR UPDATE",
        "CREATE TABLE kept (number int)",
        "CREATE TEMPORARY TABLE kept (number int)",
        "DO $$ BEGIN DELETE FROM spans; END $$",
        "COPY spans TO STDOUT",
        "COPY spans TO PROGRAM 'cat'",
        "LISTEN spans",
        "VACUUM spans",
        "DISCARD ALL",
        "DECLARE all_spans CURSOR WITH HOLD FOR SELECT * FROM spans",
        "SELECT $1::int",
    ],
)
def test_a_user_may_only_read(join: Join, statement: str) -> None:
    store = join()
    write(store, make_span())

    with pytest.raises(StatementRefused):
        store.sql(statement, limit=1, timeout_s=TIMEOUT_S)

    assert (1, "on") == (store.stats().spans, _show(store, "transaction_read_only"))


def test_a_percent_sign_in_a_users_statement_is_one(join: Join) -> None:
    found = join().sql("SELECT 'a%s%%b' LIKE 'a%b'", limit=1, timeout_s=TIMEOUT_S)

    assert ((True,),) == found.rows


def test_an_answer_of_many_rows_costs_what_its_limit_costs(join: Join) -> None:
    store = join()

    found = store.sql("SELECT generate_series(1, 1000000000)", limit=2, timeout_s=TIMEOUT_S)

    assert (((1,), (2,)), True) == (found.rows, found.more)


def test_a_nul_in_what_was_sent_costs_no_more_than_itself(join: Join) -> None:
    store = join()
    span = make_span(
        name="a\0b",
        status_message="\0",
        trace_state="k=\0",
        service_name="sho\0p",
        attributes={
            "http.method": "G\0T",
            "custom": "c\0d",
            "k\0": 1,
            "list": ["\0", {"\0": "\0"}],
        },
        events=(Event(START_NS, "e\0", {"reason": "r\0"}),),
        links=(Link("ab" * 16, "cd" * 8, "s=\0", {"why": "w\0"}),),
        resource=Resource({"zone": "z\0", "z\0": 1}, 0, "https://\0"),
        scope=Scope("lib\0", "1\0", {"build": "b\0"}),
    )
    plain = make_span(2, 2, attributes={"custom": "c"})

    write(store, span, plain)

    traces = store.reader.get_traces([span.trace_id, plain.trace_id], timeout_s=TIMEOUT_S)
    (read,) = traces[span.trace_id]
    assert [plain] == traces[plain.trace_id]
    assert repr(span).replace(r"\x00", "\N{REPLACEMENT CHARACTER}") == repr(read).replace(
        r"\x00", "\N{REPLACEMENT CHARACTER}"
    )


@pytest.mark.parametrize(
    ("key", "scope"),
    [
        ("http.method", AttributeScope.SPAN),
        ("custom", AttributeScope.SPAN),
        ("list", AttributeScope.SPAN),
        ("reason", AttributeScope.EVENT),
        ("why", AttributeScope.LINK),
        ("zone", AttributeScope.RESOURCE),
        ("build", AttributeScope.SCOPE),
    ],
)
def test_searches_find_spans_with_a_nul_and_go_on_past_them(
    join: Join, key: str, scope: AttributeScope
) -> None:
    store = join()
    write(
        store,
        make_span(
            1,
            1,
            attributes={"http.method": "x\0y", "custom": "x\0y", "list": ["x\0y"]},
            events=(Event(START_NS, "e", {"reason": "x\0y"}),),
            links=(Link("ab" * 16, "cd" * 8, "", {"why": "x\0y"}),),
            resource=Resource({"zone": "x\0y"}),
            scope=Scope("lib", "1", {"build": "x\0y"}),
        ),
    )

    def found(comparison: Comparison, value: str) -> int:
        condition = AttributeCondition(key, comparison, value, scope)
        query = TraceQuery(START_NS, START_NS + HOUR_NS, attributes=(condition,))
        return len(store.reader.find_traces(query, timeout_s=TIMEOUT_S).summaries)

    assert 1 == found(Comparison.CONTAINS, "x")
    assert 1 == found(Comparison.EXISTS, "")
    assert 0 == found(Comparison.EQUAL, "nonsense")
    assert found(Comparison.EQUAL, "x\0y") in (0, 1)
    assert found(Comparison.CONTAINS, "\0") in (0, 1)


def test_texts_of_any_length_are_stored_and_rolled_up(join: Join) -> None:
    store = join()
    assert store.lead()
    # Longer than a row of an index may be, and not to be compressed.
    long = "".join(f"{number * 7919 % 99991:05}" for number in range(5000))
    span = make_span(
        name=long,
        service_name=long,
        status_message=long,
        attributes={"http.method": long, "peer.address": long, long: long},
        events=(Event(START_NS, long, {long: long}),),
        links=(Link("ab" * 16, "cd" * 8, long, {long: long}),),
        resource=Resource({long: long}),
        scope=Scope(long, long, {long: long}),
    )

    store.writer.write(batch_from_spans([span]), [])

    traces = store.reader.get_traces([span.trace_id], timeout_s=TIMEOUT_S)
    assert {span.trace_id: [span]} == traces
    assert 1 == store.roll_up(START_NS + HOUR_NS).minutes
    assert [long] == [one.name for one in store.reader.services(timeout_s=TIMEOUT_S)]
    assert [long] == [one.name for one in store.reader.operations(long, timeout_s=TIMEOUT_S)]


def _show(store: Store, name: str) -> object:
    ((value,),) = store.sql(f"SHOW {name}", limit=1, timeout_s=TIMEOUT_S).rows
    return value
