"""The propagation doctor: ``/propagation``."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass, replace

from aiohttp import web

from api.config import ApiConfig
from api.parameters import Parameters
from api.propagation_document import (
    CONFIDENCES,
    SIGNS,
    PropagationDocument,
    propagation_document,
)
from api.queries import Deadline
from api.responses import answer
from api.search_query import WINDOW, read_window
from model.graph.place import Place
from model.mesh import ServiceSelector, parse_service_name
from model.propagation.examine import examine
from model.propagation.findings import Confidence, Finding, Report, Sign, WorkloadFigures
from model.propagation.observations import Gathering, Observations
from model.span import MeshIdentity
from storage.interface import GraphReader

__all__ = ["Propagation"]

_SECOND_NS = 1_000_000_000

# A request that began before the window may still be served when a call of it begins a trace.
_CONTEXT_NS = 10 * _SECOND_NS

# The newest spans are read first: a little at a time, and more at a time where little is stored.
_FIRST_STEP_NS = 10 * _SECOND_NS
_CHUNK_SPANS = 100_000


@dataclass(frozen=True, slots=True)
class _Filter:
    """What is answered of a report."""

    service: ServiceSelector | None
    namespace: str
    cluster: str
    signs: tuple[Sign, ...]
    confidence: Confidence

    def holds(self, place: Place) -> bool:
        """Whether a place is asked for."""
        identity = MeshIdentity(place.cluster, place.namespace, place.service)
        return (
            (self.service is None or self.service.matches(place.name, identity))
            and self.namespace in ("", place.namespace)
            and self.cluster in ("", place.cluster)
        )

    def holds_finding(self, finding: Finding) -> bool:
        """Whether a finding is asked for."""
        return (
            self.holds(finding.subject)
            and (not self.signs or finding.sign in self.signs)
            and finding.confidence >= self.confidence
        )


class Propagation:
    """Handler of the doctor.

    Args:
        reader: the store.
        config: the limits.
        now_ns: tells the time in nanoseconds since the epoch.
    """

    def __init__(self, reader: GraphReader, config: ApiConfig, now_ns: Callable[[], int]) -> None:
        self._reader = reader
        self._config = config
        self._now_ns = now_ns

    async def propagation(self, request: web.Request) -> web.StreamResponse:
        """``GET /propagation``."""
        names = (*WINDOW, "service", "namespace", "cluster", "confidence")
        parameters = Parameters(request.query, names, ("sign",))
        now_ns = self._now_ns()
        default_ns = self._config.default_window_s * _SECOND_NS
        from_ns, to_ns = read_window(parameters, now_ns, default_ns)
        wanted = _Filter(
            service=parameters.parsed("service", parse_service_name),
            namespace=parameters.text("namespace"),
            cluster=parameters.text("cluster"),
            signs=tuple(parameters.texts("sign", _sign, limit=len(SIGNS))),
            confidence=parameters.choice("confidence", CONFIDENCES) or Confidence.LOW,
        )
        settled_ns = now_ns - self._config.propagation_settle_s * _SECOND_NS

        def work(deadline: Deadline) -> PropagationDocument:
            seen, examined = self._examined(from_ns, to_ns, settled_ns, deadline)
            pods = self._reader.pods(
                max(0, from_ns - _CONTEXT_NS), to_ns, timeout_s=deadline.remaining()
            )
            report = examine(seen, pods)
            deadline.remaining()
            return propagation_document(
                _filtered(report, wanted), (from_ns, to_ns), examined, settled_ns
            )

        return await answer(request, work)

    def _examined(
        self, from_ns: int, to_ns: int, settled_ns: int, deadline: Deadline
    ) -> tuple[Observations, tuple[int, int]]:
        """Return the newest spans of the window, and the part of it that they are all spans of."""
        gathering = Gathering(settled_ns)
        first_ns = max(0, from_ns - _CONTEXT_NS)
        begin_ns, step_ns = to_ns, _FIRST_STEP_NS
        while begin_ns > first_ns:
            end_ns, begin_ns = begin_ns, max(first_ns, begin_ns - step_ns)
            before = len(gathering)
            reached_ns = self._read(gathering, begin_ns, end_ns, deadline)
            if reached_ns < end_ns:
                # A step that was not read to its end is complete up to where reading ended. As a
                # later one is complete as a whole, this one only explains that.
                whole = (begin_ns, reached_ns) if end_ns == to_ns else (end_ns, to_ns)
                examined = max(from_ns, whole[0]), max(from_ns, whole[1])
                return gathering.observations(examined[0]), examined
            if len(gathering) - before < _CHUNK_SPANS // 2:
                step_ns *= 2
        return gathering.observations(from_ns), (from_ns, to_ns)

    def _read(self, gathering: Gathering, from_ns: int, to_ns: int, deadline: Deadline) -> int:
        """Gather the spans of ``[from, to)``; return up to where, if the limit ends it."""
        chunks = self._reader.spans(
            from_ns, to_ns, timeout_s=deadline.remaining(), chunk_spans=_CHUNK_SPANS
        )
        try:
            for chunk in chunks:
                deadline.remaining()
                gathering.add(chunk)
                if len(gathering) >= self._config.max_propagation_spans:
                    return int(chunk.times_ns.max()) + 1
        finally:
            if isinstance(chunks, Generator):
                chunks.close()
        return to_ns


def _sign(text: str) -> Sign:
    if text not in SIGNS:
        raise ValueError(f"{text!r} is none of {', '.join(SIGNS)}")
    return Sign(text)


def _filtered(report: Report, wanted: _Filter) -> Report:
    def holds(figures: WorkloadFigures) -> bool:
        return wanted.holds(figures.workload)

    return replace(
        report,
        findings=tuple(filter(wanted.holds_finding, report.findings)),
        workloads=tuple(filter(holds, report.workloads)),
    )
