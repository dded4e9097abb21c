"""A whole Bookinfo request, assembled and compared with ``golden/bookinfo.txt``.

The golden file is what :func:`render` prints. To take in an intended change, write the text that
the failing test shows over the file and read the difference.
"""

from pathlib import Path

from model.proxy_calls import Peer
from model.trace import Trace, TraceNode, assemble
from tests.model.bookinfo import START_NS, TRACE_ID, bookinfo_spans

GOLDEN = Path(__file__).parent / "golden" / "bookinfo.txt"


def render(trace: Trace) -> str:
    summary = trace.summary
    lines = [
        f"root {summary.root_service} {summary.root_operation}",
        f"{summary.span_count} spans, {summary.error_count} errors, {summary.duration_ns} ns",
    ]
    lines.extend(
        f"{count.service_name}: {count.span_count} spans, {count.error_count} errors"
        for count in summary.services
    )
    lines.extend(f"warning: {warning.message}" for warning in trace.warnings)
    lines.append("")
    for node in trace.nodes:
        lines.extend("  " * node.depth + line for line in _node(node))
    lines.append("")
    for segment in trace.critical_path:
        start_us, end_us = (segment.start_ns - START_NS) / 1000, (segment.end_ns - START_NS) / 1000
        lines.append(f"critical {segment.span_id[-2:]} {start_us:.0f}..{end_us:.0f} us")
    return "\n".join(lines) + "\n"


def _node(node: TraceNode) -> list[str]:
    assert node.span is not None
    assert node.proxy is not None
    own_us, critical_us = node.self_time_ns // 1000, node.critical_time_ns // 1000
    mark = " *" if node.on_critical_path else ""
    lines = [
        f"{node.span_id[-2:]} {node.span.name} [{node.proxy.hop}]{mark}",
        f"   {_peer(node.proxy.downstream)} -> {_peer(node.proxy.upstream)}",
        f"   duration {node.duration_ns // 1000} us, self {own_us} us, critical {critical_us} us",
    ]
    if node.inherited:
        lines.append(f"   inherits {', '.join(sorted(node.inherited))}")
    lines.extend(f"   {flag} (look at {flag.look_at})" for flag in node.response_flags)
    lines.extend(f"   warning: {warning.message}" for warning in node.warnings)
    return lines


def _peer(peer: Peer | None) -> str:
    if peer is None:
        return "?"
    identity = peer.identity
    name = identity.workload or identity.service or peer.address
    return (
        f"{name}.{identity.namespace} ({peer.source})"
        if identity.namespace
        else (f"{name} ({peer.source})")
    )


def test_a_bookinfo_request_reads_as_in_the_golden_file() -> None:
    assert render(assemble(TRACE_ID, bookinfo_spans())) == GOLDEN.read_text()


def test_a_bookinfo_request_without_one_proxy_still_hangs_together() -> None:
    spans = [span for span in bookinfo_spans() if not span.service_name.startswith("productpage")]

    trace = assemble(TRACE_ID, spans)

    assert trace.summary.missing_span_count == 2
    assert [node.span_id[-2:] for node in trace.nodes if node.span is None] == ["21", "22"]
    details = next(node for node in trace.nodes if node.span_id.endswith("30"))
    assert details.proxy is not None
    assert details.proxy.downstream is not None
    assert details.proxy.downstream.address == "10.244.0.5"
