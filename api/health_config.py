"""Settings of health: when a node or an edge counts as degraded or failing."""

from __future__ import annotations

import re
from typing import Annotated

import msgspec

from model.graph.health import HealthRule, HealthRules, Tolerance

__all__ = ["HealthConfig", "ToleranceConfig", "health_rules"]

_Percent = Annotated[float, msgspec.Meta(ge=0, le=100)]


class ToleranceConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One tolerance; see :class:`model.graph.health.Tolerance`.

    Attributes:
        code: regular expression of the code; ``X`` is any digit, ``-`` no response.
        degraded, failure: percent of the requests from which on.
        protocol, direction: regular expressions.
    """

    code: str
    degraded: _Percent
    failure: _Percent
    protocol: str = ".*"
    direction: str = ".*"

    def __post_init__(self) -> None:
        """Raise ValueError on an expression that is none."""
        for text in (self.code, self.protocol, self.direction):
            _check(text)


class HealthConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Tolerances for the nodes that fit, in the shape of Kiali's ``health_config.rate``.

    Attributes:
        namespace, kind, name: regular expressions of the nodes.
        tolerance: what holds for them; nothing else does.
    """

    tolerance: tuple[ToleranceConfig, ...]
    namespace: str = ".*"
    kind: str = ".*"
    name: str = ".*"

    def __post_init__(self) -> None:
        """Raise ValueError on an expression that is none."""
        for text in (self.namespace, self.kind, self.name):
            _check(text)


def health_rules(settings: tuple[HealthConfig, ...]) -> HealthRules:
    """Return the rules that ``settings`` say; Kiali's hold where none fits."""
    return HealthRules(
        tuple(
            HealthRule(
                tuple(
                    Tolerance(one.code, one.degraded, one.failure, one.protocol, one.direction)
                    for one in setting.tolerance
                ),
                setting.namespace,
                setting.kind,
                setting.name,
            )
            for setting in settings
        )
    )


def _check(text: str) -> None:
    try:
        re.compile(text)
    except re.error as error:
        raise ValueError(f"health: {text!r} is no regular expression: {error}") from error
