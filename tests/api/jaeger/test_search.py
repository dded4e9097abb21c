"""What a search of Jaeger's clients finds, in the real store and in the reference."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from api.jaeger.config import JaegerConfig
from api.jaeger.search import Search, trace_query
from model.span import Event, Link, MeshIdentity, Resource, Scope, SpanKind, StatusCode
from storage.interface import SpanReader
from tests.api.reference_reader import ReferenceReader
from tests.engines import ENGINES, engine_named
from tests.storage.batches import batch_from_spans
from tests.storage.spans import START_NS, TIMEOUT_S, make_span

_LATER_NS = 1_000_000_000
_EVERYTHING = Search(START_NS, START_NS + _LATER_NS)

_SPANS = [
    make_span(
        1,
        1,
        kind=SpanKind.SERVER,
        status_code=StatusCode.ERROR,
        attributes={"http.status_code": 503, "istio.cluster_id": "east", "cached": True},
        resource=Resource({"zone": "a", "host": "h"}),
        scope=Scope("envoy", "1.40", {"build": "release"}),
    ),
    make_span(
        2,
        2,
        kind=SpanKind.CLIENT,
        status_code=StatusCode.OK,
        attributes={"http.status_code": "503", "error": True, "istio.cluster_id": "west"},
        scope=Scope("envoy", "1.41"),
        duration_ns=7_000,
    ),
    make_span(
        3,
        3,
        kind=SpanKind.INTERNAL,
        attributes={"error": "true", "zone": "a", "ratio": 1.5, "big": 2**60, "resource.": "x"},
        scope=Scope("sdk", "1.40"),
    ),
    make_span(
        4,
        4,
        attributes={"error": "maybe", "span.kind": "sidecar", "span.status": "tired"},
        events=(Event(START_NS, "retry", {"reason": "reset", "host": "h"}),),
        links=(Link("ab" * 16, "cd" * 8, attributes={"why": "batch", "host": "h"}),),
    ),
    make_span(5, 5, attributes={"a": "1", "host": "h"}, name="POST /"),
    make_span(
        5,
        6,
        attributes={"b": "2"},
        service_name="ratings.default",
        identity=MeshIdentity(service="ratings", namespace="default"),
    ),
    make_span(6, 7, resource=Resource({"istio.cluster_id": "north"})),
]


@pytest.fixture(params=[*ENGINES, "reference"], scope="module")
def reader(request: pytest.FixtureRequest) -> Iterator[SpanReader]:
    if request.param == "reference":
        yield ReferenceReader(_SPANS)
        return
    with engine_named(request.param, request).place() as open_it:
        store = open_it()
        store.writer.write(batch_from_spans(_SPANS), [])
        yield store.reader


def _found(
    reader: SpanReader,
    search: Search = _EVERYTHING,
    config: JaegerConfig = JaegerConfig(),  # noqa: B008 # frozen
    **tags: str,
) -> list[int]:
    """Return the numbers of the traces found, newest first."""
    query = trace_query(replace(search, tags=tags), config)
    page = reader.find_traces(query, timeout_s=TIMEOUT_S)
    return [int(summary.trace_id, 16) for summary in page.summaries]


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("error", "true", [3, 2, 1]),
        ("error", "false", [6, 5, 4]),
        ("error", "maybe", [4]),
        ("error", "", []),
        ("span.kind", "server", [1]),
        ("span.kind", "SERVER", [1]),
        ("span.kind", "client", [2]),
        ("span.kind", "internal", [3]),
        ("span.kind", "unspecified", [6, 5, 4]),
        ("span.kind", "producer", []),
        ("span.kind", "consumer", []),
        ("span.kind", "sidecar", [4]),
        ("span.kind", "nonsense", []),
        ("span.kind", "", []),
        ("span.status", "error", [1]),
        ("span.status", "ERROR", [1]),
        ("span.status", "Ok", [2]),
        ("span.status", "unset", [6, 5, 4, 3]),
        ("span.status", "tired", [4]),
        ("span.status", "nonsense", []),
        ("scope.name", "envoy", [2, 1]),
        ("scope.name", "", [6, 5, 4]),
        ("scope.name", "Envoy", []),
        ("scope.version", "1.40", [3, 1]),
        ("scope.version", "", [6, 5, 4]),
        ("scope.version", "1.4", []),
        ("resource.zone", "a", [1]),
        ("resource.a", "1", []),
        ("resource.", "x", [3]),
    ],
)
def test_a_reserved_key_asks_for_what_it_names(
    reader: SpanReader, key: str, value: str, expected: list[int]
) -> None:
    assert expected == _found(reader, **{key: value})


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("http.status_code", "503", [2, 1]),
        ("http.status_code", "0503", []),
        ("http.status_code", "503.0", []),
        ("cached", "true", [1]),
        ("cached", "True", []),
        ("ratio", "1.5", [3]),
        ("big", str(2**60), [3]),
        ("zone", "a", [3, 1]),
        ("build", "release", [1]),
        ("reason", "reset", [4]),
        ("why", "batch", [4]),
        ("why", "reset", []),
        ("host", "h", [5, 4, 1]),
        ("unheard.of", "", []),
    ],
)
def test_a_tag_is_compared_by_text_wherever_the_span_has_it(
    reader: SpanReader, key: str, value: str, expected: list[int]
) -> None:
    assert expected == _found(reader, **{key: value})


def test_scope_name_and_version_are_of_one_scope(reader: SpanReader) -> None:
    assert [1] == _found(reader, **{"scope.name": "envoy", "scope.version": "1.40"})
    assert [] == _found(reader, **{"scope.name": "sdk", "scope.version": "1.41"})


def test_all_conditions_hold_on_one_span(reader: SpanReader) -> None:
    ratings = replace(_EVERYTHING, service="ratings")

    assert [5] == _found(reader, a="1", host="h")
    assert [] == _found(reader, a="1", b="2")
    assert [5] == _found(reader, ratings, b="2")
    assert [] == _found(reader, ratings, a="1")
    assert [] == _found(reader, replace(_EVERYTHING, operation="POST /"), b="2")
    assert [1] == _found(reader, **{"resource.zone": "a", "error": "true", "span.kind": "server"})
    assert [] == _found(reader, **{"resource.zone": "a", "span.kind": "client"})


def test_the_configured_cluster_is_that_of_spans_without_one(reader: SpanReader) -> None:
    east = JaegerConfig(cluster="east")

    assert [5, 4, 3, 1] == _found(reader, config=east, **{"istio.cluster_id": "east"})
    assert [3, 1] == _found(reader, config=east, **{"istio.cluster_id": "east", "error": "true"})
    assert [2] == _found(reader, config=east, **{"istio.cluster_id": "west"})
    assert [6] == _found(reader, config=east, **{"istio.cluster_id": "north"})
    assert [] == _found(reader, config=east, other="east")


def test_without_a_configured_cluster_only_spans_that_name_it_are_found(
    reader: SpanReader,
) -> None:
    assert [1] == _found(reader, **{"istio.cluster_id": "east"})
    assert [] == _found(reader, **{"istio.cluster_id": ""})


def test_a_search_without_a_service_finds_all_services(reader: SpanReader) -> None:
    assert [6, 5, 4, 3, 2, 1] == _found(reader)
    assert [5] == _found(reader, replace(_EVERYTHING, service="ratings.default"))


def test_an_operation_is_found_by_its_exact_name(reader: SpanReader) -> None:
    assert [5] == _found(reader, replace(_EVERYTHING, operation="POST /"))
    assert [] == _found(reader, replace(_EVERYTHING, operation="POST"))


def test_both_ends_of_the_window_are_inclusive(reader: SpanReader) -> None:
    second_ns = _SPANS[1].start_ns

    assert [2] == _found(reader, Search(second_ns, second_ns))
    assert [] == _found(reader, Search(second_ns + 1, second_ns + 1))


def test_durations_are_of_the_span_in_nanoseconds_and_inclusive(reader: SpanReader) -> None:
    assert [2] == _found(reader, replace(_EVERYTHING, min_duration_ns=7_000))
    assert [] == _found(reader, replace(_EVERYTHING, min_duration_ns=7_001))
    assert [6, 5, 4, 3, 1] == _found(reader, replace(_EVERYTHING, max_duration_ns=6_999))
    assert [2] == _found(
        reader, replace(_EVERYTHING, min_duration_ns=501, max_duration_ns=7_000), error="true"
    )


@pytest.mark.parametrize("limit", [1, 2, 3, 5])
def test_a_limit_means_the_newest_exactly(reader: SpanReader, limit: int) -> None:
    assert [6, 5, 4, 3, 2, 1][:limit] == _found(reader, replace(_EVERYTHING, limit=limit))


def test_a_limit_above_the_installations_is_taken_as_that(reader: SpanReader) -> None:
    small = JaegerConfig(default_limit=1, max_limit=2)

    assert [6, 5] == _found(reader, replace(_EVERYTHING, limit=99), small)


def test_every_span_is_either_an_error_or_not(reader: SpanReader) -> None:
    for span in _SPANS:
        only_this = Search(span.start_ns, span.start_ns)

        assert _found(reader, only_this, error="true") == (
            _found(reader, only_this) if span.is_error else []
        )
        assert _found(reader, only_this, error="false") == (
            [] if span.is_error else _found(reader, only_this)
        )
