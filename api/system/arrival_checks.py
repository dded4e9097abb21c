"""Do spans arrive: the questions that the receivers answer."""

from __future__ import annotations

from collections.abc import Iterator

from api.system.check import PORT_NAMES, PROVIDER, PROXY_STATS, REACH, SAMPLING, Check, CheckStatus
from api.system.faults import WITHOUT_TLS, explained
from api.system.state import FaultKind, ReceivedCounts, ReceivingState

__all__ = ["arrival_checks", "unknown_arrivals"]

_LISTEN_EVERYWHERE = (
    "To take spans from elsewhere, listen everywhere: spanloom serve --otlp-grpc 0.0.0.0:4317 "
    "--otlp-http 0.0.0.0:4318."
)
_ENVOY_LOSES = "Envoy sends nothing twice: what it was refused is lost."


def arrival_checks(receiving: ReceivingState) -> Iterator[Check]:
    """Yield the answers in the order in which to ask."""
    total = ReceivedCounts.sum(receiving.total.values())
    recent = ReceivedCounts.sum(receiving.recent.values())
    yield _listening(receiving, total)
    yield _connected(receiving, total)
    yield _protocol(receiving, total)
    yield _spans_arrive(total, recent)
    yield _accepted(receiving, total, recent)
    yield _kept(receiving, total)


def unknown_arrivals(reason: str) -> Iterator[Check]:
    """Yield the same questions without an answer, where the receivers are elsewhere."""
    for asked in ("listening", "connected", "protocol", "spans_arrive", "accepted", "kept"):
        yield Check(asked, CheckStatus.UNKNOWN, "elsewhere", reason)


def _listening(receiving: ReceivingState, total: ReceivedCounts) -> Check:
    addresses = ", ".join(f"{each.protocol} {each.address}" for each in receiving.receivers)
    values = {"addresses": addresses}
    if not receiving.accepting:
        return Check(
            "listening",
            CheckStatus.FAILED,
            "not_accepting",
            "No receiver acknowledges exports now: none runs, or a spool cannot be written.",
            ("Look at /status of the health port, and at the disk of the data directory.",),
            values,
        )
    if all(each.loopback_only for each in receiving.receivers):
        is_used = total.requests > 0
        return Check(
            "listening",
            CheckStatus.OK if is_used else CheckStatus.WARNING,
            "loopback_only",
            f"The receivers listen on this machine only: {addresses}.",
            () if is_used else (_LISTEN_EVERYWHERE,),
            values,
        )
    return Check(
        "listening", CheckStatus.OK, "listening", f"The receivers listen: {addresses}.", (), values
    )


def _connected(receiving: ReceivingState, total: ReceivedCounts) -> Check:
    if total.requests or total.aborted_requests:
        peers = len(receiving.peers)
        return Check(
            "connected",
            CheckStatus.OK,
            "connected",
            f"{_number(total.requests, 'export')} came since the start, "
            f"from {_number(peers, 'address')}.",
            (),
            {"requests": str(total.requests), "peers": str(peers)},
        )
    if _connections(receiving):
        return Check(
            "connected",
            CheckStatus.WARNING,
            "no_request",
            "Somebody connects to a receiver, but no export was ever made over it.",
            (PORT_NAMES, "A TCP probe looks the same: point probes at the health port, 13133."),
        )
    return Check(
        "connected",
        CheckStatus.FAILED,
        "no_exporter",
        "No exporter has connected since the start.",
        (PROVIDER, SAMPLING, REACH, PROXY_STATS),
    )


def _number(count: int, noun: str) -> str:
    plural = "es" if noun.endswith("s") else "s"
    return f"{count:,} {noun}{'' if count == 1 else plural}"


def _connections(receiving: ReceivingState, protocol: str = "") -> int:
    return sum(
        each.connections.open + each.connections.closing
        for each in receiving.receivers
        if each.connections is not None and protocol in ("", each.protocol)
    )


_WRONG_PROTOCOL = {
    "http2": "HTTP/2 on the HTTP port",
    "tls": "TLS on a plain port",
    "not_found": "a path that takes no spans",
    "media_type": "a Content-Type that is not OTLP's",
    "undecodable": "bodies that are not OTLP",
    "other_signal": "metrics, logs or profiles",
    "method_not_allowed": "another method than POST",
}


def _protocol(receiving: ReceivingState, total: ReceivedCounts) -> Check:
    wrong = {
        fault.reason: fault
        for fault in receiving.faults
        if fault.kind is FaultKind.REFUSED and fault.reason in _WRONG_PROTOCOL
    }
    grpc = receiving.total.get("otlp/grpc", ReceivedCounts())
    if not grpc.requests and _connections(receiving, "otlp/grpc"):
        return Check(
            "protocol",
            CheckStatus.WARNING,
            "grpc_port_without_calls",
            "The gRPC port has connections, but no export came over them: HTTP/1, TLS or a probe.",
            (PORT_NAMES, "Send OTLP over HTTP to port 4318.", WITHOUT_TLS),
        )
    if not wrong and not total.requests:
        return _nothing_came("protocol")
    if not wrong:
        return Check("protocol", CheckStatus.OK, "right", "All exporters speak what is expected.")
    lately = {reason for reason, fault in wrong.items() if fault.recent}
    what = ", ".join(_WRONG_PROTOCOL[reason] for reason in sorted(lately or wrong))
    return Check(
        "protocol",
        CheckStatus.WARNING if lately else CheckStatus.OK,
        "wrong" if lately else "was_wrong",
        f"Came {'lately' if lately else 'earlier, but not lately'}: {what}.",
        tuple(explained(FaultKind.REFUSED, reason)[1] for reason in sorted(lately)),
        {"reasons": ",".join(sorted(lately or wrong))},
    )


def _spans_arrive(total: ReceivedCounts, recent: ReceivedCounts) -> Check:
    values = {"spans": str(total.accepted_spans), "recent_spans": str(recent.accepted_spans)}
    if not total.requests:
        return _nothing_came("spans_arrive")
    if total.accepted_spans:
        return Check(
            "spans_arrive",
            CheckStatus.OK,
            "spans",
            f"{_number(total.accepted_spans, 'span')} accepted since the start, "
            f"{recent.accepted_spans:,} of them lately.",
            (),
            values,
        )
    if total.empty_requests == total.requests:
        return Check(
            "spans_arrive",
            CheckStatus.FAILED,
            "all_empty",
            "Exporters reach us, but every export is empty: nothing is sampled.",
            (SAMPLING, "In SDKs look at OTEL_TRACES_SAMPLER; parentbased follows its caller."),
            values,
        )
    return Check(
        "spans_arrive",
        CheckStatus.FAILED,
        "none_accepted",
        "Exporters reach us, but not one span was accepted.",
        ("See the refused and rejected spans below: each says what to do.",),
        values,
    )


def _accepted(receiving: ReceivingState, total: ReceivedCounts, recent: ReceivedCounts) -> Check:
    lost = [
        fault
        for fault in receiving.faults
        if fault.kind in (FaultKind.REFUSED, FaultKind.REJECTED)
        and fault.reason not in _WRONG_PROTOCOL
    ]
    lately = [fault for fault in lost if fault.recent]
    reasons = sorted(fault.reason for fault in lately or lost)
    named = ", ".join(reason.replace("_", " ") for reason in reasons)
    values = {"reasons": ",".join(reasons)}
    if lately:
        all_lost = recent.requests and not recent.accepted_requests
        return Check(
            "accepted",
            CheckStatus.FAILED if all_lost else CheckStatus.WARNING,
            "lately",
            f"Lately refused or rejected: {named}.",
            ("See the refused and rejected spans below: each says what to do.", _ENVOY_LOSES),
            values,
        )
    if lost:
        return Check(
            "accepted",
            CheckStatus.OK,
            "earlier",
            f"Everything was accepted lately; earlier were refused or rejected: {named}.",
            (),
            values,
        )
    if not total.requests:
        return _nothing_came("accepted")
    return Check("accepted", CheckStatus.OK, "all", "Every export and every span was accepted.")


def _kept(receiving: ReceivingState, total: ReceivedCounts) -> Check:
    processed, dropped = receiving.processed_spans, receiving.dropped_spans
    values = {"processed": str(processed), "dropped": str(dropped)}
    if not total.accepted_spans:
        return _nothing_came("kept")
    if not dropped:
        return Check("kept", CheckStatus.OK, "all", "No span was dropped here.", (), values)
    if dropped >= processed:
        return Check(
            "kept",
            CheckStatus.FAILED,
            "none",
            f"Our own processors dropped all {processed:,} spans.",
            ("Look at drop and sample under processors in the configuration.",),
            values,
        )
    return Check(
        "kept",
        CheckStatus.OK,
        "some",
        f"Our own processors dropped {dropped:,} of {processed:,} spans, as configured.",
        (),
        values,
    )


def _nothing_came(asked: str) -> Check:
    return Check(asked, CheckStatus.UNKNOWN, "nothing_came", "Nothing came that could tell.")
