"""Several reports of one span, merged to one span (rules G1 and G2).

SDKs retry, and some report a span in pieces. The result does not depend on the order of the
reports, and equal reports are one report.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TypeVar

from model.attributes import AttributeValue
from model.side import Side, side_of
from model.span import Span

__all__ = ["MergedSpan", "merge_duplicates"]

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class MergedSpan:
    """One span, and the number of *different* reports that it was merged from."""

    span: Span
    side: Side
    report_count: int


def merge_duplicates(spans: Iterable[Span]) -> list[MergedSpan]:
    """Return one span for each identity (span id and side), ordered by identity."""
    single: dict[tuple[str, Side], Span] = {}
    repeated: dict[tuple[str, Side], list[Span]] = {}
    for span in spans:
        identity = (span.span_id, side_of(span.kind))
        first = single.setdefault(identity, span)
        if first is not span:
            repeated.setdefault(identity, [first]).append(span)
    return [
        _merge(identity[1], repeated[identity])
        if identity in repeated
        else MergedSpan(single[identity], identity[1], 1)
        for identity in sorted(single)
    ]


def _merge(side: Side, reports: list[Span]) -> MergedSpan:
    # The text of a span tells 1 from True and holds NaN, which equality does not.
    different = {repr(report): report for report in reports}
    if len(different) == 1:
        return MergedSpan(reports[0], side, 1)
    ordered = [different[text] for text in sorted(different)]
    # The report that says most comes first; the others fill what it leaves out.
    ordered.sort(key=lambda span: (len(span.attributes), len(span.events)), reverse=True)
    return MergedSpan(_fold(ordered), side, len(different))


def _fold(reports: list[Span]) -> Span:
    first = reports[0]
    attributes: dict[str, AttributeValue] = {}
    for report in reversed(reports):
        attributes.update(report.attributes)
    start_ns = min(report.start_ns for report in reports)
    by_scope = max(reports, key=lambda span: (len(span.scope.attributes), span.scope.name))
    by_resource = max(reports, key=lambda span: len(span.resource.attributes))
    return replace(
        first,
        name=max(report.name for report in reports),
        start_ns=start_ns,
        duration_ns=max(report.end_ns for report in reports) - start_ns,
        parent_span_id=max(report.parent_span_id for report in reports),
        kind=max(report.kind for report in reports),
        status_code=max(report.status_code for report in reports),
        status_message=max(report.status_message for report in reports),
        trace_state=max(report.trace_state for report in reports),
        flags=max(report.flags for report in reports),
        # In the order of the fullest report, then what only the others have.
        attributes={key: attributes[key] for key in (*first.attributes, *attributes)},
        events=_distinct(event for report in reports for event in report.events),
        links=_distinct(link for report in reports for link in report.links),
        dropped_attributes_count=max(report.dropped_attributes_count for report in reports),
        dropped_events_count=max(report.dropped_events_count for report in reports),
        dropped_links_count=max(report.dropped_links_count for report in reports),
        resource=by_resource.resource,
        scope=by_scope.scope,
        service_name=max(report.service_name for report in reports),
        identity=max(
            (report.identity for report in reports),
            key=lambda identity: (identity.pod, identity.service, repr(identity)),
        ),
    )


def _distinct(items: Iterable[_T]) -> tuple[_T, ...]:
    return tuple({repr(item): item for item in items}.values())
