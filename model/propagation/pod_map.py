"""Which pod an address was, at the time it was seen."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from model.graph.ancestry import NONE
from model.graph.place import Place
from model.graph.pods import Pod
from model.hosts import without_port
from model.propagation.roles import PodName

__all__ = ["PodMap"]

Int64s = npt.NDArray[np.int64]

# Pods are known to the minute, and a pod may be called for a while before it calls.
_AROUND_NS = 60_000_000_000


class PodMap:
    """The pods of a window by address.

    Args:
        pods: of the window.
        addresses: texts that rows name by index; may have ports.

    Attributes:
        pods: the pods.
        workloads: the workload of each pod.
    """

    def __init__(self, pods: Sequence[Pod], addresses: Sequence[str]) -> None:
        self.pods = tuple(pods)
        self.workloads: tuple[Place, ...] = tuple(pod.place for pod in pods)
        by_address: dict[str, list[int]] = defaultdict(list)
        for index, pod in enumerate(pods):
            by_address[pod.address].append(index)
        self._had = [by_address.get(without_port(text), []) if text else [] for text in addresses]
        self._only = np.array([had[0] if len(had) == 1 else NONE for had in self._had], np.int64)
        self._several = np.array([len(had) > 1 for had in self._had], np.bool_)

    def find(self, address: Int64s, moment_ns: Int64s) -> Int64s:
        """Return the index of the pod that had each address at its moment, or NONE.

        An address that one pod had in all the window is that pod; one that several had is the
        one that was seen around the moment, if it is one only.
        """
        found: Int64s = self._only[address]
        for row in np.flatnonzero(self._several[address]).tolist():
            moment = int(moment_ns[row])
            there = [
                index
                for index in self._had[int(address[row])]
                if self.pods[index].first_seen_ns - _AROUND_NS
                <= moment
                < self.pods[index].last_seen_ns + 2 * _AROUND_NS
            ]
            found[row] = there[0] if len(there) == 1 else NONE
        return found

    def name(self, index: int) -> PodName:
        """Return what the pod is called in its cluster."""
        pod = self.pods[index]
        return pod.place.namespace, pod.pod
