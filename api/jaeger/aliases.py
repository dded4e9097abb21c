"""Services named as the client asked for them.

Kiali drops spans whose process has another name than the one that it asked for, and a mesh has
several names for one service (kiali-backend §6.1). So the proxy spans of the place that was asked
for carry the asked name; what a traced application calls itself is left alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from api.jaeger.adjust import AdjustedSpan
from api.jaeger.jaeger_model import JaegerSpan, Process, ProcessTable, to_jaeger
from model.envoy import is_proxy_span
from model.mesh import parse_service_name
from model.span import MeshIdentity, Span

__all__ = ["jaeger_spans"]


def jaeger_spans(spans: Iterable[AdjustedSpan], asked: str = "") -> Iterator[JaegerSpan]:
    """Yield the spans of a trace in Jaeger's model, with one process for each equal resource.

    Args:
        spans: of one trace.
        asked: the service that the client asked for, in any form of its name; empty for none.
    """
    sent = ProcessTable()
    alias = _Alias(asked)
    for adjusted in spans:
        process = sent.process(adjusted.span.resource)
        if asked and asked != process.service_name and alias.names(adjusted.span):
            process = alias.renamed(process)
        yield to_jaeger(adjusted, process)


class _Alias:
    """The name that was asked for, and the processes that take it."""

    def __init__(self, asked: str) -> None:
        self._asked = asked
        self._selector = parse_service_name(asked)
        self._known: dict[tuple[str, MeshIdentity], bool] = {}
        self._renamed: dict[int, tuple[Process, Process]] = {}

    def names(self, span: Span) -> bool:
        """Whether a proxy made the span for the place that was asked for."""
        place = (span.service_name, span.identity)
        known = self._known.get(place)
        if known is None:
            known = self._known[place] = self._selector.matches(*place)
        return known and is_proxy_span(span.attributes)

    def renamed(self, process: Process) -> Process:
        """Return the process with the asked name, one object for one process."""
        known = self._renamed.get(id(process))
        if known is None:
            renamed = msgspec.structs.replace(process, service_name=self._asked)
            # The process is kept, so that no other gets its id.
            known = self._renamed[id(process)] = (process, renamed)
        return known[1]
