"""What is odd about a trace, said so that a developer can act on it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from model.clock_skew import ClockSkews
from model.span import MeshIdentity, Span
from model.tree import NO_PARENT, Tree

__all__ = ["TraceWarning", "WarningCode", "find_span_warnings", "find_trace_warnings"]


class WarningCode(StrEnum):
    """What kind of oddity a warning is about."""

    MISSING_PARENT = "missing_parent"
    NO_ROOT = "no_root"
    SEVERAL_ROOTS = "several_roots"
    SELF_PARENT = "self_parent"
    CYCLE = "cycle"
    DUPLICATE_SPAN = "duplicate_span"
    CLOCK_SKEW = "clock_skew"
    DROPPED_DATA = "dropped_data"


@dataclass(frozen=True, slots=True)
class TraceWarning:
    """One oddity: a code for programs, a message for people."""

    code: WarningCode
    message: str


def find_span_warnings(
    tree: Tree, identities: list[MeshIdentity], skews: ClockSkews
) -> dict[int, tuple[TraceWarning, ...]]:
    """Return the warnings of the members that have any, by index.

    Args:
        tree: of the trace.
        identities: of its members.
        skews: found in it, whether they were corrected or not.
    """
    skewed = set(skews.found_at)
    found: dict[int, tuple[TraceWarning, ...]] = {}
    for index, span in enumerate(tree.spans):
        warnings = _of_shape(tree, index)
        if index in skewed:
            warnings.append(_clock_skew(tree, identities, index, skews.corrections_ns[index]))
        if span is not None and (dropped := _dropped(span)):
            warnings.append(TraceWarning(WarningCode.DROPPED_DATA, dropped))
        if warnings:
            found[index] = tuple(warnings)
    return found


def find_trace_warnings(
    tree: Tree, span_warnings: dict[int, tuple[TraceWarning, ...]]
) -> tuple[TraceWarning, ...]:
    """Return the warnings about the trace as a whole; those of spans are counted there."""
    found: list[TraceWarning] = []
    roots = [index for index in tree.roots if tree.spans[index] is not None]
    missing = sum(span is None for span in tree.spans)
    if missing:
        orphans = sum(parent != NO_PARENT and tree.spans[parent] is None for parent in tree.parents)
        found.append(
            TraceWarning(
                WarningCode.MISSING_PARENT,
                f"{_count(missing, 'parent span')} not stored, named by {_count(orphans, 'span')}: "
                "late, sampled out, lost, or made by something that does not report",
            )
        )
    if not roots:
        found.append(TraceWarning(WarningCode.NO_ROOT, "the root span is not stored"))
    elif len(roots) > 1:
        found.append(
            TraceWarning(
                WarningCode.SEVERAL_ROOTS,
                f"{len(roots)} spans have no parent: something on the way does not forward the "
                "traceparent header, or a client reuses the trace id",
            )
        )
    counts: dict[WarningCode, int] = {}
    for warnings in span_warnings.values():
        for warning in warnings:
            counts[warning.code] = counts.get(warning.code, 0) + 1
    for code, words in _SUMMARIES.items():
        if code in counts:
            found.append(TraceWarning(code, f"{_count(counts[code], 'span')} {words}"))
    return tuple(found)


_SUMMARIES = {
    WarningCode.SELF_PARENT: "named as its own parent; taken as a root",
    WarningCode.CYCLE: "closing a cycle of parents; taken as a root",
    WarningCode.DUPLICATE_SPAN: "reported more than once with different content; merged",
    WarningCode.CLOCK_SKEW: "outside of the span that waited for it: clocks disagree",
    WarningCode.DROPPED_DATA: "sent incomplete by an SDK's limits",
}


def _of_shape(tree: Tree, index: int) -> list[TraceWarning]:
    found: list[TraceWarning] = []
    parent = tree.parents[index]
    if parent != NO_PARENT and tree.spans[parent] is None:
        message = f"its parent {tree.span_ids[parent]} is not stored"
        found.append(TraceWarning(WarningCode.MISSING_PARENT, message))
    if index in tree.self_parents:
        message = "names itself as its parent; taken as a root"
        found.append(TraceWarning(WarningCode.SELF_PARENT, message))
    if index in tree.cycle_breakers:
        span = tree.spans[index]
        named = span.parent_span_id if span is not None else ""
        message = f"its parent {named} is also one of its descendants; taken as a root"
        found.append(TraceWarning(WarningCode.CYCLE, message))
    if tree.report_counts[index] > 1:
        message = f"merged from {tree.report_counts[index]} different reports of this span"
        found.append(TraceWarning(WarningCode.DUPLICATE_SPAN, message))
    return found


def _clock_skew(
    tree: Tree, identities: list[MeshIdentity], index: int, correction_ns: int
) -> TraceWarning:
    parent = tree.parents[index]
    direction = "behind" if correction_ns > 0 else "ahead of"
    return TraceWarning(
        WarningCode.CLOCK_SKEW,
        f"the clock of {_place(tree, identities, index)} seems to be "
        f"{abs(correction_ns) / 1e6:.3f} ms {direction} that of "
        f"{_place(tree, identities, parent)}: the span lies outside of its parent",
    )


def _place(tree: Tree, identities: list[MeshIdentity], index: int) -> str:
    span, identity = tree.spans[index], identities[index]
    name = identity.pod or identity.service or (span.service_name if span is not None else "")
    return name or "an unnamed service"


def _dropped(span: Span) -> str:
    if not (span.dropped_attributes_count or span.dropped_events_count or span.dropped_links_count):
        return ""
    counts = (
        (span.dropped_attributes_count, "attribute"),
        (span.dropped_events_count, "event"),
        (span.dropped_links_count, "link"),
    )
    dropped = ", ".join(_count(count, noun) for count, noun in counts if count)
    return f"the SDK dropped {dropped} at its limits"


def _count(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
