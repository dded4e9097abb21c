"""How many calls one stored call stands for, as traces are sampled (rules G36 and G37)."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from model.graph.ancestry import NONE
from model.graph.calls import Sampling
from model.graph.members import Members
from model.graph.place import Place
from model.mesh import parse_service_name

__all__ = ["probability_of_trace_state", "weights"]

Int64s = npt.NDArray[np.int64]
Float64s = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

_THRESHOLD = re.compile(r"th:([0-9a-fA-F]{1,14})")
_NOBODY_TOLD = 2.0  # more than any probability


def probability_of_trace_state(trace_state: str) -> float | None:
    """Return 1 - T / 2**56 of OpenTelemetry's ``ot=th:T``; None if it is not told (rule G37)."""
    for member in trace_state.split(","):
        vendor, _, value = member.strip().partition("=")
        if vendor != "ot":
            continue
        for part in value.split(";"):
            if found := _THRESHOLD.fullmatch(part):
                # Subtracted as integers: 1 less a float just below 1 would be 0.
                return (2**56 - int(found[1].ljust(14, "0"), 16)) / 2**56
    return None


def weights(
    members: Members,
    sampling: Sampling,
    witnesses: Sequence[Int64s],
    places: Sequence[Int64s],
) -> tuple[Float64s, Bools]:
    """Return 1/probability of each call, and whether anybody told the probability (rule G36).

    The lowest that the witnesses' tracestates tell, else the lowest configured for a place, else
    the default.

    Args:
        members: that the witnesses are indexes of.
        sampling: what is configured.
        witnesses: spans of each call; NONE for none.
        places: of each call, as indexes in the table of places.
    """
    count = len(places[0])
    told = np.full(count, _NOBODY_TOLD)
    by_state = [probability_of_trace_state(state) for state in members.spans.trace_states]
    if any(one is not None for one in by_state):
        of_state = np.array([_NOBODY_TOLD if one is None else one for one in by_state])
        of_member = of_state[members.spans.trace_state[members.forest.row]]
        for witness in witnesses:
            told = np.minimum(told, np.where(witness == NONE, _NOBODY_TOLD, of_member[witness]))
    if sampling.services:
        of_place = _configured(sampling, members.places.table.items)
        configured = np.minimum.reduce([of_place[place] for place in places])
        told = np.where(told == _NOBODY_TOLD, configured, told)
    if sampling.default is not None:
        told = np.where(told == _NOBODY_TOLD, sampling.default, told)
    scaled = told != _NOBODY_TOLD
    return np.where(scaled, 1 / told, 1.0), scaled


def _configured(sampling: Sampling, places: Sequence[Place]) -> Float64s:
    by_name: dict[str, float] = {}
    by_service: dict[tuple[str, str], float] = {}
    for name, probability in sampling.services.items():
        by_name[name] = probability
        selector = parse_service_name(name)
        key = selector.service, selector.namespace
        by_service[key] = min(probability, by_service.get(key, _NOBODY_TOLD))
    return np.array(
        [
            min(
                by_name.get(place.name, _NOBODY_TOLD),
                by_service.get((place.service, place.namespace), _NOBODY_TOLD),
                by_service.get((place.service, ""), _NOBODY_TOLD),
            )
            for place in places
        ],
        np.float64,
    )
