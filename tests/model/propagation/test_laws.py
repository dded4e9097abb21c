"""What holds of every report, whatever was sent and in whatever order."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from model.propagation.findings import Report
from model.propagation.stitch import find_links, stitch
from model.span import Span, SpanKind
from tests.model.propagation.mesh import doctor, inbound, outbound, span

_APPS = ("front", "middle", "back")


@st.composite
def spans(draw: st.DrawFn) -> list[Span]:
    """Anything that sidecars, a gateway and an SDK could send, however little it makes sense."""
    found: list[Span] = []
    for number in range(1, draw(st.integers(1, 25)) + 1):
        app, other = draw(st.sampled_from(_APPS)), draw(st.sampled_from(_APPS))
        trace, parent = draw(st.integers(1, 6)), draw(st.sampled_from([0, 0, 0xDEAD, *range(1, 9)]))
        at, ms = draw(st.integers(0, 60)), draw(st.integers(0, 40))
        request_id = draw(st.sampled_from([0, 1, 2, 3]))
        match draw(st.sampled_from(["inbound", "outbound", "gateway", "app"])):
            case "inbound":
                one = inbound(app, trace, number, parent, at=at, ms=ms, id=request_id, caller=other)
            case "outbound":
                one = outbound(app, other, trace, number, parent, at=at, ms=ms, id=request_id)
            case "gateway":
                one = inbound("gateway", trace, number, parent, at=at, ms=ms, proxy="router")
            case _:
                kind = draw(st.sampled_from(SpanKind))
                one = span(app, kind, trace, number, parent, at, ms, "work", proxy="")
        found.append(one)
    return found


@given(spans(), st.data())
def test_neither_the_order_of_spans_nor_their_repetition_nor_chunks_change_the_report(
    sent: list[Span], data: st.DataObject
) -> None:
    again = data.draw(st.lists(st.sampled_from(sent), max_size=5))
    shuffled = data.draw(st.permutations([*sent, *again]))

    assert doctor(sent) == doctor(shuffled, chunk_spans=data.draw(st.integers(1, 30)))


@given(spans())
def test_every_finding_is_about_spans_that_are_there(sent: list[Span]) -> None:
    report: Report = doctor(sent)
    stored = {(one.trace_id, one.span_id) for one in sent}

    for finding in report.findings:
        assert 0 < finding.affected <= finding.total
        assert finding.advice
        assert finding.why.endswith(".")
        assert finding.evidence
        for case in finding.evidence:
            assert (case.trace_id, case.span_id) in stored
            assert (case.other_trace_id, case.other_span_id) in stored | {("", "")}


@given(spans())
def test_workloads_never_have_more_of_a_part_than_of_the_whole(sent: list[Span]) -> None:
    for each in doctor(sent).workloads:
        assert each.outbound >= each.began_traces >= each.began_while_serving >= each.confirmed
        assert each.outbound >= each.request_ids_replaced


@given(spans())
def test_stitching_loses_no_span_of_the_wanted_traces_and_links_each_root_once(
    sent: list[Span],
) -> None:
    traces: dict[str, list[Span]] = {}
    for one in sent:
        traces.setdefault(one.trace_id, []).append(one)

    found = stitch(traces, list(traces))

    links = find_links(traces)
    assert len(links) == len({(link.child_trace_id, link.child_span_id) for link in links})
    assert sorted(traces) == sorted([*found.parts, *found.left_out])
    assert sum(len({(s.span_id) for s in traces[part]}) for part in found.parts) == len(
        {node.span_id for node in found.trace.nodes if node.span is not None}
    )
