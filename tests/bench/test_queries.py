"""A wrong answer is noticed, whatever is wrong with it."""

from __future__ import annotations

import itertools
import json
from typing import NamedTuple

import pytest

from bench.expected import Dataset
from bench.mesh import SpanDraft
from bench.queries import KINDS, Question, WrongAnswer, questions
from bench.spans import build_template


class Search(NamedTuple):
    question: Question
    right: list[dict[str, object]]


@pytest.fixture(scope="module")
def data() -> Dataset:
    hour_ns = 3_600_000_000_000
    template = build_template(traces=2000, spans_per_request=512, round_ns=hour_ns, seed=3)
    return Dataset(template, seed=9, base_ns=1_800_000_000_000_000_000, rounds=2)


@pytest.fixture
def search(data: Dataset) -> Search:
    """A search by tag with more than one right answer, and these, from the store's contract."""
    question = next(each for each in questions("by tag alone", data, 1) if _right(data, each)[1:])
    return Search(question, _right(data, question))


def _right(data: Dataset, question: Question) -> list[dict[str, object]]:
    key, _, value = dict(question.parameters)["attribute"].partition("=")

    def condition(span: SpanDraft) -> bool:
        return span.attributes.get(key) == value

    return [
        {
            "trace_id": trace.trace_id,
            "span_count": len(trace.span_ids),
            "error_count": trace.error_count,
        }
        for trace in data.newest(condition, data.base_ns, data.end_ns, 20)
    ]


def encode(traces: list[dict[str, object]]) -> bytes:
    return json.dumps({"traces": traces, "next_cursor": None}).encode()


@pytest.mark.parametrize("kind", KINDS)
def test_two_hundred_distinct_questions_of_every_kind(data: Dataset, kind: str) -> None:
    asked = {
        (question.path, question.parameters)
        for question in itertools.islice(questions(kind, data, 1), 200)
    }

    assert len(asked) == 200


def test_the_right_traces_are_right(search: Search) -> None:
    search.question.verify(200, encode(search.right))


def test_a_missing_trace_is_wrong(search: Search) -> None:
    with pytest.raises(WrongAnswer, match="traces instead of"):
        search.question.verify(200, encode(search.right[:-1]))


def test_another_order_is_wrong(search: Search) -> None:
    with pytest.raises(WrongAnswer, match="place 0"):
        search.question.verify(200, encode(search.right[::-1]))


def test_a_summary_that_miscounts_spans_is_wrong(search: Search) -> None:
    miscounted = [{**search.right[0], "span_count": 1}, *search.right[1:]]

    with pytest.raises(WrongAnswer, match="place 0"):
        search.question.verify(200, encode(miscounted))


def test_another_status_is_wrong(search: Search) -> None:
    with pytest.raises(WrongAnswer, match="status 503"):
        search.question.verify(503, b"{}")


def test_a_trace_without_one_of_its_spans_is_wrong(data: Dataset) -> None:
    question = next(questions("trace by id", data, 1))
    places = range(data.trace_count)
    trace = next(t for t in map(data.trace, places) if question.path.endswith(t.trace_id))
    spans = [{"span_id": span_id} for span_id in trace.span_ids]

    question.verify(200, json.dumps({"spans": spans}).encode())
    with pytest.raises(WrongAnswer, match="instead of"):
        question.verify(200, json.dumps({"spans": spans[1:]}).encode())
