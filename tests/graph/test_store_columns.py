"""The columns that the store reads of its spans against what the spans themselves tell."""

from collections.abc import Sequence

import pytest
from hypothesis import given, settings

from model.graph.span_columns import LinkedSpan, SpanColumns, SpanLink
from model.span import Span, SpanKind
from tests.engines import Engine
from tests.graph.columns import class_of, columns_of
from tests.graph.meshes import mesh_spans, seeds
from tests.storage.batches import batch_from_spans
from tests.storage.spans import make_span, random_spans

TIMEOUT_S = 60.0
EVER = (0, 2**62)


def stored_columns(engine: Engine, spans: Sequence[Span]) -> SpanColumns:
    """Return what a new store with these spans says of them."""
    with engine.place() as open_it:
        store = open_it()
        store.writer.write(batch_from_spans(spans), [])
        (columns,) = store.graph.spans(*EVER, timeout_s=TIMEOUT_S)
    return columns


def rows_of(columns: SpanColumns) -> list[tuple[object, ...]]:
    """Return what the columns say of each span, in an order that does not depend on theirs."""
    return sorted(
        (
            (
                columns.trace_id(int(columns.trace[row])),
                int(columns.times_ns[columns.trace[row]]),
                int(columns.span_id[row]),
                int(columns.parent_id[row]) if columns.has_parent[row] else None,
                int(columns.start_ns[row]),
                int(columns.duration_ns[row]),
                (int(columns.request_bytes[row]), int(columns.response_bytes[row])),
                columns.classes[columns.span_class[row]],
                columns.peer_addresses[columns.peer_address[row]],
                columns.trace_states[columns.trace_state[row]],
                columns.request_id[row].tolist(),
                columns.links.get(row, ()),
            )
            for row in range(len(columns))
        ),
        key=repr,
    )


def linked_of(columns: SpanColumns) -> dict[SpanLink, LinkedSpan]:
    return dict(columns.linked)


@settings(max_examples=settings.default.max_examples // 8)
@given(seed=seeds)
def test_spans_come_back_in_columns_as_they_were_sent(engine: Engine, seed: int) -> None:
    spans = {
        (span.trace_id, span.span_id, span.kind, span.start_ns): span
        for span in (*mesh_spans(seed), *random_spans(seed, 100, 10, 10**9))
    }
    expected = columns_of(spans.values())

    found = stored_columns(engine, list(spans.values()))

    assert rows_of(expected) == rows_of(found)
    assert linked_of(expected) == linked_of(found)


URLS = {
    "http://api.example.com/x": "api.example.com",
    "https://user:secret@api.example.com:8443?q#f": "api.example.com:8443",
    "http://[fe80::1]:80/": "[fe80::1]:80",
    "http://[::": "[::",
    "/x": "",
    "": "",
    "/login?next=https://evil.example.com/": "",
    "api.example.com/x?next=https://evil.example.com/": "",
}


@pytest.mark.parametrize("kind", [SpanKind.CLIENT, SpanKind.SERVER])
def test_the_host_of_a_url_is_that_of_its_authority(engine: Engine, kind: SpanKind) -> None:
    spans = [
        make_span(number=number, name=url, kind=kind, attributes={"http.url": url})
        for number, url in enumerate(URLS, 1)
    ]
    expected = URLS if kind is SpanKind.CLIENT else dict.fromkeys(URLS, "")

    found = stored_columns(engine, spans)

    assert expected == {one.name: one.url_host for one in found.classes}
    assert expected == {span.name: class_of(span).url_host for span in spans}
