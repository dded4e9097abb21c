"""Envoy's response flags in plain words.

The flags are those of Envoy's ``source/common/stream_info/utility.h``; the words follow
``envoy/data/accesslog/v3``. Extensions may register more.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["ResponseFlag", "parse_response_flags"]


@dataclass(frozen=True, slots=True)
class ResponseFlag:
    """One flag.

    Attributes:
        flag: as Envoy writes it (``UH``).
        meaning: in plain words; empty for a flag that is not known here.
        look_at: where the cause is usually found; empty when not known.
    """

    flag: str
    meaning: str = ""
    look_at: str = ""

    def __str__(self) -> str:
        return f"{self.flag}: {self.meaning}" if self.meaning else self.flag


_KNOWN = {
    flag.flag: flag
    for flag in (
        ResponseFlag("UH", "no healthy upstream host", "callee pods, outlier ejection"),
        ResponseFlag(
            "UF", "could not connect to the upstream", "port, mTLS mismatch, network policy"
        ),
        ResponseFlag(
            "UO",
            "circuit breaker open: too many connections or requests",
            "DestinationRule limits",
        ),
        ResponseFlag(
            "UC",
            "upstream closed the connection in the middle",
            "callee crash, keep-alive mismatch",
        ),
        ResponseFlag("UR", "upstream reset the stream", "callee"),
        ResponseFlag("UT", "upstream did not answer in time", "timeout, callee latency"),
        ResponseFlag("URX", "all retries used up", "callee, retry policy"),
        ResponseFlag("UMSDR", "maximum stream duration reached", "route limit"),
        ResponseFlag("UPE", "upstream's answer broke the HTTP protocol", "callee, port protocol"),
        ResponseFlag("LR", "proxy itself reset the stream", "proxy, limits"),
        ResponseFlag("LH", "this host failed its health check", "own health"),
        ResponseFlag("NR", "no matching route", "VirtualService, host header"),
        ResponseFlag(
            "NC", "route points to a cluster that does not exist", "missing Service or subset"
        ),
        ResponseFlag("NFCF", "filter configuration missing", "control plane delay"),
        ResponseFlag("DF", "DNS lookup failed", "DNS, ServiceEntry"),
        ResponseFlag("DC", "caller closed the connection before the answer", "caller timeout"),
        ResponseFlag("DR", "caller reset the stream", "caller cancelled"),
        ResponseFlag("DPE", "caller's request broke the HTTP protocol", "caller, port protocol"),
        ResponseFlag("DT", "maximum connection or request duration reached", "listener limits"),
        ResponseFlag("SI", "stream idle timeout", "slow client or server"),
        ResponseFlag("IH", "invalid x-envoy-* header", "caller"),
        ResponseFlag("RL", "local rate limit", "limit settings"),
        ResponseFlag("RLSE", "rate limit service failed", "rate limit service"),
        ResponseFlag("UAEX", "external authorisation said no", "authorisation service"),
        ResponseFlag("DI", "delay injected on purpose", "fault rule"),
        ResponseFlag("FI", "abort injected on purpose", "fault rule"),
        ResponseFlag("RFCF", "served from cache"),
        ResponseFlag("OM", "overload manager refused", "proxy memory, load"),
        ResponseFlag("DO", "dropped by load shedding", "drop_overload setting"),
    )
}


def parse_response_flags(text: str) -> tuple[ResponseFlag, ...]:
    """Return the flags of the tag ``response_flags`` (``-``, ``UF``, ``UF,URX``), in order.

    A flag that is not known here is returned as it is, without words.
    """
    flags = (flag.strip() for flag in text.split(","))
    return tuple(_KNOWN.get(flag) or ResponseFlag(flag) for flag in flags if flag not in ("", "-"))
