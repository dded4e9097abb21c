"""The finder of calls against the brute force of tests/graph/reference.py (rules G1 to G40)."""

from random import Random

from hypothesis import given

from model.graph.measures import aggregate_calls, aggregate_operations
from model.graph.weave import weave
from tests.graph.columns import columns_of
from tests.graph.comparison import plain_expected, plain_table
from tests.graph.meshes import mesh_spans, random_sampling, seeds
from tests.graph.reference import reference


@given(seed=seeds)
def test_woven_edges_and_operations_are_those_of_the_brute_force(seed: int) -> None:
    spans = mesh_spans(seed)
    sampling = random_sampling(Random(seed))
    expected = reference(spans, sampling)
    Random(seed).shuffle(spans)

    woven = weave(columns_of(spans), sampling)

    assert plain_expected(expected.edges) == plain_table(aggregate_calls(woven.calls))
    operations = aggregate_operations(woven.operations)
    assert plain_expected(expected.operations) == plain_table(operations)


@given(seed=seeds)
def test_links_reach_spans_of_traces_outside_of_the_window(seed: int) -> None:
    spans = mesh_spans(seed)
    trace_ids = sorted({span.trace_id for span in spans})
    wanted = [span for span in spans if span.trace_id in trace_ids[::2]]
    sampling = random_sampling(Random(seed))
    expected = reference(wanted, sampling, stored=spans)

    woven = weave(columns_of(wanted, linked_from=spans), sampling)

    assert plain_expected(expected.edges) == plain_table(aggregate_calls(woven.calls))
