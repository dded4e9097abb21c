"""Golden files: what encoders made of Bookinfo, read and found right.

``python -m tests.api.shapes.golden`` writes them anew; read the difference before you keep it.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec

from api.shapes.dot import dot
from api.shapes.kiali import kiali
from api.shapes.kiali_options import parse_options
from api.shapes.mermaid import mermaid
from api.shapes.node_graph import node_graph
from api.shapes.service_graph import EdgeFilter, d3_document, dot_text, service_graph
from api.shapes.vizceral import vizceral
from model.graph.view import GraphType
from tests.api.shapes.graphs import bookinfo

FOLDER = Path(__file__).parent / "golden"


def pretty(document: object) -> str:
    return msgspec.json.format(msgspec.json.encode(document), indent=1).decode() + "\n"


def _service_graph():
    return service_graph(bookinfo(GraphType.WORKLOAD), EdgeFilter(), ["static node"])


def _kiali(type: GraphType, **query: str):
    options = parse_options({"namespaces": "default", "duration": "100s", **query}, 1_763_600_100)
    return kiali(bookinfo(type), options)


SHAPES: dict[str, Callable[[], str]] = {
    "bookinfo.dot": lambda: dot(bookinfo()),
    "bookinfo.mmd": lambda: mermaid(bookinfo()),
    "servicegraph.json": lambda: pretty(_service_graph()),
    "servicegraph_d3.json": lambda: pretty(d3_document(_service_graph())),
    "servicegraph.dot": lambda: dot_text(_service_graph()),
    "vizceral.json": lambda: pretty(vizceral(bookinfo())),
    "kiali_versioned_app.json": lambda: pretty(
        _kiali(GraphType.VERSIONED_APP, graphType="versionedApp", boxBy="cluster,namespace")
    ),
    "kiali_workload.json": lambda: pretty(_kiali(GraphType.WORKLOAD)),
    "grafana.json": lambda: pretty(node_graph(bookinfo())),
}

if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for name, make in SHAPES.items():
        (FOLDER / name).write_text(make())
