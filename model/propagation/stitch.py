"""Several traces of one request read as one, with the links that nobody sent marked as inferred.

Only certain and highly likely links are made: a request id that a pod took in and let out again,
or a call that began while its pod served exactly one request (rule G21: edges of the graph are
never made so).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from model.envoy import parse_node_id, parse_service_host, parse_upstream_cluster
from model.hops import Hop, hop_of, text_of
from model.hosts import without_port
from model.ids import normalise_request_id
from model.propagation.findings import Confidence
from model.span import Span
from model.trace import Trace, assemble

__all__ = ["InferredLink", "LinkSign", "Stitched", "find_links", "is_served_request", "stitch"]


class LinkSign(StrEnum):
    """What tells that one trace goes on in another."""

    REQUEST_ID = "request id"
    TIME_AND_POD = "time and pod"
    TIME_AND_PEER = "time and peer"


@dataclass(frozen=True, slots=True)
class InferredLink:
    """The trace of ``child`` goes on from ``parent``; ids of spans and of their own traces."""

    child_trace_id: str
    child_span_id: str
    parent_trace_id: str
    parent_span_id: str
    sign: LinkSign
    confidence: Confidence
    why: str


@dataclass(frozen=True, slots=True)
class Stitched:
    """Traces read as one.

    Attributes:
        trace: its id is that of the earliest of them; spans keep their ids.
        links: that were inferred, each to the root of a part.
        parts: ids of the traces in it, by their start; such as have no link are roots beside.
        left_out: ids of traces that share span ids with a part and so cannot be told from it.
    """

    trace: Trace
    links: tuple[InferredLink, ...]
    parts: tuple[str, ...]
    left_out: tuple[str, ...]


def is_served_request(span: Span) -> bool:
    """Whether ``span`` is a request that a sidecar took in."""
    return hop_of(span.attributes, span.kind) is Hop.SERVER_SIDECAR


def find_links(traces: Mapping[str, Sequence[Span]]) -> list[InferredLink]:
    """Return how the traces hang together, at most one link for each of their roots.

    A call is linked by time only if its pod served exactly one request when it began, as far as
    ``traces`` tell: they have to hold every request that was being served then.
    """
    known = _Known(traces)
    found = []
    for spans in traces.values():
        for span in spans:
            if not span.parent_span_id:
                link = known.link_above(span)
                if link is not None:
                    found.append(link)
    return sorted(found, key=lambda link: (link.child_trace_id, link.child_span_id))


class _Known:
    """Requests and calls of all traces, by what links are found by."""

    def __init__(self, traces: Mapping[str, Sequence[Span]]) -> None:
        self._served: dict[str, list[Span]] = defaultdict(list)
        self._calls: dict[str, list[Span]] = defaultdict(list)
        self._answered: set[tuple[str, str]] = set()
        self._called: set[tuple[str, str, str]] = set()
        for span in (span for spans in traces.values() for span in spans):
            if is_served_request(span):
                self._served[_node(span)].append(span)
            elif hop_of(span.attributes, span.kind) is Hop.CLIENT_SIDECAR:
                self._calls[_address(span)].append(span)
                self._called.add((span.trace_id, span.parent_span_id, span.name))
            if span.parent_span_id:
                self._answered.add((span.trace_id, span.parent_span_id))

    def link_above(self, root: Span) -> InferredLink | None:
        """Return the link of a root to the span that it belongs below; None if that is open."""
        hop = hop_of(root.attributes, root.kind)
        if hop is Hop.CLIENT_SIDECAR:
            return self._by_request_id(root) or self._by_time(root)
        return self._by_peer(root) if hop is Hop.SERVER_SIDECAR else None

    def _by_request_id(self, call: Span) -> InferredLink | None:
        request_id = _request_id(call)
        if not request_id:
            return None
        same = [
            span
            for span in self._served[_node(call)]
            if span.trace_id != call.trace_id
            and _request_id(span) == request_id
            and span.start_ns <= call.start_ns
        ]
        if not same:
            return None
        # The pod may have got the request twice: the later one is nearer.
        parent = max(same, key=lambda span: (span.start_ns, span.trace_id, span.span_id))
        return _link(
            call,
            parent,
            LinkSign.REQUEST_ID,
            Confidence.CERTAIN,
            "The pod took in a request and let out a call under one x-request-id.",
        )

    def _by_time(self, call: Span) -> InferredLink | None:
        being_served = [
            span
            for span in self._served[_node(call)]
            if span.start_ns <= call.start_ns <= span.end_ns
        ]
        if len(being_served) != 1:
            return None
        (parent,) = being_served
        if parent.trace_id == call.trace_id or call.end_ns > parent.end_ns:
            return None
        if (parent.trace_id, parent.span_id, call.name) in self._called:
            return None
        return _link(
            call,
            parent,
            LinkSign.TIME_AND_POD,
            Confidence.HIGH,
            "The pod served exactly one request while it made the call, and that request has no "
            "such call in its own trace.",
        )

    def _by_peer(self, request: Span) -> InferredLink | None:
        address = without_port(text_of(request.attributes, "peer.address"))
        calls = [
            call
            for call in (self._calls[address] if address else [])
            if call.trace_id != request.trace_id
            and (call.trace_id, call.span_id) not in self._answered
            and call.start_ns <= request.start_ns
            and request.end_ns <= call.end_ns
            and _calls_service(call, request)
        ]
        if len(calls) != 1:
            return None
        return _link(
            request,
            calls[0],
            LinkSign.TIME_AND_PEER,
            Confidence.HIGH,
            "The pod at the address that the request came from made exactly one call to this "
            "service at the time, and no span answers that call.",
        )


def stitch(
    traces: Mapping[str, Sequence[Span]],
    wanted: Sequence[str],
    *,
    adjust_clock_skew: bool = False,
) -> Stitched:
    """Read ``wanted``, and what links show to go on from them, as one trace.

    Raises ValueError if nothing is wanted.

    Args:
        traces: the wanted ones and others near by, by id.
        wanted: ids of the traces of one request; they are in it even without a link.
        adjust_clock_skew: as :func:`model.trace.assemble`.
    """
    links = {link.child_trace_id: link for link in find_links(traces)}
    members = set(wanted)
    while further := {
        child
        for child, link in links.items()
        if child not in members and link.parent_trace_id in members
    }:
        members |= further
    starts = {each: min((s.start_ns for s in traces[each]), default=0) for each in members}
    parts: list[str] = []
    left_out: list[str] = []
    taken: set[str] = set()
    for trace_id in sorted(members, key=lambda each: (starts[each], each)):
        own = {span.span_id for span in traces[trace_id]}
        if taken.isdisjoint(own):
            taken |= own
            parts.append(trace_id)
        else:
            left_out.append(trace_id)
    made = [links[each] for each in parts if each in links and links[each].parent_trace_id in parts]
    above = {(link.child_trace_id, link.child_span_id): link.parent_span_id for link in made}
    spans = [
        replace(
            span,
            trace_id=parts[0],
            parent_span_id=span.parent_span_id or above.get((trace_id, span.span_id), ""),
        )
        for trace_id in parts
        for span in traces[trace_id]
    ]
    trace = assemble(parts[0], spans, adjust_clock_skew=adjust_clock_skew)
    return Stitched(trace, tuple(made), tuple(parts), tuple(left_out))


def _link(
    child: Span, parent: Span, sign: LinkSign, confidence: Confidence, why: str
) -> InferredLink:
    return InferredLink(
        child.trace_id, child.span_id, parent.trace_id, parent.span_id, sign, confidence, why
    )


def _node(span: Span) -> str:
    return text_of(span.attributes, "node_id")


def _address(span: Span) -> str:
    node = parse_node_id(_node(span))
    return node.ip if node is not None else ""


def _request_id(span: Span) -> str:
    return normalise_request_id(text_of(span.attributes, "guid:x-request-id"))


def _calls_service(call: Span, request: Span) -> bool:
    cluster = parse_upstream_cluster(text_of(call.attributes, "upstream_cluster"))
    service = parse_service_host(cluster.host) if cluster is not None else None
    return service is not None and (service.service, service.namespace) == (
        request.identity.service,
        request.identity.namespace,
    )
