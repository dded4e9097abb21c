"""The grammar of attribute conditions."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.conditions import format_condition, parse_condition
from model.query import AttributeCondition, AttributeScope, Comparison

C = Comparison
S = AttributeScope


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("user.id=7", AttributeCondition("user.id", C.EQUAL, "7")),
        ("user.id!=7", AttributeCondition("user.id", C.NOT_EQUAL, "7")),
        (
            "http.status_code>=500",
            AttributeCondition("http.status_code", C.GREATER_OR_EQUAL, "500"),
        ),
        ("n>5", AttributeCondition("n", C.GREATER, "5")),
        ("n<5", AttributeCondition("n", C.LESS, "5")),
        ("n<=5", AttributeCondition("n", C.LESS_OR_EQUAL, "5")),
        ("http.url~/cart?a=b", AttributeCondition("http.url", C.CONTAINS, "/cart?a=b")),
        ("error", AttributeCondition("error", C.EXISTS)),
        ("!error", AttributeCondition("error", C.NOT_EXISTS)),
        ("empty=", AttributeCondition("empty", C.EQUAL, "")),
        ("spaced= a ", AttributeCondition("spaced", C.EQUAL, " a ")),
        ("a==b", AttributeCondition("a", C.EQUAL, "=b")),
        ('quoted="x"', AttributeCondition("quoted", C.EQUAL, '"x"')),
        ("guid:x-request-id=a", AttributeCondition("guid:x-request-id", C.EQUAL, "a")),
        ("resource:k8s.pod.name=x", AttributeCondition("k8s.pod.name", C.EQUAL, "x", S.RESOURCE)),
        ("span:a", AttributeCondition("a", C.EXISTS, scope=S.SPAN)),
        ("!scope:a", AttributeCondition("a", C.NOT_EXISTS, scope=S.SCOPE)),
        ("event:a>1", AttributeCondition("a", C.GREATER, "1", S.EVENT)),
        ("link:a~b", AttributeCondition("a", C.CONTAINS, "b", S.LINK)),
        ("resource.k8s=x", AttributeCondition("resource.k8s", C.EQUAL, "x")),
        ("any:event:id=1", AttributeCondition("event:id", C.EQUAL, "1")),
        ('"event:id"=1', AttributeCondition("event:id", C.EQUAL, "1")),
        ('event:"a=b"=1', AttributeCondition("a=b", C.EQUAL, "1", S.EVENT)),
        (r'"q\"\u0041 "~x', AttributeCondition('q"A ', C.CONTAINS, "x")),
    ],
)
def test_a_condition_is_read_as_the_grammar_says(text: str, expected: AttributeCondition) -> None:
    assert expected == parse_condition(text)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("=7", "no key before its operator"),
        ("", "names no key"),
        ("!", "names no key"),
        ("resource:", "names no key"),
        ("resource:=7", "no key before its operator"),
        ("a!~b", "no operator"),
        ("a b=c", "no operator"),
        ("!a=b", "negates a comparison"),
        ("a>", "nothing to compare with"),
        ("a~", "nothing to compare with"),
        ('"a=b', "does not close it"),
        (r'"\x"=1', "not a JSON string"),
        ('""=1', "empty key"),
    ],
)
def test_what_is_no_condition_is_refused_with_a_reason(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        parse_condition(text)


_EXISTENCE = (C.EXISTS, C.NOT_EXISTS)
_TEXT = st.text(st.characters(codec="utf-8"), min_size=1)
_CONDITIONS = st.one_of(
    st.builds(
        AttributeCondition,
        key=_TEXT,
        comparison=st.sampled_from([each for each in C if each not in _EXISTENCE]),
        value=_TEXT,
        scope=st.sampled_from(S),
    ),
    st.builds(
        AttributeCondition,
        key=_TEXT | st.sampled_from(["event:id", "any:x", "a=b", "!a"]),
        comparison=st.sampled_from(_EXISTENCE),
        scope=st.sampled_from(S),
    ),
)


def _is_ambiguous(condition: AttributeCondition) -> bool:
    """``<`` before a value that begins with ``=`` reads as ``<=``."""
    return condition.comparison in (C.LESS, C.GREATER) and condition.value.startswith("=")


@given(_CONDITIONS.filter(lambda condition: not _is_ambiguous(condition)))
def test_a_written_condition_reads_back_as_itself(condition: AttributeCondition) -> None:
    assert condition == parse_condition(format_condition(condition))
