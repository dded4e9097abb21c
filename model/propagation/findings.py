"""What the doctor says: signs, findings with their evidence, and the figures of each workload."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum

from model.graph.place import Place

__all__ = [
    "Confidence",
    "Evidence",
    "Finding",
    "OperationPair",
    "Report",
    "Severity",
    "Sign",
    "WorkloadFigures",
]


class Sign(StrEnum):
    """The signs of broken propagation, as numbered in section 10 of the mesh graph's rules."""

    NEW_TRACE_WHILE_SERVING = "B1"
    REQUEST_ID_IN_SEVERAL_TRACES = "B2"
    PARENT_NEVER_ARRIVED = "B3"
    CALLER_REPORTS_NO_CALL = "B4"
    REQUEST_ID_NOT_FORWARDED = "B5"
    CALLEE_REPORTS_NOTHING = "B6"
    CALLER_DISAGREES = "B7"


class Confidence(IntEnum):
    """How sure a finding is, least first."""

    LOW = 0
    MEDIUM = 1
    HIGH = 2
    CERTAIN = 3


class Severity(IntEnum):
    """How much a finding matters, least first.

    INFO breaks nothing by itself, WARNING hides something, ERROR tears traces apart.
    """

    INFO = 0
    WARNING = 1
    ERROR = 2


@dataclass(frozen=True, slots=True)
class Evidence:
    """One case of a finding: what to open to see it; a part that there is not is empty.

    Attributes:
        trace_id, span_id: the span that shows the sign.
        request_id: its ``x-request-id``, with the digit that proxies rewrite as 0.
        other_trace_id, other_span_id: the request that it seems to belong to, or the span that
            disagrees with it.
    """

    trace_id: str
    span_id: str
    request_id: str = ""
    other_trace_id: str = ""
    other_span_id: str = ""


@dataclass(frozen=True, slots=True, order=True)
class OperationPair:
    """Headers have to get from an inbound operation to an outbound one.

    Attributes:
        inbound: operation that the workload serves; empty if that is not known.
        outbound: operation that it calls.
        calls: calls of the outbound operation that show the sign.
    """

    inbound: str
    outbound: str
    calls: int


@dataclass(frozen=True, slots=True)
class Finding:
    """One sign at one place.

    Attributes:
        subject: who has to be changed.
        peer: the other end, where the sign is about two.
        confidence: how sure it is that ``subject`` is the cause, with ``why``, a sentence.
        affected, total: spans that show the sign, of those that could.
        summary: what was seen, a sentence.
        advice: what to change, a sentence or two.
        headers: request headers that the application has to copy; empty if that is no cure.
        operations: from which inbound to which outbound operation, most calls first.
        evidence: a few cases.
    """

    sign: Sign
    subject: Place
    peer: Place | None
    severity: Severity
    confidence: Confidence
    why: str
    affected: int
    total: int
    summary: str
    advice: str
    headers: tuple[str, ...]
    operations: tuple[OperationPair, ...]
    evidence: tuple[Evidence, ...]

    @property
    def ratio(self) -> float:
        """``affected`` of ``total``, 0 to 1."""
        return self.affected / self.total if self.total else 0.0


@dataclass(frozen=True, slots=True)
class WorkloadFigures:
    """What a workload's own proxy reported in the window.

    Attributes:
        workload: whose sidecar it is.
        inbound: requests that it received, probes left out.
        outbound: requests that it sent.
        began_traces: of those sent, how many began a trace.
        began_while_serving: of these, how many while the pod served a request. Some may be
            calls that the application makes by itself; see ``confirmed`` and the findings.
        confirmed: of these, how many have the ``x-request-id`` of a request that the pod served.
        request_ids_replaced: calls within the trace of the request that they are made for, but
            with another ``x-request-id`` (the mesh then decides anew about sampling).
        orphans: spans whose parent never arrived.
    """

    workload: Place
    inbound: int
    outbound: int
    began_traces: int
    began_while_serving: int
    confirmed: int
    request_ids_replaced: int
    orphans: int


@dataclass(frozen=True, slots=True)
class Report:
    """The doctor's answer.

    Attributes:
        findings: gravest first, then surest, then most affected.
        workloads: by name.
        traces, spans: that were judged.
        reused_request_ids: request ids on several traces that begin at a gateway, or where
            nobody in the mesh can be named: clients outside reuse them.
    """

    findings: tuple[Finding, ...]
    workloads: tuple[WorkloadFigures, ...]
    traces: int
    spans: int
    reused_request_ids: int
