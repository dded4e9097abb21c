"""``/metrics/mesh``: the series in the format that the client asks for."""

from __future__ import annotations

from prometheus_client.exposition import choose_encoder

from spanloom.mesh_metrics.series import SeriesTable

__all__ = ["render"]


def render(series: SeriesTable, accept: str) -> tuple[bytes, str]:
    """Return the text and its content type; exemplars are in OpenMetrics only.

    Takes a while: not for an event loop's thread.

    Args:
        series: to show.
        accept: the request's header ``Accept``.
    """
    _, content_type = choose_encoder(accept)
    openmetrics = content_type.startswith("application/openmetrics-text")
    text = "".join(series.lines(openmetrics=openmetrics))
    if openmetrics:
        text += "# EOF\n"
    return text.encode(), content_type
