"""Fifth adjuster: addresses that were sent as numbers, as text."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from ipaddress import IPv4Address

from api.jaeger.adjusters.adjusted_span import AdjustedSpan
from model.attributes import AttributeValue

__all__ = ["ip_attributes"]

_KEYS = ("ip", "peer.ipv4")
_ADDRESSES = 2**32


def ip_attributes(spans: Sequence[AdjustedSpan]) -> list[AdjustedSpan]:
    """Write the numbers of ``ip`` and ``peer.ipv4`` as ``10.0.0.1``."""
    return [_with_text(each) for each in spans]


def _with_text(adjusted: AdjustedSpan) -> AdjustedSpan:
    attributes = adjusted.span.attributes
    texts: dict[str, AttributeValue] = {
        key: text for key in _KEYS if key in attributes and (text := _address(attributes[key]))
    }
    if not texts:
        return adjusted
    return adjusted.having(replace(adjusted.span, attributes={**attributes, **texts}))


def _address(value: AttributeValue) -> str:
    match value:
        case bool():
            return ""
        case int():
            return str(IPv4Address(value % _ADDRESSES))
        case float() if math.isfinite(value):
            return str(IPv4Address(int(value) % _ADDRESSES))
        case _:
            return ""
