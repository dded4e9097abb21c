"""Where to draw nodes so that calls go from left to right: layers, and an order in each."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["layers"]

_SWEEPS = 4


def layers(count: int, edges: Sequence[tuple[int, int]]) -> list[list[int]]:
    """Return the nodes ``0 … count - 1`` in layers, each in the order to draw it.

    A node is right of all that call it, but for calls that close a cycle. Within a layer, nodes
    are near their neighbours of the layer before, which keeps most edges from crossing.
    """
    forward = _without_cycles(count, edges)
    depth = _depths(count, forward)
    found: list[list[int]] = [[] for _ in range(max(depth, default=-1) + 1)]
    for node in range(count):
        found[depth[node]].append(node)
    callers: list[list[int]] = [[] for _ in range(count)]
    callees: list[list[int]] = [[] for _ in range(count)]
    for source, target in forward:
        callers[target].append(source)
        callees[source].append(target)
    for sweep in range(_SWEEPS):
        neighbours = callees if sweep % 2 else callers
        for layer in reversed(found) if sweep % 2 else found:
            place = {node: spot for each in found for spot, node in enumerate(each)}
            layer.sort(key=lambda node: _middle(node, neighbours[node], place))
    return found


def _middle(node: int, neighbours: list[int], place: dict[int, int]) -> float:
    spots = [place[each] for each in neighbours] or [place[node]]
    return sum(spots) / len(spots)


def _without_cycles(count: int, edges: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return ``edges`` without those that lead back, in a walk from callers that nobody calls."""
    callees: list[list[int]] = [[] for _ in range(count)]
    called = set()
    for source, target in edges:
        callees[source].append(target)
        called.add(target)
    kept = []
    state = [0] * count  # 1 while a node's callees are walked, 2 after
    for start in sorted(range(count), key=lambda node: node in called):
        if state[start]:
            continue
        state[start] = 1
        path = [(start, iter(callees[start]))]
        while path:
            node, rest = path[-1]
            for target in rest:
                if state[target] != 1:
                    kept.append((node, target))
                if state[target] == 0:
                    state[target] = 1
                    path.append((target, iter(callees[target])))
                    break
            else:
                state[node] = 2
                path.pop()
    return kept


def _depths(count: int, edges: list[tuple[int, int]]) -> list[int]:
    """Return the length of the longest path to each node; ``edges`` have no cycle."""
    depth = [0] * count
    waits = [0] * count
    callees: list[list[int]] = [[] for _ in range(count)]
    for source, target in edges:
        callees[source].append(target)
        waits[target] += 1
    ready = [node for node in range(count) if not waits[node]]
    while ready:
        node = ready.pop()
        for target in callees[node]:
            depth[target] = max(depth[target], depth[node] + 1)
            waits[target] -= 1
            if not waits[target]:
                ready.append(target)
    return depth
