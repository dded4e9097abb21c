"""The grammar of find and hide: Kiali's, with parentheses and a few words of our own.

::

    expression = clause *("OR" clause)
    clause     = term *("AND" term)                 ; AND binds tighter
    term       = "(" expression ")" / negation term / reach / comparison / word
    negation   = "!" / "not"
    reach      = ("upstream" / "downstream") "of" value
    comparison = operand operator value
    word       = ["is" / "has"] a word such as healthy, idle, mtls
    operator   = "=" / "!=" / ">" / ">=" / "<" / "<=" / "*=" / "^=" / "$="
               / "!*=" / "!^=" / "!$=" / ["not"] ("contains" / "startswith" / "endswith")
    value      = a JSON string / text up to AND, OR, ")" or the end

Words and operands are read in any case. An expression of nodes and one of edges are joined by OR
only: nothing is a node and an edge. What an element does not tell (the latency of an edge without
any) meets no comparison but ``= NaN``.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Collection

from model.graph.filters import FocusDirection
from model.graph.operands import (
    EDGE_NUMBERS,
    EDGE_TEXTS,
    EDGE_WORDS,
    KUBERNETES_WORDS,
    NODE_NUMBERS,
    NODE_TEXTS,
    NODE_WORDS,
)
from model.graph.terms import (
    NUMBER_OPERATORS,
    TEXT_OPERATORS,
    Both,
    Either,
    Not,
    NumberTerm,
    ReachTerm,
    Subject,
    Term,
    TextTerm,
    WordTerm,
    subjects,
)

__all__ = [
    "MAX_NESTING",
    "MAX_TERMS",
    "ExpressionError",
    "parse_term",
]

MAX_TERMS = 100
"""Comparisons and words in one expression."""

MAX_NESTING = 20
"""Parentheses and negations around each other."""

_SPACE = re.compile(r"\s*")
_WORD = re.compile(r"%?[A-Za-z][A-Za-z0-9]*(?::[^\s=!<>*^$()]+)?")
_OPERATOR = re.compile(
    r"(!?\*=|!?\^=|!?\$=|!=|>=|<=|=|>|<)|(?:(not)\s+)?(contains|startswith|endswith)\b",
    re.IGNORECASE,
)
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')
_BARE = re.compile(r"(?:(?!\s+(?:and|or)\b|\s*\)).)+", re.IGNORECASE | re.DOTALL)
_NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")
_SYMBOLS = {"contains": "*=", "startswith": "^=", "endswith": "$="}
_WAYS = {"upstream": FocusDirection.UPSTREAM, "downstream": FocusDirection.DOWNSTREAM}


class ExpressionError(ValueError):
    """An expression that cannot be read.

    Attributes:
        position: of the first character that is wrong, from 0.
        hint: what to do about it; may be empty.
    """

    def __init__(self, message: str, position: int, hint: str = "") -> None:
        super().__init__(f"{message} (at character {position + 1})")
        self.position = position
        self.hint = hint


def parse_term(text: str) -> Term:
    """Return the term that ``text`` writes. Raises ExpressionError."""
    return _Parser(text).parse()


class _Parser:
    """Recursive descent over a text."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._terms = 0

    def parse(self) -> Term:
        term = self._any_of(0)
        if not self._at_end():
            raise self._error(
                f"{self._text[self._at : self._at + 20]!r} is too much",
                "join what comes after by AND or OR",
            )
        return term

    def _any_of(self, nesting: int) -> Term:
        terms = [self._all_of(nesting)]
        while self._keyword("or"):
            terms.append(self._all_of(nesting))
        return terms[0] if len(terms) == 1 else Either(tuple(terms))

    def _all_of(self, nesting: int) -> Term:
        terms = [self._one(nesting)]
        while self._keyword("and"):
            position = self._skip_space()
            terms.append(self._one(nesting))
            if len(subjects(terms[0]) | subjects(terms[-1])) > 1:
                raise ExpressionError(
                    "AND joins something about nodes with something about edges",
                    position,
                    "nothing is both; join them by OR",
                )
        return terms[0] if len(terms) == 1 else Both(tuple(terms))

    def _one(self, nesting: int) -> Term:
        position = self._skip_space()
        if nesting > MAX_NESTING:
            raise self._error(f"more than {MAX_NESTING} parentheses and negations are open")
        if self._symbol("("):
            term = self._any_of(nesting + 1)
            self._skip_space()
            if not self._symbol(")"):
                raise self._error("a closing parenthesis is missing")
            return term
        if self._symbol("!") or self._keyword("not"):
            term = self._one(nesting + 1)
            if isinstance(term, WordTerm):
                return WordTerm(term.subject, term.word, negated=not term.negated)
            if len(subjects(term)) > 1:
                raise ExpressionError(
                    "what is negated is about nodes and about edges",
                    position,
                    "negate the parts, each for itself",
                )
            return Not(term)
        self._terms += 1
        if self._terms > MAX_TERMS:
            raise self._error(f"an expression has at most {MAX_TERMS} terms")
        return self._term()

    def _term(self) -> Term:
        start = self._skip_space()
        found = _WORD.match(self._text, start)
        if found is None:
            what = repr(self._text[start : start + 20]) if start < len(self._text) else "the end"
            raise self._error(f"here is {what} where a word such as healthy or rt should be")
        word = found[0].lower()
        self._at = found.end()
        if word in ("is", "has"):
            position = self._skip_space()
            found = _WORD.match(self._text, position)
            word = found[0].lower() if found else ""
            self._at = found.end() if found else position
            return self._word(word, position)
        if word in _WAYS and self._keyword("of"):
            return ReachTerm(_WAYS[word], self._value())
        self._skip_space()
        comparison = _OPERATOR.match(self._text, self._at)
        if comparison is None:
            return self._word(word, start)
        self._at = comparison.end()
        symbol = comparison[1] or _SYMBOLS[comparison[3].lower()]
        if comparison[2]:
            symbol = f"!{symbol}"
        return self._comparison(word, start, symbol, comparison.start())

    def _word(self, word: str, position: int) -> Term:
        if word in NODE_WORDS:
            return WordTerm(Subject.NODES, word)
        if word in EDGE_WORDS:
            return WordTerm(Subject.EDGES, word)
        if word in KUBERNETES_WORDS:
            raise ExpressionError(
                f"{word} is about configuration in Kubernetes",
                position,
                "spans do not tell it; leave it out",
            )
        if word in (*NODE_TEXTS, *NODE_NUMBERS, *EDGE_TEXTS, *EDGE_NUMBERS):
            raise self._error(f"{word} needs an operator and a value", f"such as {word} = …")
        raise ExpressionError(
            f"{word or 'nothing'} is no word of this language",
            position,
            _near(word, (*NODE_WORDS, *EDGE_WORDS)),
        )

    def _comparison(self, word: str, start: int, symbol: str, at: int) -> Term:
        for subject, texts, numbers in (
            (Subject.NODES, NODE_TEXTS, NODE_NUMBERS),
            (Subject.EDGES, EDGE_TEXTS, EDGE_NUMBERS),
        ):
            if word in texts:
                if symbol.removeprefix("!") not in TEXT_OPERATORS:
                    raise ExpressionError(
                        f"{word} is a text and {symbol} compares numbers",
                        at,
                        "use = != *= ^= $=",
                    )
                negated = symbol.startswith("!")
                return TextTerm(subject, word, symbol.removeprefix("!"), negated, self._value())
            if word in numbers:
                if symbol not in NUMBER_OPERATORS:
                    raise ExpressionError(
                        f"{word} is a number and {symbol} compares texts",
                        at,
                        "use = != > >= < <=",
                    )
                return NumberTerm(subject, word, symbol, self._number(word, symbol))
        if word.startswith("label:"):
            raise ExpressionError(
                "labels are in Kubernetes", start, "spans do not tell them; use version or name"
            )
        operands = (*NODE_TEXTS, *NODE_NUMBERS, *EDGE_TEXTS, *EDGE_NUMBERS)
        raise ExpressionError(
            f"{word} is no operand of this language", start, _near(word, operands)
        )

    def _number(self, word: str, symbol: str) -> float | None:
        position = self._skip_space()
        value = self._value()
        if value.lower() == "nan" and symbol in ("=", "!="):
            return None
        if _NUMBER.fullmatch(value) is None or len(value) > 30:
            raise ExpressionError(
                f"{word} is compared with {value[:20]!r}, which is no number",
                position,
                "write a plain number, without a unit; = NaN finds what has no such traffic",
            )
        return float(value)

    def _value(self) -> str:
        start = self._skip_space()
        if self._text.startswith('"', start):
            quoted = _QUOTED.match(self._text, start)
            if quoted is None:
                raise self._error("a quoted text is not closed")
            try:
                value = json.loads(quoted[0])
            except ValueError as error:
                raise self._error(f"a quoted text is no JSON string: {error}") from error
            self._at = quoted.end()
            return str(value)
        bare = _BARE.match(self._text, start)
        if bare is None or not bare[0].strip():
            raise self._error("a value is missing", 'an empty one is written ""')
        self._at = bare.end()
        return bare[0].strip()

    def _keyword(self, word: str) -> bool:
        position = self._skip_space()
        found = _WORD.match(self._text, position)
        if found is None or found[0].lower() != word:
            return False
        self._at = found.end()
        return True

    def _symbol(self, symbol: str) -> bool:
        if not self._text.startswith(symbol, self._at):
            return False
        self._at += len(symbol)
        return True

    def _skip_space(self) -> int:
        found = _SPACE.match(self._text, self._at)
        self._at = found.end() if found else self._at
        return self._at

    def _at_end(self) -> bool:
        return self._skip_space() == len(self._text)

    def _error(self, message: str, hint: str = "") -> ExpressionError:
        return ExpressionError(message, self._at, hint)


def _near(word: str, known: Collection[str]) -> str:
    near = difflib.get_close_matches(word, known, n=1)
    listed = " ".join(sorted(known))
    return f"did you mean {near[0]}?" if near else f"there are {listed}"
