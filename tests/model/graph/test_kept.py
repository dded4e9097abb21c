"""Answers that are kept are those of the function, whatever was asked in between."""

from hypothesis import given
from hypothesis import strategies as st

from model.graph.kept import Kept


@given(st.lists(st.integers(0, 9)), st.integers(1, 4))
def test_a_kept_answer_is_the_functions_own(questions: list[int], most: int) -> None:
    kept = Kept(lambda question: question * 2, most)

    assert [question * 2 for question in questions] == [kept.to(each) for each in questions]


def test_an_equal_question_is_answered_once() -> None:
    asked: list[tuple[str, ...]] = []
    kept = Kept(asked.append, most=2)
    for word in ("a", "b", "a", "b", "a"):
        kept.to((word,))

    assert [("a",), ("b",)] == asked


def test_the_answer_that_was_not_asked_for_the_longest_goes_first() -> None:
    asked: list[str] = []
    kept = Kept(asked.append, most=2)
    for word in ("a", "b", "a", "c", "a", "b"):
        kept.to(word)

    assert ["a", "b", "c", "b"] == asked
