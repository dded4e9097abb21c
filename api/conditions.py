"""The text of one attribute condition, as the search's ``attribute`` parameter writes it.

::

    condition  = existence / comparison
    existence  = ["!"] attribute                    ; "!" asks for spans without it
    comparison = attribute operator value
    operator   = "=" / "!=" / "<" / "<=" / ">" / ">=" / "~"
    attribute  = [scope ":"] key
    scope      = "any" / "span" / "resource" / "scope" / "event" / "link"
    key        = bare / quoted
    bare       = 1*(any character but = ! < > ~ " and white space)
    quoted     = a JSON string                      ; for keys that hold those characters
    value      = *(any character)                   ; taken as it stands to the end

A first part that is one of the six words is always a scope. A key that itself begins so is
written behind its scope or quoted: ``any:event:id``, ``"event:id"``. Other colons are part of
the key: ``guid:x-request-id=…``.
"""

from __future__ import annotations

import json
import re

import msgspec

from model.query import AttributeCondition, AttributeScope, Comparison

__all__ = ["format_condition", "parse_condition"]

_SCOPE = re.compile(rf"({'|'.join(AttributeScope)}):")
_BARE_KEY = re.compile(r'[^=!<>~"\s]+')
_QUOTED_KEY = re.compile(r'"(?:[^"\\]|\\.)*"')
_OPERATORS = tuple(
    sorted(set(Comparison) - {Comparison.EXISTS, Comparison.NOT_EXISTS}, key=len, reverse=True)
)
_NEED_A_VALUE = frozenset(set(_OPERATORS) - {Comparison.EQUAL, Comparison.NOT_EQUAL})


def parse_condition(text: str) -> AttributeCondition:
    """Return the condition that ``text`` writes. Raises ValueError with a reason for people."""
    negated = text.startswith("!")
    position = 1 if negated else 0
    scope = AttributeScope.ANY
    if found := _SCOPE.match(text, position):
        scope = AttributeScope(found[1])
        position = found.end()
    key, position = _key(text, position)
    rest = text[position:]
    if not rest:
        existence = Comparison.NOT_EXISTS if negated else Comparison.EXISTS
        return AttributeCondition(key, existence, scope=scope)
    operator = next((each for each in _OPERATORS if rest.startswith(each)), None)
    if operator is None:
        raise ValueError(
            f"after the key {key!r} comes {rest[:20]!r}, which is no operator; "
            f"there are {' '.join(sorted(_OPERATORS))}"
        )
    if negated:
        raise ValueError(
            f"{text[:80]!r} negates a comparison; '!' stands before a bare key only. Write != "
            "or the opposite operator"
        )
    value = rest[len(operator) :]
    if not value and operator in _NEED_A_VALUE:
        raise ValueError(f"{text[:80]!r} has nothing to compare with after {operator.value!r}")
    return AttributeCondition(key, operator, value, scope)


def format_condition(condition: AttributeCondition) -> str:
    """Return the text of ``condition``; :func:`parse_condition` gives the condition back.

    Its ``or_absent`` has no text.
    """
    key = condition.key
    if _BARE_KEY.fullmatch(key) is None:
        key = json.dumps(key)
    elif condition.scope is AttributeScope.ANY and _SCOPE.match(key):
        key = f"{AttributeScope.ANY}:{key}"
    if condition.scope is not AttributeScope.ANY:
        key = f"{condition.scope}:{key}"
    match condition.comparison:
        case Comparison.EXISTS:
            return key
        case Comparison.NOT_EXISTS:
            return f"!{key}"
        case operator:
            return f"{key}{operator}{condition.value}"


def _key(text: str, position: int) -> tuple[str, int]:
    if text.startswith('"', position):
        quoted = _QUOTED_KEY.match(text, position)
        if quoted is None:
            raise ValueError(f"{text[:80]!r} opens a quoted key and does not close it")
        try:
            key = msgspec.json.decode(quoted[0].encode(), type=str)
        except (msgspec.DecodeError, UnicodeEncodeError) as error:
            raise ValueError(f"{quoted[0][:80]} is not a JSON string: {error}") from error
        if not key:
            raise ValueError(f"{text[:80]!r} has an empty key")
        return key, quoted.end()
    bare = _BARE_KEY.match(text, position)
    if bare is None:
        raise ValueError(
            f"{text[:80]!r} has no key before its operator"
            if text[position:]
            else f"{text[:80]!r} names no key"
        )
    return bare[0], bare.end()
