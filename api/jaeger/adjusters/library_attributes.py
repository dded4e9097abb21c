"""Sixth adjuster: what tells of an SDK belongs to the resource, not to the span."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from api.jaeger.adjusters.adjusted_span import AdjustedSpan
from model.attributes import AttributeValue
from model.span import Resource

__all__ = ["library_attributes"]

_KEYS = (
    "telemetry.distro.name",
    "telemetry.distro.version",
    "telemetry.sdk.language",
    "telemetry.sdk.name",
    "telemetry.sdk.version",
)


def library_attributes(spans: Sequence[AdjustedSpan]) -> Sequence[AdjustedSpan]:
    """Move ``telemetry.sdk.*`` and ``telemetry.distro.*`` from spans to their resources.

    All spans of a resource get it with what was moved. A value that contradicts the resource's
    stays on its span, with a warning.
    """
    if not any(_library_keys(each) for each in spans):
        return spans
    resources = _Resources()
    kept = [_moved(each, resources.of(each.span.resource)) for each in spans]
    return [
        each.having(replace(each.span, resource=resources.of(each.span.resource).made()))
        for each in kept
    ]


@dataclass(slots=True)
class _Growing:
    """A resource and what is moved to it."""

    resource: Resource
    attributes: dict[str, AttributeValue]

    def made(self) -> Resource:
        """Return the resource with all of it; one object however often it is called."""
        if len(self.attributes) != len(self.resource.attributes):
            in_order = dict(sorted(self.attributes.items()))
            self.resource = replace(self.resource, attributes=in_order)
        return self.resource


class _Resources:
    """The resources of a trace; equal ones are one."""

    def __init__(self) -> None:
        self._of_object: dict[int, tuple[Resource, _Growing]] = {}
        self._of_content: dict[str, _Growing] = {}

    def of(self, resource: Resource) -> _Growing:
        known = self._of_object.get(id(resource))
        if known is None:
            growing = self._of_content.setdefault(
                repr(resource), _Growing(resource, dict(resource.attributes))
            )
            # The resource is kept, so that no other gets its id.
            known = self._of_object[id(resource)] = (resource, growing)
        return known[1]


def _moved(adjusted: AdjustedSpan, target: _Growing) -> AdjustedSpan:
    keys = _library_keys(adjusted)
    if not keys:
        return adjusted
    left = dict(adjusted.span.attributes)
    conflicts = []
    for key in keys:
        if _agrees(left[key], target.attributes, key):
            target.attributes[key] = left.pop(key)
        else:
            conflicts.append(f"conflicting values between Span and Resource for attribute {key}")
    return adjusted.having(replace(adjusted.span, attributes=left)).warned(conflicts)


def _library_keys(adjusted: AdjustedSpan) -> list[str]:
    attributes = adjusted.span.attributes
    return [key for key in _KEYS if key in attributes]


def _agrees(value: AttributeValue, attributes: dict[str, AttributeValue], key: str) -> bool:
    """Whether there is no other value; only texts are ever the same, as in Jaeger."""
    return key not in attributes or (isinstance(value, str) and value == attributes[key])
