"""What a developer is told to change: the headers to copy, and sentences with the right plural."""

from __future__ import annotations

from collections.abc import Sequence

from model.graph.place import Place
from model.propagation.findings import OperationPair

__all__ = [
    "B3_HEADERS",
    "REQUEST_ID_HEADER",
    "W3C_HEADERS",
    "copy_headers",
    "counted",
    "headers_of",
    "label",
    "percent",
]

REQUEST_ID_HEADER = "x-request-id"

W3C_HEADERS = ("traceparent", "tracestate", REQUEST_ID_HEADER)
"""Where proxies trace by OpenTelemetry (envoy-istio.md, section 12)."""

B3_HEADERS = (
    "x-b3-traceid",
    "x-b3-spanid",
    "x-b3-parentspanid",
    "x-b3-sampled",
    "x-b3-flags",
    REQUEST_ID_HEADER,
)
"""Where proxies trace by Zipkin's B3."""

_NAMED_OPERATIONS = 3


def headers_of(*, shares_ids: bool) -> tuple[str, ...]:
    """Return the headers that a mesh's applications have to copy.

    Args:
        shares_ids: whether callees share the span ids of their callers, which only B3 does.
    """
    return B3_HEADERS if shares_ids else W3C_HEADERS


def label(place: Place) -> str:
    """Return how a place is named in a sentence: the workload, else the service."""
    name = place.workload or place.service or place.name or "an unnamed workload"
    return f"{name}.{place.namespace}" if place.namespace else name


def copy_headers(
    subject: Place, headers: Sequence[str], operations: Sequence[OperationPair]
) -> str:
    """Return the sentence that says what to copy from where to where."""
    inbound = dict.fromkeys(pair.inbound for pair in operations if pair.inbound)
    outbound = dict.fromkeys(pair.outbound for pair in operations)
    served = f" ({_some(list(inbound))})" if inbound else ""
    called = f" it makes for it ({_some(list(outbound))})" if outbound else " it makes for it"
    noun = "header" if len(headers) == 1 else "headers"
    return (
        f"In {label(subject)}, copy the {noun} {_listed(headers)} unchanged from each inbound "
        f"request{served} to every outbound request{called}."
    )


def counted(number: int, noun: str, plural: str = "") -> str:
    """Return ``1 call``, ``1,200 calls``."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def percent(ratio: float) -> str:
    """Return a ratio as people read it; never 0 % of what is not 0, nor 100 % of less than all."""
    if 0 < ratio < 0.01:
        return "under 1 %"
    if 0.99 < ratio < 1:
        return "over 99 %"
    return f"{ratio:.0%}".replace("%", " %")


def _listed(words: Sequence[str]) -> str:
    return ", ".join(words[:-1]) + f" and {words[-1]}" if len(words) > 1 else "".join(words)


def _some(operations: Sequence[str]) -> str:
    more = len(operations) - _NAMED_OPERATIONS
    return ", ".join(operations[:_NAMED_OPERATIONS]) + (f" and {more} more" if more > 0 else "")
