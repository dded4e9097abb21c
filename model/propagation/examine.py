"""The doctor's round: every sign over what was gathered, and each workload's figures."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from model.graph.pods import Pod
from model.propagation.callers import Callers, find_callers
from model.propagation.findings import Finding, Report, WorkloadFigures
from model.propagation.grouping import distinct
from model.propagation.lost_context import find_lost_context
from model.propagation.missing_spans import (
    find_orphans,
    find_silent_callees,
    unexplained_orphans,
)
from model.propagation.observations import Observations
from model.propagation.pod_map import PodMap
from model.propagation.request_ids import find_replaced_ids, find_split_requests, replaced_ids
from model.propagation.serving import NewTraces, Serving

__all__ = ["examine"]

Bools = npt.NDArray[np.bool_]


def examine(seen: Observations, pods: Sequence[Pod]) -> Report:
    """Look for the signs B1 to B7.

    Signs of something missing (B3, B4, B6, B7, the cut chains of B5) are told of settled traces
    only; the others show what is there and need not wait.

    Args:
        seen: spans of a window, and of a little before it.
        pods: of the same time.
    """
    serving, pod_map = Serving(seen), PodMap(pods, seen.peer_addresses)
    callers = Callers(seen, serving, pod_map)
    new_traces = serving.new_traces()
    split, reused = find_split_requests(seen, serving, pod_map)
    findings = [
        *find_lost_context(seen, serving, new_traces),
        *split,
        *find_orphans(seen, callers),
        *find_callers(seen, callers, pod_map),
        *find_replaced_ids(seen, serving),
        *find_silent_callees(seen),
    ]
    return Report(
        findings=tuple(sorted(findings, key=_gravest_first)),
        workloads=_figures(seen, serving, callers, new_traces),
        traces=len(distinct(seen.trace[seen.judged])),
        spans=int(seen.judged.sum()),
        reused_request_ids=reused,
    )


def _gravest_first(finding: Finding) -> tuple[int, int, str, int, str, str]:
    subject = finding.subject
    return (
        -finding.severity,
        -finding.confidence,
        finding.sign,
        -finding.affected,
        repr(subject),
        repr(finding.peer),
    )


def _figures(
    seen: Observations, serving: Serving, callers: Callers, new_traces: Sequence[NewTraces]
) -> tuple[WorkloadFigures, ...]:
    def counts(rows: Bools) -> list[int]:
        per = np.bincount(seen.workload[rows & seen.judged], minlength=len(seen.workloads))
        found: list[int] = per.tolist()
        return found

    inbound, outbound = counts(serving.served), counts(serving.calls)
    began = counts(serving.calls & seen.is_root)
    replaced = counts(replaced_ids(seen, serving))
    orphans = counts(unexplained_orphans(seen, callers))
    while_serving, confirmed = [0] * len(seen.workloads), [0] * len(seen.workloads)
    for new in new_traces:
        while_serving[new.workload] += int(new.met.sum())
        confirmed[new.workload] += int((new.request >= 0).sum())
    found = [
        WorkloadFigures(
            workload=place,
            inbound=inbound[number],
            outbound=outbound[number],
            began_traces=began[number],
            began_while_serving=while_serving[number],
            confirmed=confirmed[number],
            request_ids_replaced=replaced[number],
            orphans=orphans[number],
        )
        for number, place in enumerate(seen.workloads)
        if inbound[number] or outbound[number] or orphans[number]
    ]
    return tuple(sorted(found, key=lambda figures: figures.workload))
