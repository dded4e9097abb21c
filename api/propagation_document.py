"""The JSON document of the propagation doctor, as ``openapi.yaml`` declares it."""

from __future__ import annotations

import msgspec

from api.times import format_time
from model.graph.place import Place
from model.propagation.findings import (
    Confidence,
    Evidence,
    Finding,
    Report,
    Severity,
    Sign,
    WorkloadFigures,
)

__all__ = [
    "CONFIDENCES",
    "SEVERITIES",
    "SIGNS",
    "PropagationDocument",
    "propagation_document",
]

CONFIDENCES = {confidence.name.lower(): confidence for confidence in Confidence}
"""The words for confidence in requests and answers, least first."""

SEVERITIES = {severity.name.lower(): severity for severity in Severity}
"""The words for severity in answers, least first."""

_MOST_OPERATIONS = 20

SIGNS = tuple(sign.value for sign in Sign)
"""The words for signs in requests and answers."""


class PlaceDocument(msgspec.Struct, frozen=True):
    """A workload, gateway, service or host."""

    kind: str
    cluster: str
    namespace: str
    service: str
    version: str
    workload: str
    name: str


class EvidenceDocument(msgspec.Struct, frozen=True):
    """One case."""

    trace_id: str
    span_id: str
    x_request_id: str
    other_trace_id: str
    other_span_id: str


class OperationPairDocument(msgspec.Struct, frozen=True):
    """From which inbound to which outbound operation."""

    inbound: str
    outbound: str
    calls: int


class FindingDocument(msgspec.Struct, frozen=True):
    """One sign at one place."""

    sign: str
    subject: PlaceDocument
    peer: PlaceDocument | None
    severity: str
    confidence: str
    why: str
    affected: int
    total: int
    ratio: float
    summary: str
    advice: str
    headers: list[str]
    operations: list[OperationPairDocument]
    evidence: list[EvidenceDocument]


class WorkloadFiguresDocument(msgspec.Struct, frozen=True):
    """What a workload's own proxy reported."""

    workload: PlaceDocument
    inbound_requests: int
    outbound_calls: int
    began_traces: int
    began_while_serving: int
    confirmed_by_request_id: int
    request_ids_replaced: int
    orphans: int


class PropagationDocument(msgspec.Struct, frozen=True):
    """Answer of ``/propagation``."""

    from_time: str
    from_time_unix_nano: str
    to_time: str
    to_time_unix_nano: str
    examined_from_time: str
    examined_from_time_unix_nano: str
    examined_to_time: str
    examined_to_time_unix_nano: str
    settled_time: str
    settled_time_unix_nano: str
    truncated: bool
    trace_count: int
    span_count: int
    reused_request_ids: int
    findings: list[FindingDocument]
    workloads: list[WorkloadFiguresDocument]


def propagation_document(
    report: Report, window: tuple[int, int], examined: tuple[int, int], settled_ns: int
) -> PropagationDocument:
    """Encode a report.

    Args:
        report: to encode.
        window: that was asked for.
        examined: the part of it that the report is about.
        settled_ns: until when missing spans count as missing.
    """
    settled_ns = max(0, settled_ns)
    return PropagationDocument(
        from_time=format_time(window[0]),
        from_time_unix_nano=str(window[0]),
        to_time=format_time(window[1]),
        to_time_unix_nano=str(window[1]),
        examined_from_time=format_time(examined[0]),
        examined_from_time_unix_nano=str(examined[0]),
        examined_to_time=format_time(examined[1]),
        examined_to_time_unix_nano=str(examined[1]),
        settled_time=format_time(settled_ns),
        settled_time_unix_nano=str(settled_ns),
        truncated=examined != window,
        trace_count=report.traces,
        span_count=report.spans,
        reused_request_ids=report.reused_request_ids,
        findings=[_finding(finding) for finding in report.findings],
        workloads=[_figures(figures) for figures in report.workloads],
    )


def _finding(finding: Finding) -> FindingDocument:
    return FindingDocument(
        sign=finding.sign.value,
        subject=_place(finding.subject),
        peer=None if finding.peer is None else _place(finding.peer),
        severity=finding.severity.name.lower(),
        confidence=finding.confidence.name.lower(),
        why=finding.why,
        affected=finding.affected,
        total=finding.total,
        ratio=finding.ratio,
        summary=finding.summary,
        advice=finding.advice,
        headers=list(finding.headers),
        operations=[
            OperationPairDocument(pair.inbound, pair.outbound, pair.calls)
            for pair in finding.operations[:_MOST_OPERATIONS]
        ],
        evidence=[_evidence(case) for case in finding.evidence],
    )


def _place(place: Place) -> PlaceDocument:
    return PlaceDocument(
        place.kind.value,
        place.cluster,
        place.namespace,
        place.service,
        place.version,
        place.workload,
        place.name,
    )


def _evidence(case: Evidence) -> EvidenceDocument:
    return EvidenceDocument(
        case.trace_id, case.span_id, case.request_id, case.other_trace_id, case.other_span_id
    )


def _figures(figures: WorkloadFigures) -> WorkloadFiguresDocument:
    return WorkloadFiguresDocument(
        workload=_place(figures.workload),
        inbound_requests=figures.inbound,
        outbound_calls=figures.outbound,
        began_traces=figures.began_traces,
        began_while_serving=figures.began_while_serving,
        confirmed_by_request_id=figures.confirmed,
        request_ids_replaced=figures.request_ids_replaced,
        orphans=figures.orphans,
    )
