"""The reference table of metrics in the docs, made from the metrics themselves.

``python -m spanloom.metrics_reference`` prints the table of ``docs/operations.md``.
"""

from __future__ import annotations

import sys
from importlib import import_module

from prometheus_client import REGISTRY

from spanloom.self_metrics import process_metrics

__all__ = ["metrics_table"]

_DECLARED_IN = (
    "collector.metrics",
    "collector.pipeline_metrics",
    "storage.metrics",
    "api.metrics",
    "spanloom.self_metrics",
)
_OURS = ("otelcol_", "spanloom_")


def metrics_table() -> str:
    """Return a Markdown table with a row a metric: name, type, meaning."""
    for module in _DECLARED_IN:
        import_module(module)
    rows = ["| metric | type | meaning |", "|---|---|---|"]
    for metric in (*REGISTRY.collect(), *process_metrics([])):
        if metric.name.startswith(_OURS):
            name = metric.name + ("_total" if metric.type == "counter" else "")
            rows.append(f"| `{name}` | {metric.type} | {metric.documentation} |")
    return "\n".join(rows)


if __name__ == "__main__":
    sys.stdout.write(metrics_table() + "\n")
