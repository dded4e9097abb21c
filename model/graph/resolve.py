"""Read-time resolution: who an address or a name was, once the whole window is known.

What one trace cannot tell, the window can: which pod had an address (rules G22 and G24), which
service a peer's name means (rule G23), and of which workload a span is that only names its service.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from model.envoy import parse_service_host
from model.graph.edge import EdgeKey
from model.graph.kept import Kept
from model.graph.measures import EdgeTable
from model.graph.place import Place, PlaceKind
from model.graph.pods import Pod

__all__ = ["Known", "resolve"]

_OWN = frozenset({PlaceKind.WORKLOAD, PlaceKind.GATEWAY})


def resolve(
    edges: EdgeTable, places: Collection[Place], pods: Sequence[Pod]
) -> tuple[EdgeTable, tuple[Place, ...]]:
    """Return edges and places, each that the window tells more about replaced.

    - An incomplete place (a service without its workload) becomes the only complete place of that
      service; if there are several of one cluster and namespace it takes these (semantics of
      ``model.mesh``: an unknown part is compatible with any).
    - A caller known by its address only is the workload of the pod that had it, and then not
      inferred (rule G24). An address that several workloads had in the window tells nothing.
    - An external peer whose address or name is a pod's or a known service's is that (rules G22
      and G23): a name is looked for in the caller's namespace and cluster first, then taken
      where it is unique.
    - A service host is looked for in another cluster if its own has none such.

    Args:
        edges: of a window, as stored.
        places: that made spans in it.
        pods: of the same window.
    """
    found = _RESOLUTIONS.to(
        (edges.keys, tuple(places), tuple((pod.address, pod.place) for pod in pods))
    )
    if found.groups is not None:
        edges = EdgeTable(found.keys, edges.measures.grouped(found.groups, len(found.keys)))
    return edges, found.places


_Question: TypeAlias = tuple[tuple[EdgeKey, ...], tuple[Place, ...], tuple[tuple[str, Place], ...]]


@dataclass(frozen=True, slots=True, eq=False)
class _Resolution:
    """Keys and places of a window, resolved.

    ``groups`` tells for each key as stored which of ``keys`` it is; None if nothing changed.
    """

    keys: tuple[EdgeKey, ...]
    groups: npt.NDArray[np.int64] | None
    places: tuple[Place, ...]


def _resolution(question: _Question) -> _Resolution:
    keys, places, addresses = question
    known = Known(keys, places, addresses)
    complete = tuple(dict.fromkeys(map(known.complete, places)))
    resolved = [known.resolved(key) for key in keys]
    if all(new is old for new, old in zip(resolved, keys, strict=True)):
        return _Resolution(keys, None, complete)
    numbers: dict[EdgeKey, int] = {}
    groups = [numbers.setdefault(key, len(numbers)) for key in resolved]
    return _Resolution(tuple(numbers), np.array(groups, np.int64), complete)


_RESOLUTIONS = Kept(_resolution)


class Known:
    """What the window knows of places: by service, by name, by host, by address.

    Args:
        edges: their keys, as stored.
        spans_of: places that made spans.
        pods: addresses with the place of the pod that had it.
    """

    def __init__(
        self,
        edges: Collection[EdgeKey],
        spans_of: Iterable[Place],
        pods: Collection[tuple[str, Place]],
    ) -> None:
        self._workloads: dict[str, list[Place]] = {}
        self._by_service: dict[str, set[_Service]] = {}
        self._by_name: dict[str, set[_Service]] = {}
        self._by_host: dict[str, set[_Service]] = {}
        self._by_address: dict[str, list[Place]] = {}
        self._completed: dict[Place, Place] = {}
        self._peers: dict[tuple[Place, str, str], Place] = {}
        places = {place for _, place in pods} | set(spans_of)
        for key in edges:
            places.update((key.source, key.destination))
        own = sorted(one for one in places if one.kind in _OWN and one.service)
        for place in own:
            if place.workload:
                self._workloads.setdefault(place.service, []).append(place)
        for place in own:
            service = _service_of(self.complete(place))
            self._by_service.setdefault(place.service, set()).add(service)
            self._by_name.setdefault(place.name, set()).add(service)
        for address, place in pods:
            self._by_address.setdefault(address, []).append(place)
        for key in edges:
            if key.host and key.destination.kind is PlaceKind.WORKLOAD and key.destination.service:
                service = _service_of(self.complete(key.destination))
                self._by_host.setdefault(key.host, set()).add(service)

    def resolved(self, key: EdgeKey) -> EdgeKey:
        """Return ``key`` with its ends resolved; itself if there is nothing to resolve."""
        source, inferred = self._peer(key.source, key.destination), key.inferred
        if key.source_address and (pod := self._pod(key.source_address)) is not None:
            source, inferred = pod, False
        destination = self._peer(key.destination, source)
        if source is key.source and destination is key.destination and not key.source_address:
            return key
        return replace(
            key, source=source, destination=destination, inferred=inferred, source_address=""
        )

    def complete(self, place: Place) -> Place:
        """Return ``place`` with its workload, if only one is possible; else what is certain."""
        if place.kind is not PlaceKind.WORKLOAD or place.workload or not place.service:
            return place
        found = self._completed.get(place)
        if found is None:
            found = self._completed[place] = self._complete(place)
        return found

    def _complete(self, place: Place) -> Place:
        candidates = [
            one
            for one in self._workloads.get(place.service, ())
            if _agree(one.namespace, place.namespace) and _agree(one.cluster, place.cluster)
        ]
        if len({(one.cluster, one.namespace, one.workload) for one in candidates}) == 1:
            return candidates[0]
        where = {(one.cluster, one.namespace) for one in candidates}
        if len(where) != 1:
            return place
        cluster, namespace = where.pop()
        return replace(place, cluster=cluster, namespace=namespace)

    def _pod(self, address: str) -> Place | None:
        """Return the workload whose pods had ``address``, if it was one only."""
        found = self._by_address.get(address, [])
        if len({(one.kind, one.cluster, one.namespace, one.workload) for one in found}) != 1:
            return None
        # A waypoint is never an end of a call (rule G18).
        return None if found[0].kind is PlaceKind.WAYPOINT else min(found)

    def _peer(self, place: Place, other: Place) -> Place:
        """Return what ``place`` is, with ``other`` at the other end of its call."""
        if place.kind is PlaceKind.SERVICE and not place.workload:
            find = self._of_host
        elif place.kind is PlaceKind.EXTERNAL:
            find = self._of_external
        else:
            return self.complete(place)
        question = (place, other.cluster, other.namespace)
        if question not in self._peers:
            found = find(place, other)
            self._peers[question] = place if found == place else found
        return self._peers[question]

    def _of_external(self, place: Place, other: Place) -> Place:
        name = _without_port(place.name)
        pod = self._pod(name)
        if pod is not None:
            return pod
        host = parse_service_host(name)
        service, _, namespace = name.rpartition(".")
        readings = [(name, ""), (service, namespace)] if host is None else []
        if host is not None:
            readings.append((host.service, host.namespace))
        for read_service, read_namespace in readings:
            found = self._named(read_service, read_namespace, name, other.cluster, other.namespace)
            if found is not None:
                return found
        return place

    def _of_host(self, place: Place, other: Place) -> Place:
        """Return the service at a host, that of another cluster if its own has none such."""
        host = f"{place.service}.{place.namespace}.svc.cluster.local"
        cluster = place.cluster or other.cluster
        found = self._named(place.service, place.namespace, host, cluster, place.namespace)
        return found or place

    def _named(
        self, service: str, namespace: str, name: str, cluster: str, near: str
    ) -> Place | None:
        """Return the only known service that a name means; the nearest are looked at first.

        Args:
            service: the name read as a service's …
            namespace: … in this namespace; empty for any.
            name: the name as it stands.
            cluster: of the caller.
            near: namespace of the caller.
        """
        meant = {
            one for one in self._by_service.get(service, ()) if namespace in ("", one.namespace)
        }
        for found in (meant, self._by_name.get(name, set()), self._by_host.get(name, set())):
            for nearest in (
                {one for one in found if (one.cluster, one.namespace) == (cluster, near)},
                {one for one in found if one.cluster == cluster},
                found,
            ):
                if len(nearest) == 1:
                    (only,) = nearest
                    return only.place()
                if nearest:
                    return None
        return None


@dataclass(frozen=True, slots=True)
class _Service:
    """A service that reports spans."""

    cluster: str
    namespace: str
    service: str

    def place(self) -> Place:
        name = f"{self.service}.{self.namespace}" if self.namespace else self.service
        return Place(PlaceKind.SERVICE, self.cluster, self.namespace, self.service, name=name)


def _service_of(place: Place) -> _Service:
    return _Service(place.cluster, place.namespace, place.service)


def _agree(one: str, other: str) -> bool:
    return one == other or not one or not other


def _without_port(name: str) -> str:
    """Return a host or an address without its port: ``10.0.0.1:80``, ``[::1]:80``, ``::1``."""
    if name.startswith("["):
        return name[1:].partition("]")[0]
    return name.partition(":")[0] if name.count(":") == 1 else name
