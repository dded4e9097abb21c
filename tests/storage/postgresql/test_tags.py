"""Tags of traces: what is found by them is what a full scan finds, and rare values are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from pathlib import Path

import pytest

from model.attributes import AttributeValue
from model.query import AttributeCondition, AttributeScope, Comparison, TraceQuery
from model.span import Event, Link, Resource, Scope, Span
from storage.config import RetentionConfig, StoreConfig
from storage.copy import copy_store
from storage.duckdb.store import DuckDBStore
from storage.interface import Store
from storage.matching import value_text
from storage.postgresql import tags
from storage.postgresql.store import PostgreSQLStore
from storage.postgresql.tags import TagSearch
from storage.reader import Narrowed
from storage.search import Slice
from tests.engines import open_postgresql, postgresql_config
from tests.postgresql import Databases
from tests.storage.batches import batch_from_spans
from tests.storage.brute_force import matching_traces
from tests.storage.graph_spans import HOUR_NS, MIDNIGHT_NS, write
from tests.storage.postgresql.conftest import Ask, Join
from tests.storage.spans import START_NS, TIMEOUT_S, make_span, random_spans

_DAY_NS = 24 * HOUR_NS
_EQUAL = Comparison.EQUAL

Answers = list[bool]


@pytest.fixture(autouse=True)
def narrowed(monkeypatch: pytest.MonkeyPatch) -> Answers:
    """Whether the tags narrowed each slice that they were asked about."""
    found: Answers = []
    search = TagSearch.__call__

    def spy(self: TagSearch, part: Slice, count: int | None) -> Narrowed | None:
        answer = search(self, part, count)
        found.append(answer is not None)
        return answer

    monkeypatch.setattr(TagSearch, "__call__", spy)
    return found


def _query(*conditions: AttributeCondition) -> TraceQuery:
    return TraceQuery(START_NS - _DAY_NS, START_NS + 10 * _DAY_NS, attributes=conditions)


def _traces(store: Store, *conditions: AttributeCondition) -> list[int]:
    page = store.reader.find_traces(_query(*conditions), timeout_s=TIMEOUT_S)
    return [int(summary.trace_id, 16) for summary in page.summaries]


def _others() -> list[Span]:
    attributes = {"http.method": "GET", "http.status_code": 200, "custom": "other", "error": False}
    return [make_span(n, n, attributes=attributes) for n in range(100, 120)]


_VALUES: list[tuple[str, AttributeValue, str]] = [
    ("http.method", "PATCH", "http.method"),
    ("http.method", "PUT", "http.request.method"),
    ("http.request.method", "DELETE", "http.method"),
    ("http.status_code", 503, "http.status_code"),
    ("http.status_code", "504", "http.response.status_code"),
    ("http.status_code", "0503", "http.status_code"),
    ("http.status_code", -1, "http.status_code"),
    ("http.status_code", 1.5, "http.status_code"),
    ("error", True, "error"),
    ("istio.mtls", "true", "connection.mtls"),
    ("http.method", "", "http.method"),
    ("http.url", "http://shop/" + "very/" * 2_000 + "long", "url.full"),
    ("http.url", "null\0character", "http.url"),
    ("custom", "text", "custom"),
    ("custom", "", "custom"),
    ("custom", 'é🦊"\\/\n', "custom"),
    ("custom", "null\0character", "custom"),
    ("a/b~c=d", "=text", "a/b~c=d"),
    ("custom", 7, "custom"),
    ("custom", -(1 << 63), "custom"),
    ("custom", True, "custom"),
    ("custom", 0.1, "custom"),
    ("custom", 1e300, "custom"),
    ("custom", float("nan"), "custom"),
    ("empty", None, "empty"),
    ("custom", b"\x00\xff", "custom"),
    ("custom", ["a", 1], "custom"),
    ("custom", {"k": ["é", None]}, "custom"),
    ("custom", "x" * 10_000, "custom"),
]


@pytest.fixture(scope="module")
def of_all_values(
    postgresql_databases: Databases, postgresql_template: str
) -> Iterator[PostgreSQLStore]:
    """A store with a trace for each of the values."""
    with postgresql_databases.fresh(postgresql_template) as url:
        store = open_postgresql(postgresql_config(url))
        spans = [
            make_span(n, n, attributes={key: value}) for n, (key, value, _) in enumerate(_VALUES)
        ]
        write(store, *spans, *_others())
        yield store
        store.close()


@pytest.mark.parametrize("trace", range(len(_VALUES)))
def test_a_rare_value_is_found_through_the_tags(
    of_all_values: Store, narrowed: Answers, trace: int
) -> None:
    _, value, asked_key = _VALUES[trace]

    found = _traces(of_all_values, AttributeCondition(asked_key, _EQUAL, value_text(value)))

    assert (found, narrowed) == ([trace], [True])


def test_a_value_that_no_span_has_is_not_found(join: Join, narrowed: Answers) -> None:
    store = join()
    write(store, *_others())

    assert _traces(store, AttributeCondition("custom", _EQUAL, "unknown")) == []
    assert narrowed == [True]


def test_two_values_have_to_be_those_of_one_span(join: Join, narrowed: Answers) -> None:
    store = join()
    one, other = {"custom": "a"}, {"http.method": "PATCH"}
    write(
        store,
        *(make_span(1, 1, attributes=one), make_span(1, 2, attributes=other)),
        make_span(2, 3, attributes={**one, **other}),
        *_others(),
    )

    found = _traces(
        store,
        AttributeCondition("custom", _EQUAL, "a"),
        AttributeCondition("http.method", _EQUAL, "PATCH"),
    )

    assert (found, narrowed) == ([2], [True])


def test_spans_of_a_trace_that_came_later_are_found(join: Join, narrowed: Answers) -> None:
    store = join()
    write(store, make_span(1, 1), *_others())
    write(store, make_span(1, 2, attributes={"custom": "late"}))

    assert _traces(store, AttributeCondition("custom", _EQUAL, "late")) == [1]
    assert narrowed == [True]


@pytest.mark.parametrize(
    "place",
    [
        {"events": (Event(START_NS, "e", {"custom": "rare"}),)},
        {"links": (Link("ab" * 16, "cd" * 8, "", {"custom": "rare"}),)},
        {"resource": Resource({"custom": "rare"})},
        {"scope": Scope("s", "1", {"custom": "rare"})},
    ],
    ids=lambda place: next(iter(place)),
)
def test_a_value_elsewhere_than_in_span_attributes_is_found_without_tags(
    join: Join, narrowed: Answers, place: dict[str, object]
) -> None:
    store = join()
    write(store, make_span(1, 1, **place), make_span(2, 2, attributes={"custom": "rare"}))

    everywhere = AttributeCondition("custom", _EQUAL, "rare")

    assert _traces(store, everywhere) == [2, 1]
    assert _traces(store, replace(everywhere, scope=AttributeScope.SPAN)) == [2]
    assert narrowed == [True]


@pytest.mark.parametrize(
    "condition",
    [
        AttributeCondition("custom", _EQUAL, "a", or_absent=True),
        AttributeCondition("custom", Comparison.NOT_EQUAL, "a"),
        AttributeCondition("custom", Comparison.EXISTS),
        AttributeCondition("guid:x-request-id", _EQUAL, "3f2e1d0c-aaaa-9bbb-8ccc-123456789abc"),
        AttributeCondition("response_size", _EQUAL, "1"),
    ],
    ids=str,
)
def test_what_tags_cannot_tell_is_looked_for_without_them(
    join: Join, narrowed: Answers, condition: AttributeCondition
) -> None:
    store = join()
    request_id = "3f2e1d0c-aaaa-9bbb-8ccc-123456789abc"
    attributes = {"guid:x-request-id": request_id, "response_size": 1, "custom": "a"}
    spans = [make_span(1, 1, attributes=attributes), make_span(2, 2)]
    write(store, *spans)

    page = store.reader.find_traces(_query(condition), timeout_s=TIMEOUT_S)

    assert list(page.summaries) == matching_traces(spans, _query(condition))
    assert not narrowed


def test_of_many_pieces_the_latest_are_looked_at_first(
    join: Join, narrowed: Answers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tags, "_PIECES_PER_CANDIDATE", 1)
    store = join()
    spans = [make_span(n, n, attributes={"custom": "other"}) for n in range(1, 30)]
    write(store, *spans)
    query = replace(_query(AttributeCondition("custom", _EQUAL, "other")), limit=2)

    page = store.reader.find_traces(query, timeout_s=TIMEOUT_S)

    assert list(page.summaries) == matching_traces(spans, query)[:2]
    assert narrowed == [True]


def test_pieces_that_were_left_out_are_looked_at_if_the_latest_do_not_match(
    join: Join, narrowed: Answers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tags, "_PIECES_PER_CANDIDATE", 1)
    store = join()
    names = {n: "wanted" if n < 5 else "other" for n in range(1, 30)}
    tagged = {"custom": "other"}
    spans = [make_span(n, n, name=name, attributes=tagged) for n, name in names.items()]
    write(store, *spans)
    query = replace(
        _query(AttributeCondition("custom", _EQUAL, "other")), limit=2, operation="wanted"
    )

    page = store.reader.find_traces(query, timeout_s=TIMEOUT_S)

    assert list(page.summaries) == matching_traces(spans, query)[:2]
    assert narrowed == [True, True]


def test_a_value_of_too_many_pieces_is_looked_for_without_tags(
    join: Join, narrowed: Answers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tags, "_MOST_PIECES", 19)
    store = join()
    write(store, *_others())

    assert len(_traces(store, AttributeCondition("custom", _EQUAL, "other"))) == 20
    assert narrowed == [False]


def test_a_value_that_most_spans_have_is_looked_for_without_tags(
    join: Join, narrowed: Answers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tags, "_FEW_PIECES", 0)
    store = join()
    write(store, *_others())

    assert len(_traces(store, AttributeCondition("custom", _EQUAL, "other"))) == 20
    assert not narrowed


def test_a_common_value_is_looked_for_without_tags_where_few_spans_are(
    join: Join, narrowed: Answers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tags, "_COMMON_PIECES", 0)
    store = join()
    write(store, *_others())
    condition = AttributeCondition("custom", _EQUAL, "other")

    assert len(_traces(store, condition)) == 20
    monkeypatch.setattr(tags, "_FEW_SPANS", 0)
    assert len(_traces(store, condition)) == 20

    assert narrowed == [False, True]


def test_what_is_found_by_tags_is_what_a_full_scan_finds(join: Join, narrowed: Answers) -> None:
    store = join()
    spans = random_spans(seed=3, count=300, traces=60, covers_ns=100 * 10**9)
    for first in range(0, len(spans), 100):
        store.writer.write(batch_from_spans(spans[first : first + 100]), [])
    keys = ("http.method", "http.status_code", "error", "custom", "a/b~c", "é key", "http.url")
    values = ("GET", "200", "7", "-1", "1.5", "true", "", "é", "AP8=", "1e3")

    for key, value, scope in product(keys, values, (AttributeScope.ANY, AttributeScope.SPAN)):
        query = replace(_query(AttributeCondition(key, _EQUAL, value, scope)), limit=100)
        page = store.reader.find_traces(query, timeout_s=TIMEOUT_S)
        assert list(page.summaries) == matching_traces(spans, query), (key, value, scope)
    assert narrowed.count(True) > len(keys) * len(values)


def test_traces_of_a_copied_store_are_found_without_tags(
    postgresql_url: str, tmp_path: Path, narrowed: Answers
) -> None:
    rare = {"custom": "rare"}
    source = StoreConfig(tmp_path / "spans.duckdb")
    copied = DuckDBStore(source)
    write(copied, make_span(1, 1, attributes=rare), *_others())
    copied.close()
    target = postgresql_config(postgresql_url)
    for _ in copy_store(source, target):
        pass
    store = open_postgresql(target)
    try:
        write(store, make_span(2, 2, attributes=rare))

        assert _traces(store, AttributeCondition("custom", _EQUAL, "rare")) == [2, 1]
        assert not narrowed
    finally:
        store.close()


def test_tags_are_dropped_with_their_day(join: Join, ask: Ask) -> None:
    store = join()
    assert store.lead()
    write(store, make_span(1, 1, start_ns=MIDNIGHT_NS))
    write(store, make_span(2, 2, start_ns=MIDNIGHT_NS + _DAY_NS))

    store.apply_retention(MIDNIGHT_NS + 2 * _DAY_NS + 2 * HOUR_NS, _DAY_NS, None)

    assert ask("SELECT start_ns FROM trace_tags") == [(MIDNIGHT_NS + _DAY_NS,)]
    assert ask("SELECT first_seq FROM trace_tags") == ask("SELECT first_seq FROM traces")


def test_tags_outside_of_all_days_are_deleted_with_their_spans(join: Join, ask: Ask) -> None:
    store = join(retention=RetentionConfig(max_age_ns=_DAY_NS))
    assert store.lead()
    write(store, make_span(1, 1, start_ns=5), make_span(2, 2, start_ns=MIDNIGHT_NS))
    assert len(ask("SELECT first_seq FROM trace_tags")) == 2

    store.apply_retention(MIDNIGHT_NS + HOUR_NS, _DAY_NS, None)

    assert ask("SELECT start_ns FROM trace_tags") == [(MIDNIGHT_NS,)]
