"""From the parameters of ``/metrics/…`` to windows, steps and the places that are meant."""

from __future__ import annotations

from dataclasses import dataclass

from api.buckets import choose_width
from api.config import ApiConfig
from api.errors import bad_parameter
from api.graph_query import graph_window
from api.parameters import Parameters
from api.times import format_duration
from model.graph.place import Place
from model.graph.view import GraphType
from model.mesh import ServiceSelector, parse_service_name
from model.span import MeshIdentity

__all__ = ["PlaceScope", "SeriesWindow", "read_selector", "read_series_window", "read_type"]

_SECOND_NS = 1_000_000_000
_MINUTE_NS = 60 * _SECOND_NS
_DEFAULT_STEPS = 60

# The operation is a label of its own; a graph of operations has no other nodes than services.
_TYPES = {each.value: each for each in GraphType if each is not GraphType.OPERATION}


@dataclass(frozen=True, slots=True)
class SeriesWindow:
    """The steps ``[from_ns + i * step_ns, …)`` of ``[from_ns, to_ns)``; the last is cut off."""

    from_ns: int
    to_ns: int
    step_ns: int

    @property
    def starts_ns(self) -> range:
        """Of each step."""
        return range(self.from_ns, self.to_ns, self.step_ns)

    def seconds(self) -> list[float]:
        """Return the length of each step."""
        return [(min(start + self.step_ns, self.to_ns) - start) / 1e9 for start in self.starts_ns]


@dataclass(frozen=True, slots=True)
class PlaceScope:
    """Which places are meant; empty is all."""

    service: ServiceSelector | None = None
    namespace: str = ""
    cluster: str = ""

    def holds(self, place: Place) -> bool:
        """Whether ``place`` is meant."""
        identity = MeshIdentity(place.cluster, place.namespace, place.service)
        return (
            (self.service is None or self.service.matches(place.name, identity))
            and self.namespace in ("", place.namespace)
            and self.cluster in ("", place.cluster)
        )


def read_series_window(parameters: Parameters, config: ApiConfig, now_ns: int) -> SeriesWindow:
    """Return the window and its steps. Raises ApiError, a 400.

    A window that counts back from its end starts at a multiple of the step, so that lines do not
    wobble from one refresh to the next.
    """
    from_ns, to_ns = graph_window(parameters, config, now_ns)
    most = config.max_metric_steps
    step_ns = parameters.duration("step")
    if step_ns is None:
        # Less than a minute is not in rollups; a window of minutes may want it all the same.
        least_ns = _MINUTE_NS if to_ns - from_ns > 10 * _MINUTE_NS else _SECOND_NS
        step_ns = max(choose_width(from_ns, to_ns, min(most, _DEFAULT_STEPS)), least_ns)
    elif step_ns < _SECOND_NS:
        raise bad_parameter("step", "must be a second or longer")
    if not parameters.has("from"):
        from_ns -= from_ns % step_ns
    window = SeriesWindow(from_ns, to_ns, step_ns)
    if len(window.starts_ns) > most + 1:  # the start may lie within a step
        raise bad_parameter(
            "step",
            f"{format_duration(step_ns)} cuts the window into more than {most} steps",
            "take a larger step or a shorter window",
        )
    return window


def read_type(parameters: Parameters) -> GraphType:
    """Return what a series is about; a service unless asked otherwise."""
    return parameters.choice("type", _TYPES) or GraphType.SERVICE


def read_selector(parameters: Parameters, name: str) -> ServiceSelector | None:
    """Return the service, in any of its forms, that the parameter names; None for none."""
    return parameters.parsed(name, parse_service_name)
