"""Kiali's documents of graphs built by hand, as a client reads them."""

from __future__ import annotations

import hashlib
from typing import Any

import msgspec

from api.shapes.kiali import kiali
from api.shapes.kiali_options import parse_options
from model.graph.edge import Protocol
from model.graph.view import Graph, GraphType, Traffic
from tests.api.shapes.graphs import edge, graph, node

NOW = 1_763_600_100


def document(drawn: Graph, earlier: Graph | None = None, **query: str) -> Any:
    options = parse_options({"namespaces": "default", "duration": "100s", **query}, NOW)
    return msgspec.json.decode(msgspec.json.encode(kiali(drawn, options, earlier)))


def nodes(drawn: Graph, **query: str) -> list[dict[str, Any]]:
    return [each["data"] for each in document(drawn, **query)["elements"]["nodes"]]


def edges(drawn: Graph, earlier: Graph | None = None, **query: str) -> list[dict[str, Any]]:
    found = document(drawn, earlier, **query)["elements"]["edges"]
    return [each["data"] for each in found]


def sha(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def pair(calls: Traffic | None, protocol: Protocol = Protocol.HTTP, **other: Any) -> Graph:
    """Two workloads, of which one calls the other."""
    return graph(
        [
            node("a", "a", service="a", workload="a-v1"),
            node("b", "b", service="b", workload="b-v1"),
        ],
        [edge("a", "b", calls, protocol, **other)],
        type=GraphType.WORKLOAD,
    )
