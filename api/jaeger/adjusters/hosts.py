"""Which clock a span's times are from."""

from __future__ import annotations

from model.attributes import AttributeValue
from model.envoy import parse_node_id
from model.span import Span

__all__ = ["host_key"]


def host_key(span: Span) -> str:
    """Return a text that spans with one clock share; empty if nothing tells.

    Jaeger takes ``host.id``, the first ``host.ip`` or ``host.name``. Proxies send none of these,
    so the pod counts besides: the one in Istio's ``node_id`` (there by name, as applications know
    themselves), or the resource's.
    """
    resource = span.resource.attributes
    for key in ("host.id", "host.ip", "host.name"):
        if key in resource and (found := _first_text(resource[key])):
            return found
    node_id = _first_text(span.attributes.get("node_id"))
    node = parse_node_id(node_id) if node_id else None
    if node is not None and (node.pod or node.ip):
        return node.pod or node.ip
    return _first_text(resource.get("k8s.pod.name")) or _first_text(resource.get("k8s.pod.uid"))


def _first_text(value: AttributeValue) -> str:
    match value:
        case str():
            return value
        case [str() as first, *_]:
            return first
        case _:
            return ""
