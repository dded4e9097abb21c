"""The mesh of two hundred services that the graph is drawn of."""

import random

from bench.large_mesh import CALLS_PER_TRACE, EDGES, SERVICES, draft_large_trace


def test_its_traces_have_the_services_edges_and_calls_that_answers_are_checked_with():
    rng = random.Random(1)
    services, edges = set(), set()
    for _ in range(5000):
        trace = draft_large_trace(rng, 0)
        by_id = {span.span_id: span for span in trace.spans}
        calls = [("", trace.spans[0].pod.app)]
        for span in trace.spans:
            services.add(span.pod.app)
            parent = by_id.get(span.parent_id)
            if parent is not None and parent.pod is not span.pod:
                calls.append((parent.pod.app, span.pod.app))
        assert CALLS_PER_TRACE == len(calls)
        edges.update(calls)
    assert SERVICES + 1 == len(services)  # and the gateway
    assert EDGES == len(edges)
