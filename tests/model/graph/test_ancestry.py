"""Searches along parent chains, against walking them one by one."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from model.graph.ancestry import NONE, climb, earliest, nearest, nearest_or_self, roll_up


@st.composite
def _forests(draw):
    count = draw(st.integers(0, 40))
    parents = [draw(st.integers(-1, row - 1)) for row in range(count)]
    order = draw(st.permutations(range(count)))
    shuffled = np.full(count, NONE)
    for row, parent in enumerate(parents):
        shuffled[order[row]] = NONE if parent == NONE else order[parent]
    return shuffled, np.array(draw(st.lists(st.booleans(), min_size=count, max_size=count)), bool)


def _chain(parents, row):
    found = [row]
    while parents[found[-1]] != NONE:
        found.append(int(parents[found[-1]]))
    return found


@given(_forests())
def test_the_nearest_that_stops_is_the_first_of_the_chain_upwards(forest):
    parents, stops = forest
    chains = [_chain(parents, row) for row in range(len(parents))]

    first = [next((one for one in chain if stops[one]), NONE) for chain in chains]
    above = [next((one for one in chain[1:] if stops[one]), NONE) for chain in chains]

    assert first == nearest_or_self(stops, parents).tolist()
    assert above == nearest(stops, parents).tolist()


@given(_forests())
def test_a_climb_ends_at_the_top_and_counts_ancestors_and_values_roll_up_to_all_of_them(forest):
    parents, stops = forest
    chains = [_chain(parents, row) for row in range(len(parents))]
    added = np.zeros(len(parents), np.int64)
    for row, chain in enumerate(chains):
        added[chain] += int(stops[row]) + 1

    climbed = climb(parents)
    assert [len(chain) - 1 for chain in chains] == climbed.depth.tolist()
    assert [chain[-1] for chain in chains] == climbed.top.tolist()
    assert not len(climbed.endless)
    assert added.tolist() == roll_up(parents, stops.astype(np.int64) + 1, np.add).tolist()


@given(_forests(), st.data())
def test_a_climb_without_end_tells_a_row_of_the_cycle_and_the_others_all_the_same(forest, data):
    parents, _ = forest
    before = climb(parents)
    roots = np.flatnonzero(parents == NONE)
    if not len(roots):
        return
    root = data.draw(st.sampled_from(roots.tolist()))
    below = np.flatnonzero(before.top == root)
    last = data.draw(st.sampled_from(below.tolist()))
    cycle = _chain(parents, last)
    parents[root] = last

    climbed = climb(parents)

    assert climbed.endless.tolist()
    assert set(climbed.endless.tolist()) <= set(cycle)
    others = before.top != root
    assert (before.top[others] == climbed.top[others]).all()
    assert (before.depth[others] == climbed.depth[others]).all()


def test_the_earliest_of_a_group_is_the_first_of_those_that_start_together():
    groups, start_ns = np.array([7, 2, 7, 2, 7]), np.array([5, 9, 3, 9, 3])

    assert [1, 2] == earliest(groups, start_ns).tolist()
