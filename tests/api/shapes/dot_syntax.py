"""Reads DOT by its grammar (graphviz.org/doc/info/lang.html), as far as quoted ids go."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_TOKEN = re.compile(
    r'\s*(?:(?P<string>"(?:[^"\\]|\\.)*")|(?P<id>[A-Za-z_][A-Za-z_0-9]*|-?[0-9]+(?:\.[0-9]*)?)'
    r"|(?P<sign>->|[{}\[\]=;,]))",
    re.DOTALL,
)
_KEYWORDS = {"graph", "digraph", "node", "edge", "subgraph", "strict"}


class DotSyntaxError(ValueError):
    """The text is no DOT."""


@dataclass
class Dot:
    """What a digraph says.

    Attributes:
        nodes: attributes by id; edges: by source and target; subgraphs: members by id.
    """

    name: str = ""
    nodes: dict[str, dict[str, str]] = field(default_factory=dict)
    edges: dict[tuple[str, str], dict[str, str]] = field(default_factory=dict)
    subgraphs: dict[str, list[str]] = field(default_factory=dict)


def parse_dot(text: str) -> Dot:
    return _Parser(text).digraph()


class _Parser:
    def __init__(self, text: str) -> None:
        self.tokens: list[tuple[str, str]] = []
        position = 0
        while text[position:].strip():
            match = _TOKEN.match(text, position)
            if match is None:
                raise DotSyntaxError(f"no token at {text[position : position + 40]!r}")
            self.tokens.append((match.lastgroup or "", match[match.lastgroup or 0]))
            position = match.end()
        self.position = 0
        self.dot = Dot()

    def digraph(self) -> Dot:
        self.take("digraph")
        self.dot.name = self.identifier()
        self.statements([])
        if self.position != len(self.tokens):
            raise DotSyntaxError("text after the graph")
        return self.dot

    def statements(self, members: list[str]) -> None:
        self.take("{")
        while not self.peek("}"):
            self.statement(members)
            if self.peek(";"):
                self.take(";")
        self.take("}")

    def statement(self, members: list[str]) -> None:
        if self.peek("subgraph"):
            self.take("subgraph")
            self.statements(self.dot.subgraphs.setdefault(self.identifier(), []))
        elif self.peek("node") or self.peek("edge"):
            self.position += 1
            self.attributes()
        else:
            name = self.identifier()
            if self.peek("="):
                self.take("=")
                self.identifier()
            elif self.peek("->"):
                self.take("->")
                target = self.identifier()
                self.dot.edges[name, target] = self.attributes()
            else:
                self.dot.nodes[name] = self.attributes()
                members.append(name)

    def attributes(self) -> dict[str, str]:
        found = {}
        self.take("[")
        while not self.peek("]"):
            key = self.identifier()
            self.take("=")
            found[key] = self.identifier()
            if self.peek(","):
                self.take(",")
        self.take("]")
        return found

    def identifier(self) -> str:
        kind, text = self.tokens[self.position]
        self.position += 1
        if kind == "string":
            return re.sub(r'\\(["\\])', r"\1", text[1:-1])
        if kind != "id" or text.lower() in _KEYWORDS:
            raise DotSyntaxError(f"{text!r} is no id")
        return text

    def peek(self, text: str) -> bool:
        return self.position < len(self.tokens) and self.tokens[self.position][1] == text

    def take(self, text: str) -> None:
        if not self.peek(text):
            raise DotSyntaxError(f"{text} expected at {self.tokens[self.position :][:3]}")
        self.position += 1
