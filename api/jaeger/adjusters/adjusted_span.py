"""A span on its way through the adjusters."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from model.span import Span

__all__ = ["AdjustedSpan"]


@dataclass(frozen=True, slots=True)
class AdjustedSpan:
    """A span as Jaeger shows it, and the warnings that it shows with it."""

    span: Span
    warnings: tuple[str, ...] = ()

    def having(self, span: Span) -> AdjustedSpan:
        """Return ``span`` with these warnings."""
        return AdjustedSpan(span, self.warnings)

    def warned(self, warnings: Iterable[str]) -> AdjustedSpan:
        """Return this span with further warnings; none is there twice."""
        return AdjustedSpan(self.span, tuple(dict.fromkeys((*self.warnings, *warnings))))
