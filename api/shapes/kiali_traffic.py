"""Kiali's numbers: rates by protocol, response codes, percentages, and how they are written.

Kiali knows requests of HTTP and gRPC and bytes of TCP. Calls of databases and messages, and
calls of unknown protocol, are shown as HTTP's; those of them that failed count as "no response".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from api.shapes.kiali_document import ProtocolTraffic, ResponseDetail
from api.shapes.kiali_options import TcpRate
from model.graph.edge import Protocol
from model.graph.health import judged_code
from model.graph.view import Outcome, Traffic

__all__ = ["PROTOCOLS", "Rates", "code_rates", "edge_traffic", "node_traffic", "protocol_word"]

PROTOCOLS = ("grpc", "http", "tcp")

NO_RESPONSE = "-"
_NO_CODE = "unknown"
_RATE_DIGITS, _PERCENT_DIGITS, _MOST_DIGITS = 2, 1, 5


def protocol_word(protocol: Protocol) -> str:
    """Return the protocol that Kiali shows calls of ``protocol`` as."""
    return protocol.value if protocol.value in PROTOCOLS else "http"


@dataclass(slots=True)
class Rates:
    """Requests of one protocol and direction, per second; bytes for TCP.

    Attributes:
        total: of all.
        by_code: of each response code; gRPC's status where there is one.
        flags, hosts: by code, then flags or host.
    """

    total: float = 0.0
    by_code: dict[str, float] = field(default_factory=dict)
    flags: dict[str, dict[str, float]] = field(default_factory=dict)
    hosts: dict[str, dict[str, float]] = field(default_factory=dict)

    def add(self, code: str, flags: str, host: str, rate: float) -> None:
        """Count ``rate`` requests more."""
        self.total += rate
        self.by_code[code] = self.by_code.get(code, 0.0) + rate
        for kinds, kind in ((self.flags, flags), (self.hosts, host)):
            of_code = kinds.setdefault(code, {})
            if kind:
                of_code[kind] = of_code.get(kind, 0.0) + rate

    def merge_codes(self, other: Rates) -> None:
        """Count what ``other`` has of each code; flags and hosts stay."""
        self.total += other.total
        _add_up(self.by_code, other.by_code)

    def merge(self, other: Rates) -> None:
        """Count everything in ``other`` too."""
        self.merge_codes(other)
        for mine, theirs in ((self.flags, other.flags), (self.hosts, other.hosts)):
            for code, kinds in theirs.items():
                _add_up(mine.setdefault(code, {}), kinds)

    def starting(self, first: str) -> float:
        """Return the rate of codes that start with ``first``."""
        return sum(rate for code, rate in self.by_code.items() if code.startswith(first))


def code_rates(
    traffic: Traffic | None, seconds: float, tcp: TcpRate = TcpRate.SENT
) -> dict[str, Rates]:
    """Return the rates of ``traffic`` by protocol."""
    found: dict[str, Rates] = {}
    if traffic is None:
        return found
    for outcome in traffic.outcomes:
        protocol = protocol_word(outcome.protocol)
        rates = found.setdefault(protocol, Rates())
        if protocol == "tcp":
            scaled = _tcp_bytes(traffic, tcp) * outcome.calls / max(traffic.calls, 1)
            rates.add(NO_RESPONSE, outcome.flags, outcome.host, scaled / seconds)
        else:
            _add_outcome(rates, outcome, seconds)
    return found


def _add_outcome(rates: Rates, outcome: Outcome, seconds: float) -> None:
    rate = outcome.estimated / seconds
    if code := judged_code(outcome):
        rates.add(code, outcome.flags, outcome.host, rate)
        return
    failed = rate * outcome.errors / max(outcome.calls, 1)
    for kind, part in ((NO_RESPONSE, failed), (_NO_CODE, rate - failed)):
        if part > 0:
            rates.add(kind, outcome.flags, outcome.host, part)


def _tcp_bytes(traffic: Traffic, tcp: TcpRate) -> int:
    sent = traffic.request_bytes if tcp in (TcpRate.SENT, TcpRate.TOTAL) else 0
    received = traffic.response_bytes if tcp in (TcpRate.RECEIVED, TcpRate.TOTAL) else 0
    return sent + received


def node_traffic(
    inbound: Mapping[str, Rates], outbound: Mapping[str, Rates]
) -> list[ProtocolTraffic]:
    """Return the traffic of a node; protocols without any are left out."""
    found = []
    for protocol in PROTOCOLS:
        received = inbound.get(protocol, Rates())
        sent = outbound.get(protocol, Rates())
        rates = {
            f"{protocol}In": received.total,
            **{f"{protocol}In{kind}": rate for kind, rate in _kinds(protocol, received).items()},
            f"{protocol}Out": sent.total,
        }
        if written := _written(rates):
            found.append(ProtocolTraffic(protocol=protocol, rates=written))
    return found


def edge_traffic(protocol: str, rates: Rates, source_out: float) -> ProtocolTraffic:
    """Return the traffic of an edge whose source sends ``source_out`` over this protocol."""
    if rates.total <= 0:
        return ProtocolTraffic(protocol=protocol)
    kinds = _kinds(protocol, rates)
    failed = sum(rate for kind, rate in kinds.items() if kind != "3xx")
    written = _written(
        {protocol: rates.total, **{protocol + kind: rate for kind, rate in kinds.items()}}
    )
    if protocol != "tcp":
        percents = {
            "PercentErr": failed / rates.total * 100,
            "PercentReq": rates.total / source_out * 100 if source_out > 0 else 0.0,
        }
        written |= {
            protocol + kind: f"{percent:.{_PERCENT_DIGITS}f}"
            for kind, percent in percents.items()
            if percent > 0
        }
    responses = {
        code: ResponseDetail(
            flags=_percents(rates.flags.get(code, {}), rates.total),
            hosts=_percents(rates.hosts.get(code, {}), rates.total),
        )
        for code in sorted(rates.by_code)
    }
    return ProtocolTraffic(protocol=protocol, rates=written, responses=responses)


def _kinds(protocol: str, rates: Rates) -> dict[str, float]:
    """Return the rates of the kinds of responses that Kiali tells apart, by its suffixes."""
    if protocol == "http":
        return {f"{digit}xx": rates.starting(digit) for digit in "345"} | {
            "NoResponse": rates.by_code.get(NO_RESPONSE, 0.0)
        }
    if protocol == "grpc":
        return {
            "Err": sum(rate for code, rate in rates.by_code.items() if _is_grpc_error(code)),
            "NoResponse": rates.by_code.get(NO_RESPONSE, 0.0),
        }
    return {}


def _is_grpc_error(code: str) -> bool:
    if code in (NO_RESPONSE, _NO_CODE):
        return False
    # A call that failed below gRPC has an HTTP status.
    return code[0] in "45" if len(code) == 3 else code != "0"


def _add_up(into: dict[str, float], more: Mapping[str, float]) -> None:
    for key, value in more.items():
        into[key] = into.get(key, 0.0) + value


def _written(rates: Mapping[str, float]) -> dict[str, str]:
    return {name: _rate_text(rate) for name, rate in rates.items() if rate > 0}


def _rate_text(rate: float) -> str:
    """Return two decimals, and of small rates as many as show one digit, at most five."""
    digits, scaled = 0, rate
    while digits < _MOST_DIGITS and scaled < 1:
        scaled *= 10
        digits += 1
    return f"{rate:.{max(digits, _RATE_DIGITS)}f}"


def _percents(rates: Mapping[str, float], total: float) -> dict[str, str]:
    return {kind: f"{rate / total * 100:.{_PERCENT_DIGITS}f}" for kind, rate in rates.items()}
