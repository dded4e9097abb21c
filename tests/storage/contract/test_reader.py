"""Reading what is not a search: traces by id, the catalogue, completion, and time limits."""

from __future__ import annotations

import pytest

from model.columns import WELL_KNOWN, ColumnType, WellKnownColumn
from model.query import AttributeCondition, AttributeScope, Comparison, TraceQuery
from model.span import Event, Link, MeshIdentity, Resource, Scope, SpanKind
from storage.interface import (
    AttributeKey,
    Operation,
    QueryTimeout,
    Service,
    StatementRefused,
    Store,
)
from tests.engines import Engine, OpenStore
from tests.storage.batches import batch_from_spans
from tests.storage.spans import START_NS, TIMEOUT_S, make_span

_MINUTE_NS = 60_000_000_000


def test_traces_that_are_not_stored_are_absent(store: Store) -> None:
    span = make_span(1, 1)
    store.writer.write(batch_from_spans([span]), [])

    ids = [span.trace_id, "e" * 32, "no trace id", span.trace_id]
    assert store.reader.get_traces(ids, timeout_s=TIMEOUT_S) == {span.trace_id: [span]}
    assert store.reader.get_traces([], timeout_s=TIMEOUT_S) == {}


def test_services_come_with_their_newest_start_to_the_minute(store: Store) -> None:
    reviews = make_span(1, 1)
    other = make_span(
        2, 2, service_name="ratings", identity=MeshIdentity("east", "prod", "ratings")
    )
    later = make_span(3, 3, start_ns=START_NS + 5 * _MINUTE_NS)
    for span in (reviews, later, other):
        store.writer.write(batch_from_spans([span]), [])

    minute_ns = START_NS - START_NS % _MINUTE_NS
    assert store.reader.services(timeout_s=TIMEOUT_S) == [
        Service("ratings", "ratings", "prod", "east", minute_ns),
        Service("reviews.default", "reviews", "default", "", minute_ns + 5 * _MINUTE_NS),
    ]


@pytest.mark.parametrize(
    "name", ["reviews", "reviews.default", "reviews.default.svc.cluster.local:9080"]
)
def test_operations_are_found_by_every_form_of_a_service_name(store: Store, name: str) -> None:
    spans = [
        make_span(1, 1, name="b", kind=SpanKind.SERVER),
        make_span(1, 2, name="b", kind=SpanKind.CLIENT),
        make_span(1, 3, name="a", kind=SpanKind.SERVER),
        make_span(1, 4, name="c", service_name="x", identity=MeshIdentity(service="x")),
    ]
    store.writer.write(batch_from_spans(spans), [])

    assert store.reader.operations(name, timeout_s=TIMEOUT_S) == [
        Operation("a", SpanKind.SERVER),
        Operation("b", SpanKind.SERVER),
        Operation("b", SpanKind.CLIENT),
    ]
    assert store.reader.operations(name, SpanKind.CLIENT, timeout_s=TIMEOUT_S) == [
        Operation("b", SpanKind.CLIENT)
    ]


def test_attribute_keys_say_where_they_occur(store: Store) -> None:
    span = make_span(
        attributes={"http.method": "GET", "custom": 1},
        events=(Event(START_NS, "e", {"custom": 1, "http.host": "h"}),),
        links=(Link("ab" * 16, "cd" * 8, attributes={"custom": 1, "http.link": "l"}),),
        resource=Resource({"custom": 2}),
        scope=Scope(attributes={"http.lib": "x"}),
    )
    store.writer.write(batch_from_spans([span]), [])

    keys = store.reader.attribute_keys
    assert keys("http", timeout_s=TIMEOUT_S) == [
        AttributeKey("http.host", AttributeScope.EVENT, indexed=False),
        AttributeKey("http.lib", AttributeScope.SCOPE, indexed=False),
        AttributeKey("http.link", AttributeScope.LINK, indexed=False),
        AttributeKey("http.method", AttributeScope.SPAN, indexed=True),
    ]
    assert [key.scope for key in keys("custom", timeout_s=TIMEOUT_S)] == [
        AttributeScope.EVENT,
        AttributeScope.LINK,
        AttributeScope.RESOURCE,
        AttributeScope.SPAN,
    ]
    assert len(keys(limit=2, timeout_s=TIMEOUT_S)) == 2


def test_attribute_values_come_most_frequent_first(store: Store) -> None:
    sent = ["200", 200, 503, "503", 503, "teapot", "4"]
    spans = [make_span(1, n, attributes={"http.status_code": v}) for n, v in enumerate(sent, 1)]
    spans.append(make_span(1, 99, resource=Resource({"http.status_code": "44"})))
    store.writer.write(batch_from_spans(spans), [])

    values = store.reader.attribute_values
    everything = values("http.response.status_code", timeout_s=TIMEOUT_S)
    assert everything == ["503", "200", "4", "44", "teapot"]
    assert values("http.status_code", "4", timeout_s=TIMEOUT_S) == ["4", "44"]
    assert values("http.status_code", "", "ratings", timeout_s=TIMEOUT_S) == []
    assert values("http.status_code", limit=1, timeout_s=TIMEOUT_S) == ["503"]


def test_a_configured_column_holds_its_keys_also_when_it_was_added_later(
    open_again: OpenStore,
) -> None:
    tenant = WellKnownColumn("tenant", ColumnType.STRING, ("tenant.id", "tenant"))
    before, after = (
        make_span(1, 1, attributes={"tenant": "a"}),
        make_span(2, 2, attributes={"tenant.id": "a"}),
    )
    store = open_again()
    store.writer.write(batch_from_spans([before]), [])
    store.close()

    store = open_again(extra_columns=(tenant,))
    store.writer.write(batch_from_spans([after], (*WELL_KNOWN, tenant)), [])

    def found(store: Store, key: str) -> list[str]:
        condition = AttributeCondition(key, Comparison.EQUAL, "a")
        query = TraceQuery(START_NS, START_NS + 10**9, attributes=(condition,))
        page = store.reader.find_traces(query, timeout_s=TIMEOUT_S)
        return [summary.trace_id[-1] for summary in page.summaries]

    assert found(store, "tenant") == found(store, "tenant.id") == ["2", "1"]
    store.close()

    # Taken out again, the column keeps its data, and its keys are two things again.
    store = open_again()
    assert found(store, "tenant") == ["1"]
    assert found(store, "tenant.id") == ["2"]
    spans = store.reader.get_traces([after.trace_id], timeout_s=TIMEOUT_S)
    assert spans == {after.trace_id: [after]}


def test_a_query_that_takes_too_long_is_cancelled(store: Store, engine: Engine) -> None:
    with pytest.raises(QueryTimeout, match=r"within 0\.05 s"):
        store.sql(engine.endless_query, limit=1, timeout_s=0.05)
    with pytest.raises(QueryTimeout):
        store.reader.get_traces(["a" * 32], timeout_s=0)

    assert store.sql("SELECT 1", limit=1, timeout_s=TIMEOUT_S).rows == ((1,),)


def test_a_user_may_ask_in_sql(store: Store) -> None:
    store.writer.write(batch_from_spans([make_span(1, 1), make_span(1, 2)]), [])

    result = store.sql(
        "SELECT trace_id, span_id FROM span_view ORDER BY span_id", limit=1, timeout_s=TIMEOUT_S
    )

    assert result.columns == ("trace_id", "span_id")
    assert result.rows == ((f"{1:032x}", f"{1:016x}"),)
    assert result.more


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM spans",
        "SELECT 1; DROP TABLE spans",
        "COPY spans TO 'spans.csv'",
        "ATTACH 'other.db'",
        "INSTALL httpfs",
        "SET threads = 1",
        "PRAGMA enable_profiling",
        "SELECT * FROM read_csv('/etc/hostname')",
        "EXPLAIN ANALYZE DELETE FROM spans",
        "SELECT nonsense",
        "",
    ],
)
def test_a_user_may_only_read(store: Store, statement: str) -> None:
    store.writer.write(batch_from_spans([make_span()]), [])

    with pytest.raises(StatementRefused):
        store.sql(statement, limit=10, timeout_s=TIMEOUT_S)

    assert store.stats().spans == 1
