"""The speed of a machine, by which its figures are compared with those of another."""

from __future__ import annotations

import pytest

from bench.machine import OF_TARGETS, MachineSpeed, measure_speed
from bench.targets import Target


def test_the_speed_of_a_machine_is_cpu_time_a_span():
    speed = measure_speed()

    assert 0 < speed.parse_us < speed.walk_us


def test_slowness_tells_how_many_times_longer_a_span_takes_than_where_the_targets_are_from():
    assert MachineSpeed(parse_us=3.8, walk_us=25.6).slowness == pytest.approx(2)
    assert OF_TARGETS.slowness == 1


@pytest.mark.parametrize(
    ("unit", "scaled"), [("ms", 50), ("spans/s", 200), ("B a span", None), ("s", None)]
)
def test_only_what_depends_on_the_speed_of_the_machine_is_scaled_by_it(
    unit: str, scaled: float | None
):
    target = Target("of something", unit, wanted=60, measured=100)

    assert target.scaled(slowness=2) == scaled
    assert not target.met
