"""Are spans stored, of now, of the mesh, and do traces hold together: what the store tells."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from api.system.check import PROVIDER, SAMPLING, Check, CheckStatus
from api.system.state import FaultKind, SystemState
from api.times import format_duration
from model.summary import TraceSummary
from storage.interface import StoreState

__all__ = ["Evidence", "store_checks"]

_SECOND_NS = 1_000_000_000
_SILENT_NS = 300 * _SECOND_NS
_SLOW_NS = 30 * _SECOND_NS
_AHEAD_NS = 60 * _SECOND_NS
_SPOOL_ALMOST_FULL = 0.8
_ENOUGH_TRACES = 10
_MOSTLY = 0.9

_FORWARD = (
    "Let applications forward traceparent, tracestate and x-request-id from each request to the "
    "calls that it makes; see Propagation for which do not."
)
_GATEWAYS_ONLY = (
    "If only gateways report: inject sidecars, and put the Telemetry resource into the root "
    "namespace, so that it holds for the whole mesh."
)
_FIRST_CALLER = (
    "Who calls first does not report here: let it export too, or begin traces at the gateway."
)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the store tells of the last hour; None where it did not answer.

    Attributes:
        recent: the newest traces.
        has_proxy_spans: whether a proxy made one of the spans.
    """

    now_ns: int
    recent: Sequence[TraceSummary] | None
    has_proxy_spans: bool | None


def store_checks(state: SystemState, evidence: Evidence) -> Iterator[Check]:
    """Yield the answers in the order in which to ask."""
    yield _stored(state, evidence.now_ns)
    yield _recent(state, evidence.now_ns)
    yield _proxies(evidence)
    yield _whole_traces(evidence)


def _stored(state: SystemState, now_ns: int) -> Check:
    if state.store.state is StoreState.UNAVAILABLE:
        return Check(
            "stored",
            CheckStatus.FAILED,
            "store_unavailable",
            "The store does not answer. Spans are still taken: they wait in the spool.",
            ("Look at the database, and at Spanloom's log for what it answers.",),
        )
    receiving = state.receiving
    if receiving is None:
        return Check("stored", CheckStatus.UNKNOWN, "elsewhere", state.no_receiving)
    if any(fault.kind is FaultKind.SET_ASIDE for fault in receiving.faults):
        return Check(
            "stored",
            CheckStatus.WARNING,
            "set_aside",
            "Some records could not be stored and were set aside in files.",
            ("Report it with the log; spanloom import reads spool/set-aside/ again later.",),
        )
    oldest_ns = receiving.oldest_waiting_ns or now_ns
    used = sum(spool.used_bytes for spool in receiving.spools)
    waits = format_duration(max(0, now_ns - oldest_ns) // _SECOND_NS * _SECOND_NS)
    values = {
        "oldest_waiting": waits,
        "used_bytes": str(used),
        "max_bytes": str(receiving.spool_max_bytes),
    }
    advice = (
        "Give the store more processor, memory or disk speed; see the spool's size below.",
        "spool.max_bytes says how long an outage of the store may last.",
    )
    if used >= _SPOOL_ALMOST_FULL * receiving.spool_max_bytes:
        percent = 100 * used // receiving.spool_max_bytes
        return Check(
            "stored",
            CheckStatus.FAILED,
            "spool_almost_full",
            f"The spool is {percent} % full; when it is full, exports are refused.",
            advice,
            {**values, "percent": str(percent)},
        )
    if now_ns - oldest_ns > _SLOW_NS:
        return Check(
            "stored",
            CheckStatus.WARNING,
            "slow",
            f"The store does not keep up: accepted spans wait since {waits}.",
            advice,
            values,
        )
    return Check(
        "stored", CheckStatus.OK, "stored", "Accepted spans reach the store at once.", (), values
    )


def _recent(state: SystemState, now_ns: int) -> Check:
    stats = state.store.stats
    if stats is None:
        return Check("recent", CheckStatus.UNKNOWN, "unknown", "The store does not tell its size.")
    if stats.newest_ns is None:
        return Check(
            "recent", CheckStatus.WARNING, "no_span", "No span is stored yet.", (SAMPLING,)
        )
    age_ns = now_ns - stats.newest_ns
    ago = format_duration(abs(age_ns) // _SECOND_NS * _SECOND_NS)
    values = {"age": ago}
    if age_ns < -_AHEAD_NS:
        return Check(
            "recent",
            CheckStatus.WARNING,
            "ahead",
            f"The newest span starts {ago} in the future: a sender's clock is ahead.",
            ("Synchronise the clocks of the nodes. The service of that span says where to look.",),
            values,
        )
    if age_ns > _SILENT_NS:
        return Check(
            "recent",
            CheckStatus.WARNING,
            "silent",
            f"The newest span started {ago} ago.",
            (
                "If the mesh has traffic: the checks above say where it stops.",
                SAMPLING,
                "Spans come when they end: a long stream is reported at its end.",
            ),
            values,
        )
    return Check(
        "recent", CheckStatus.OK, "recent", f"The newest span started {ago} ago.", (), values
    )


def _proxies(evidence: Evidence) -> Check:
    if evidence.has_proxy_spans is None or not evidence.recent:
        return Check(
            "proxies", CheckStatus.UNKNOWN, "unknown", "No span of the last hour tells who made it."
        )
    if evidence.has_proxy_spans:
        return Check("proxies", CheckStatus.OK, "proxies", "Proxies of the mesh report spans.")
    return Check(
        "proxies",
        CheckStatus.WARNING,
        "applications_only",
        "In the last hour only applications reported, no proxy of a mesh.",
        (
            PROVIDER,
            "ztunnel exports no spans: in ambient mode a waypoint does.",
            "Without a mesh this is as it should be.",
        ),
    )


def _whole_traces(evidence: Evidence) -> Check:
    recent = evidence.recent
    if recent is None or len(recent) < _ENOUGH_TRACES:
        return Check(
            "whole_traces",
            CheckStatus.UNKNOWN,
            "too_few",
            f"Fewer than {_ENOUGH_TRACES} traces in the last hour: too few to tell.",
        )
    single = sum(trace.span_count == 1 for trace in recent)
    rootless = sum(trace.root_missing for trace in recent)
    values = {"traces": str(len(recent)), "single": str(single), "rootless": str(rootless)}
    if single >= _MOSTLY * len(recent):
        return Check(
            "whole_traces",
            CheckStatus.WARNING,
            "single_spans",
            f"{single} of the {len(recent)} newest traces have one span only.",
            (_FORWARD, _GATEWAYS_ONLY),
            values,
        )
    if rootless >= _MOSTLY * len(recent):
        return Check(
            "whole_traces",
            CheckStatus.WARNING,
            "rootless",
            f"{rootless} of the {len(recent)} newest traces lack the span that they began with.",
            (_FIRST_CALLER,),
            values,
        )
    return Check(
        "whole_traces", CheckStatus.OK, "whole", "Traces go on from service to service.", (), values
    )
