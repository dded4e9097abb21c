"""Reads configuration files: YAML 1.2 with environment substitution.

Follows the OpenTelemetry configuration data model: ``${NAME}``, ``${env:NAME}`` and
``${env:NAME:-default}`` are replaced in scalar values, before their type is decided, and never
in keys; ``$$`` is a literal ``$`` and a naked ``$NAME`` stays as it is. PyYAML knows YAML 1.1
only, so the types of plain scalars are decided here, by YAML 1.2's core schema (``no`` and
``12:30`` are strings).
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

import yaml

__all__ = ["YamlError", "YamlReader", "YamlValue", "type_plain"]

YamlValue: TypeAlias = "str | bool | int | float | list[YamlValue] | dict[str, YamlValue] | None"

_SUBSTITUTION = re.compile(
    r"\$\$|\$\{(?:(?P<scheme>[a-z]+):)?(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?::-(?P<default>[^}]*))?\}"
    r"|(?P<bad>\$\{[^}]*\}?)"
)
_NULL = re.compile(r"~|null|Null|NULL|")
_BOOL = re.compile(r"true|True|TRUE|false|False|FALSE")
_INT = re.compile(r"[-+]?[0-9]+")
_OCTAL = re.compile(r"0o[0-7]+")
_HEX = re.compile(r"0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_INFINITY = re.compile(r"([-+]?)\.(inf|Inf|INF)")
_NAN = re.compile(r"\.(nan|NaN|NAN)")
_MAX_DEPTH = 50


class YamlError(ValueError):
    """The text is not the YAML that we accept; the message has its line."""


@dataclass(slots=True)
class YamlReader:
    """Reads YAML text, taking variables from ``environment``.

    Attributes:
        environment: what ``${NAME}`` is replaced from.
        unset: names that were asked for, are not set and have no default (they became empty).
    """

    environment: Mapping[str, str]
    unset: list[str] = field(default_factory=list)

    def read(self, text: str, name: str = "<text>") -> YamlValue:
        """Return the value of the one document in ``text``; None if it is empty.

        Raises YamlError with ``name`` and the line of the fault.
        """
        try:
            node = yaml.compose(text, Loader=yaml.SafeLoader)
        except yaml.YAMLError as error:
            raise YamlError(f"{name}: {_described(error)}") from error
        try:
            return None if node is None else self._value(node)
        except YamlError as error:
            raise YamlError(f"{name}: {error}") from error

    def _value(self, node: yaml.Node, depth: int = 0) -> YamlValue:
        line = node.start_mark.line + 1
        if depth > _MAX_DEPTH:  # an alias may contain itself
            raise YamlError(f"line {line}: nested deeper than {_MAX_DEPTH} levels")
        if node.tag.startswith("!") and node.tag != "!":
            raise YamlError(f"line {line}: the tag {node.tag} is not supported")
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, depth)
        if isinstance(node, yaml.SequenceNode):
            return [self._value(item, depth + 1) for item in node.value]
        assert isinstance(node, yaml.ScalarNode)
        text = self._substituted(node)
        return type_plain(text) if node.style is None else text

    def _mapping(self, node: yaml.MappingNode, depth: int) -> dict[str, YamlValue]:
        found: dict[str, YamlValue] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                raise YamlError(f"line {key_node.start_mark.line + 1}: a key must be plain text")
            key = str(key_node.value)
            if key in found:
                raise YamlError(f"line {key_node.start_mark.line + 1}: {key!r} is given twice")
            found[key] = self._value(value_node, depth + 1)
        return found

    def _substituted(self, node: yaml.ScalarNode) -> str:
        def replacement(found: re.Match[str]) -> str:
            if found[0] == "$$":
                return "$"
            if found["bad"] is not None or found["scheme"] not in (None, "env"):
                raise YamlError(
                    f"line {node.start_mark.line + 1}: {found[0]!r} is no substitution; write "
                    "${NAME}, ${env:NAME} or ${env:NAME:-default}, and $$ for a plain $"
                )
            value = self.environment.get(found["name"], "")
            if value == "" and found["default"] is not None:
                return found["default"]
            if found["name"] not in self.environment:
                self.unset.append(found["name"])
            return value

        return _SUBSTITUTION.sub(replacement, str(node.value))


def type_plain(text: str) -> YamlValue:
    """Decide the type of a plain scalar by the core schema (YAML 1.2.2, section 10.3.2)."""
    value: YamlValue = text
    if _NULL.fullmatch(text):
        value = None
    elif _BOOL.fullmatch(text):
        value = text.lower() == "true"
    elif _INT.fullmatch(text):
        value = int(text)
    elif _OCTAL.fullmatch(text) or _HEX.fullmatch(text):
        value = int(text, 0)
    elif _FLOAT.fullmatch(text):
        value = float(text)
    elif sign := _INFINITY.fullmatch(text):
        value = -math.inf if sign[1] == "-" else math.inf
    elif _NAN.fullmatch(text):
        value = math.nan
    return value


def _described(error: yaml.YAMLError) -> str:
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark is not None:
        return f"line {error.problem_mark.line + 1}: {error.problem}"
    return str(error)
