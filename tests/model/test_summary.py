import random

import pytest

from model.span import SpanKind, StatusCode
from model.summary import ServiceCount, outline, summarise
from tests.model.conftest import TRACE_ID, MakeSpan


def test_a_summary_tells_the_root_the_time_and_the_services(span: MakeSpan) -> None:
    spans = [
        span(2, 1, (10, 90), service_name="reviews", status_code=StatusCode.ERROR),
        span(1, 0, (0, 100), service_name="productpage", name="/productpage"),
        span(3, 2, (20, 130), service_name="reviews"),
        span(4, 2, (20, 30), service_name="details", attributes={"error": "true"}),
    ]

    summary = summarise(TRACE_ID, map(outline, spans))

    assert summary.trace_id == TRACE_ID
    assert (summary.start_ns, summary.duration_ns) == (0, 130)
    assert (summary.root_service, summary.root_operation) == ("productpage", "/productpage")
    assert not summary.root_missing
    assert (summary.span_count, summary.error_count) == (4, 2)
    assert summary.services == (
        ServiceCount("reviews", 2, 1),
        ServiceCount("details", 1, 1),
        ServiceCount("productpage", 1, 0),
    )
    assert summary.missing_span_count == 0


def test_without_a_root_the_earliest_span_stands_for_it(span: MakeSpan) -> None:
    spans = [span(2, 9, (30, 40), name="late"), span(3, 9, (10, 20), name="early"), span(4, 8)]

    summary = summarise(TRACE_ID, map(outline, spans[:2]))

    assert summary.root_operation == "early"
    assert summary.root_missing


def test_missing_parents_are_counted_once_each(span: MakeSpan) -> None:
    spans = [span(1), span(2, 9), span(3, 9), span(4, 8), span(5, 1)]

    assert summarise(TRACE_ID, map(outline, spans)).missing_span_count == 2


def test_every_span_that_names_a_missing_parent_is_an_orphan(span: MakeSpan) -> None:
    spans = [span(1), span(2, 9), span(3, 9), span(4, 8), span(5, 1)]

    assert summarise(TRACE_ID, map(outline, spans)).orphan_span_count == 3


def test_the_two_sides_of_a_shared_id_are_one_orphan(span: MakeSpan) -> None:
    spans = [span(2, 9, kind=SpanKind.CLIENT), span(2, 9, kind=SpanKind.SERVER)]

    assert summarise(TRACE_ID, map(outline, spans)).orphan_span_count == 1


def test_of_several_roots_the_earliest_is_the_root_then_the_longest(span: MakeSpan) -> None:
    spans = [
        span(1, 0, (5, 200), name="later"),
        span(2, 0, (0, 10), name="short"),
        span(3, 0, (0, 20), name="long"),
    ]

    assert summarise(TRACE_ID, map(outline, spans)).root_operation == "long"


def test_a_span_that_names_itself_is_a_root(span: MakeSpan) -> None:
    summary = summarise(TRACE_ID, [outline(span(1, 1))])

    assert not summary.root_missing
    assert summary.missing_span_count == 0


def test_a_span_reported_twice_counts_once(span: MakeSpan) -> None:
    fine = span(1, kind=SpanKind.CLIENT)
    failed = span(1, kind=SpanKind.CLIENT, status_code=StatusCode.ERROR)

    summary = summarise(TRACE_ID, map(outline, [fine, failed, fine]))

    assert (summary.span_count, summary.error_count) == (1, 1)


def test_the_two_sides_of_a_shared_id_count_as_two(span: MakeSpan) -> None:
    spans = [span(1, kind=SpanKind.CLIENT), span(1, kind=SpanKind.SERVER)]

    assert summarise(TRACE_ID, map(outline, spans)).span_count == 2


def test_the_two_sides_of_a_shared_id_have_one_parent(span: MakeSpan) -> None:
    client = span(1, 0, (10, 90), SpanKind.CLIENT, name="client")
    server = span(1, 9, (0, 50), SpanKind.SERVER, name="server")

    named = summarise(TRACE_ID, map(outline, [server, client]))
    not_named = summarise(TRACE_ID, map(outline, [span(1, 0, (0, 50), SpanKind.SERVER), client]))

    assert (named.root_missing, named.missing_span_count) == (True, 1)
    assert (not_named.root_missing, not_named.root_operation) == (False, "client")


def test_the_order_of_the_spans_makes_no_difference(span: MakeSpan) -> None:
    spans = [
        outline(span(number % 12 + 1, number % 5, (number, 2 * number + 1), name=f"n{number}"))
        for number in range(40)
    ]
    shuffled = random.Random(7).sample(spans, len(spans))

    assert summarise(TRACE_ID, shuffled) == summarise(TRACE_ID, spans)


def test_nothing_cannot_be_summarised() -> None:
    with pytest.raises(ValueError, match="has no span"):
        summarise(TRACE_ID, [])
