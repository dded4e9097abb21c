"""Warnings that a span came with: Jaeger's collectors keep them in an attribute."""

from __future__ import annotations

from model.span import Span

__all__ = ["WARNINGS_KEY", "stored_warnings"]

WARNINGS_KEY = "@jaeger@warnings"
"""The attribute, a list of texts; ``internal/jptrace/warning.go`` of Jaeger."""


def stored_warnings(span: Span) -> tuple[str, ...]:
    """Return the warnings of the attribute, in order."""
    match span.attributes.get(WARNINGS_KEY):
        case list() as texts:
            return tuple(text for text in texts if isinstance(text, str))
        case str() as text:
            return (text,)
        case _:
            return ()
