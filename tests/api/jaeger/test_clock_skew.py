"""Jaeger's adjuster of clock skew (jaeger-api §10)."""

import pytest

from api.jaeger.adjusters.hosts import host_key
from model.attributes import Attributes
from model.span import Event, Resource, Span
from tests.api.jaeger.adjusting import MS, START, adjusted, span, starts_ms, warnings


@pytest.mark.parametrize(
    ("child", "start_ms", "warning"),
    [
        # inside of its parent
        (span(2, 1, at_ms=0, ms=100, host="b"), 0, ""),
        (span(2, 1, at_ms=20, ms=50, host="b"), 20, ""),
        # early, late: into the middle
        (span(2, 1, at_ms=-10, ms=50, host="b"), 25, "35ms"),
        (span(2, 1, at_ms=90, ms=50, host="b"), 25, "-65ms"),
        (span(2, 1, at_ms=-1, ms=100, host="b"), 0, "1ms"),
        (span(2, 1, at_ms=200, ms=0.001, host="b"), 49.9995, "-150.0005ms"),
        # longer than its parent: to its start at most
        (span(2, 1, at_ms=-10, ms=200, host="b"), 0, "10ms"),
        (span(2, 1, at_ms=90, ms=200, host="b"), 90, ""),
        # on the same clock, or on one that is not known
        (span(2, 1, at_ms=-10, ms=50, host="a"), -10, ""),
        (span(2, 1, at_ms=-10, ms=50, host=""), -10, ""),
    ],
)
def test_a_child_is_moved_into_its_parent(child: Span, start_ms: float, warning: str) -> None:
    found = adjusted(span(1, ms=100), child)
    text = f"This span's timestamps were adjusted by {warning}"

    assert {"span 1": 0, "span 2": start_ms} == starts_ms(found)
    assert ({"span 2": (text,)} if warning else {}) == warnings(found)


def test_a_child_of_an_unknown_clock_stays() -> None:
    found = adjusted(span(1, ms=100, host=""), span(2, 1, at_ms=-10, ms=50, host="b"))

    assert {"span 1": 0, "span 2": -10} == starts_ms(found)


def test_descendants_on_the_same_clock_and_events_move_along() -> None:
    found = adjusted(
        span(1, ms=100),
        span(2, 1, at_ms=1000, ms=80, host="b", events=(Event(START + 1010 * MS, "e"),)),
        span(3, 2, at_ms=1010, ms=20, host="b"),
        span(4, 3, at_ms=15, ms=20, host="a"),
    )

    assert {"span 1": 0, "span 2": 10, "span 3": 20, "span 4": 20} == starts_ms(found)
    assert [START + 20 * MS] == [event.time_ns for event in found["span 2"].span.events]
    assert {
        "span 2": ("This span's timestamps were adjusted by -990ms",),
        "span 3": ("This span's timestamps were adjusted by -990ms",),
        "span 4": ("This span's timestamps were adjusted by 5ms",),
    } == warnings(found)


@pytest.mark.parametrize(
    ("max_s", "warning"),
    [
        (0.0, "clock skew adjustment disabled; not applying calculated delta of -1.975s"),
        (
            1.5,
            (
                "max clock skew adjustment delta of 1.5s exceeded; "
                "not applying calculated delta of -1.975s"
            ),
        ),
    ],
)
def test_beyond_the_limit_there_is_only_a_warning(max_s: float, warning: str) -> None:
    spans = span(1, ms=100), span(2, 1, at_ms=2000, ms=50, host="b")
    found = adjusted(*spans, max_s=max_s)

    assert {"span 1": 0, "span 2": 2000} == starts_ms(found)
    assert {"span 2": (warning,)} == warnings(found)


def test_the_limit_itself_is_within() -> None:
    found = adjusted(span(1, ms=100), span(2, 1, at_ms=2000, ms=50, host="b"), max_s=1.975)

    assert {"span 1": 0, "span 2": 25} == starts_ms(found)


def test_an_orphan_stays_and_says_so() -> None:
    found = adjusted(span(1), span(2, parent=0x1F, at_ms=-5), span(3, 2, at_ms=-9, host="b"))

    assert {"span 1": 0, "span 2": -5, "span 3": -5} == starts_ms(found)
    assert (
        "parent span ID=000000000000001f is not in the trace; skipping clock skew adjustment",
    ) == found["span 2"].warnings


def test_a_cycle_is_left_alone() -> None:
    spans = span(1, 2), span(2, 1, at_ms=50, host="b"), span(3, 3, host="b")
    found = adjusted(*spans)

    assert {each.name: each for each in spans} == {name: each.span for name, each in found.items()}


def test_a_very_deep_trace_is_adjusted() -> None:
    spans = [span(number, number - 1, host="ab"[number % 2]) for number in range(1, 20_001)]

    assert 20_000 == len(adjusted(*spans))


@pytest.mark.parametrize(
    ("resource", "attributes", "key"),
    [
        ({"host.id": "i", "host.ip": ["1.2.3.4"], "host.name": "n"}, {}, "i"),
        ({"host.ip": ["1.2.3.4", "5.6.7.8"], "host.name": "n"}, {}, "1.2.3.4"),
        ({"host.ip": "1.2.3.4", "host.name": "n"}, {}, "1.2.3.4"),
        ({"host.ip": [], "host.name": "n"}, {}, "n"),
        ({"host.name": "n"}, {"node_id": "sidecar~10.0.0.1~p.ns~ns.svc.cluster.local"}, "n"),
        (
            {"k8s.pod.name": "other"},
            {"node_id": "sidecar~10.0.0.1~p.ns~ns.svc.cluster.local"},
            "p",
        ),
        ({}, {"node_id": "sidecar~10.0.0.1~.ns~ns.svc.cluster.local"}, "10.0.0.1"),
        ({"k8s.pod.name": "p", "k8s.pod.uid": "u"}, {"node_id": "plain"}, "p"),
        ({"k8s.pod.uid": "u"}, {}, "u"),
        ({"host.name": 7, "service.name": "x"}, {}, ""),
    ],
)
def test_a_clock_is_known_by_its_host_or_its_pod(
    resource: Attributes, attributes: Attributes, key: str
) -> None:
    assert key == host_key(span(1, resource=Resource(resource), attributes=attributes))
