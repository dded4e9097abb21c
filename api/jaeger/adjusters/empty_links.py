"""Seventh adjuster: links to nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from api.jaeger.adjusters.adjusted_span import AdjustedSpan

__all__ = ["without_empty_links"]

_WARNING = "Invalid span link removed"


def without_empty_links(spans: Sequence[AdjustedSpan]) -> list[AdjustedSpan]:
    """Drop links without a trace id, with a warning."""
    return [_without(each) if each.span.links else each for each in spans]


def _without(adjusted: AdjustedSpan) -> AdjustedSpan:
    links = tuple(link for link in adjusted.span.links if link.trace_id.strip("0"))
    if len(links) == len(adjusted.span.links):
        return adjusted
    return adjusted.having(replace(adjusted.span, links=links)).warned((_WARNING,))
