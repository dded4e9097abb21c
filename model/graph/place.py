"""The two ends of an edge: who calls, who is called, and of which kind they are."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["Place", "PlaceKind"]


class PlaceKind(StrEnum):
    """What stands at the end of an edge.

    WORKLOAD, GATEWAY and WAYPOINT report spans (or a proxy does it for them); SERVICE is named
    by its callers and its workload is not known. DATABASE, MESSAGING and EXTERNAL are virtual:
    known only from spans about them. INGRESS is what lies before a gateway, UNKNOWN a caller of
    which nothing is known.
    """

    WORKLOAD = "workload"
    GATEWAY = "gateway"
    WAYPOINT = "waypoint"
    SERVICE = "service"
    DATABASE = "database"
    MESSAGING = "messaging"
    EXTERNAL = "external"
    INGRESS = "ingress"
    UNKNOWN = "unknown"

    # An enum's own hash is written in Python; keys of the graph are hashed by the thousand.
    __hash__ = str.__hash__


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """One end of an edge, in its finest grain (rules G3 to G8); empty is not known.

    Attributes:
        kind: what it is.
        cluster, namespace, service, version, workload: as :class:`model.span.MeshIdentity`;
            all but ``service`` empty for virtual places.
        name: by which its traces are found (rule G46): the proxy's ``service.name`` if there is
            one, else the SDK's; of a virtual place what it is called (``mysql:3306``).
    """

    kind: PlaceKind
    cluster: str = ""
    namespace: str = ""
    service: str = ""
    version: str = ""
    workload: str = ""
    name: str = ""
