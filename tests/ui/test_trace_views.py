"""The views of a trace besides the timeline: table, flame graph, statistics, graph, raw."""

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.ui.browsing import assert_accessible, press, screenshot

VIEWS = {
    "table": "Spans",
    "flame": "Flame graph",
    "statistics": "Statistics",
    "graph": "Graph",
    "raw": "Raw",
}
DETAILS = "complementary"


@pytest.fixture
def open_view(open_page, mesh):
    """Open a view of one of the traces: ``open_view("table", "failing", "order=own")``."""

    def open_one(view, trace="failing", parameters="", **options):
        trace_id = getattr(mesh.traffic, trace).trace_id
        page = open_page(f"/trace/{trace_id}?view={view}&{parameters}", **options)
        expect(page.get_by_role("tab", name=VIEWS[view], exact=True)).to_have_attribute(
            "aria-selected", "true"
        )
        return page

    return open_one


def column(page, position):
    """The texts of a table's column, from the left, of the rows in sight."""
    return page.locator(f"tbody tr td:nth-child({position})")


def spans_table(page):
    return page.get_by_role("grid", name="Spans of the trace")


def test_the_tabs_lead_to_all_views_and_back_leads_back(open_page, mesh):
    page = open_page(f"/trace/{mesh.traffic.failing.trace_id}")

    for view, name in VIEWS.items():
        page.get_by_role("tab", name=name, exact=True).click()
        expect(page).to_have_url(re.compile(rf"[?&]view={view}"))
    page.go_back()

    expect(page.get_by_role("tab", name="Graph", exact=True)).to_have_attribute(
        "aria-selected", "true"
    )


def test_the_table_has_every_span_with_its_hop_and_outcome(open_view):
    page = open_view("table")

    expect(spans_table(page)).to_have_attribute("aria-rowcount", "9")
    last = page.get_by_role("row").last
    expect(last).to_contain_text("reviews.bookinfo")
    expect(last).to_contain_text("client sidecar")
    expect(last).to_contain_text("UH")


def test_the_table_sorts_by_a_column_and_keeps_the_order_in_the_address(open_view):
    page = open_view("table")
    expect(column(page, 3)).to_have_count(8)

    page.get_by_role("button", name="Service", exact=True).click()
    expect(column(page, 1).first).to_have_text("details.bookinfo")
    page.reload()

    expect(column(page, 1).first).to_have_text("details.bookinfo")
    expect(page.get_by_role("columnheader", name="Service")).to_have_attribute(
        "aria-sort", "ascending"
    )


def test_the_table_shows_the_spans_of_one_service(open_view):
    page = open_view("table")

    page.get_by_label("Service", exact=True).select_option(label="reviews.bookinfo (2)")

    expect(page.get_by_text("2 of 8 spans")).to_be_visible()
    expect(column(page, 1)).to_have_text(["reviews.bookinfo"] * 2)
    page.go_back()
    expect(page.get_by_text("8 of 8 spans")).to_be_visible()


def test_arrow_keys_walk_through_the_table_and_enter_opens_a_span(open_view):
    page = open_view("table")
    spans_table(page).focus()

    press(page, "ArrowDown", "ArrowDown", "Enter")

    expect(page.get_by_role(DETAILS)).to_be_visible()
    expect(column(page, 1).nth(1).locator("..")).to_have_attribute("aria-selected", "true")
    press(page, "Escape")
    expect(page.get_by_role(DETAILS)).to_have_count(0)


def test_ten_thousand_spans_are_in_the_table_but_few_in_the_document(open_view):
    page = open_view("table", "large", "order=-duration")

    expect(spans_table(page)).to_have_attribute("aria-rowcount", "10001")
    spans_table(page).focus()
    press(page, "End")

    expect(page.locator("tr[aria-rowindex='10001']")).to_be_visible()
    assert page.locator("tbody tr").count() < 120


def test_the_table_marks_what_the_search_inside_of_the_trace_finds(open_view):
    page = open_view("table", parameters="find=ratings")

    expect(page.locator("tr[data-marked]")).to_have_count(1)
    page.get_by_role("button", name="Only matches").click()
    expect(page.get_by_text("1 of 8 spans")).to_be_visible()


def test_no_span_that_meets_the_filters_leads_back_to_all(open_view):
    page = open_view("table", parameters="service=reviews.bookinfo&operation=nothing")

    page.get_by_role("button", name="Show all spans").click()

    expect(page.get_by_text("8 of 8 spans")).to_be_visible()


def flame(page):
    return page.get_by_role("application", name="Flame graph")


def test_arrow_keys_walk_through_the_flame_graph_and_say_where_they_are(open_view):
    page = open_view("flame")
    flame(page).focus()
    said = page.locator("[aria-live=polite]")

    press(page, "ArrowDown")
    expect(said).to_contain_text("istio-ingressgateway")
    press(page, "ArrowDown", "ArrowDown", "ArrowDown")
    expect(said).to_contain_text("productpage.bookinfo reviews.bookinfo.svc.cluster.local:9080/*")
    press(page, "ArrowLeft")
    expect(said).to_contain_text("productpage.bookinfo details.bookinfo.svc.cluster.local:9080/*")
    press(page, "Enter")
    expect(page.get_by_role(DETAILS)).to_contain_text("details.bookinfo")


def test_the_flame_graph_zooms_into_a_call_and_out_of_it(open_view):
    page = open_view("flame")
    flame(page).focus()
    press(page, "ArrowDown", "ArrowDown", "ArrowDown", "ArrowDown", "+")
    way = page.get_by_role("navigation", name="Zoomed into")

    expect(way).to_contain_text("productpage.bookinfo")
    page.reload()
    expect(way).to_contain_text("productpage.bookinfo")
    way.get_by_role("button", name="Whole trace").click()
    expect(way).to_have_count(0)
    page.go_back()
    expect(way).to_be_visible()


def test_a_click_on_the_flame_graph_opens_the_slowest_span_of_the_frame(open_view):
    page = open_view("flame")

    flame(page).click(position={"x": 40, "y": 10})

    expect(page.get_by_role(DETAILS)).to_contain_text("istio-ingressgateway")


def test_the_flame_graph_of_ten_thousand_spans_is_drawn(open_view):
    page = open_view("flame", "large")

    flame(page).hover(position={"x": 40, "y": 10})

    expect(page.get_by_role("tabpanel")).to_contain_text("With what it calls")


def groups(page):
    return page.get_by_role("grid", name="Spans in groups")


def test_statistics_lead_to_the_spans_of_a_group(open_view):
    page = open_view("statistics")
    expect(column(page, 1).first).to_have_text("reviews.bookinfo")

    groups(page).get_by_text("reviews.bookinfo").click()

    expect(page.get_by_text("2 of 8 spans")).to_be_visible()
    page.go_back()
    expect(page.get_by_text("4 groups")).to_be_visible()


def test_statistics_group_by_any_attribute(open_view):
    page = open_view("statistics")
    page.get_by_label("Group by").select_option(label="Attribute")
    expect(page.get_by_role("heading", name="Choose an attribute to group by")).to_be_visible()

    page.get_by_role("combobox", name="Attribute").fill("http.status_code")
    press(page, "Enter")

    expect(page).to_have_url(re.compile("key=http.status_code"))
    expect(column(page, 1)).to_have_text(["503", "200"])
    groups(page).get_by_text("200", exact=True).click()
    expect(page.get_by_text("2 of 8 spans")).to_be_visible()


def drawn_graph(page):
    graph = page.get_by_role("img", name="Graph of the trace")
    expect(graph).to_have_attribute("data-drawn", "true")
    return graph


def test_the_graph_has_the_same_as_a_table_of_calls(open_view):
    page = open_view("graph")
    drawn_graph(page)

    page.get_by_role("button", name="Table of calls").click()

    calls = page.get_by_role("grid", name="Calls in the trace").get_by_role("row")
    expect(calls).to_have_count(4)
    expect(calls.nth(1)).to_contain_text("istio-ingressgateway.istio-system")
    calls.nth(1).click()
    expect(page.get_by_role(DETAILS)).to_contain_text("productpage.bookinfo")


def test_the_graph_keeps_its_nodes_and_colours_in_the_address(open_view):
    page = open_view("graph")

    page.get_by_label("Nodes").select_option(label="Operations")
    page.get_by_label("Colour by").select_option(label="Errors")
    page.reload()

    drawn_graph(page)
    expect(page.get_by_label("Nodes")).to_have_value("operations")
    expect(page.get_by_label("Colour by")).to_have_value("errors")


def test_the_graph_of_ten_thousand_spans_is_drawn_by_service_only(open_view):
    page = open_view("graph", "large", "nodes=operations")
    expect(page.get_by_role("heading", name="operations are too many")).to_be_visible()

    page.get_by_role("button", name="Show services").click()

    expect(page.get_by_role("heading", name="operations are too many")).to_have_count(0)
    drawn_graph(page)


def lines(page, name):
    return page.get_by_role("region", name=name)


def test_raw_shows_our_json_and_otlp(open_view, mesh):
    page = open_view("raw")
    expect(lines(page, "Spanloom JSON")).to_contain_text(mesh.traffic.failing.trace_id)

    page.get_by_role("button", name="OTLP/JSON").click()

    expect(lines(page, "OTLP/JSON")).to_contain_text("resourceSpans")
    page.go_back()
    expect(lines(page, "Spanloom JSON")).to_contain_text("critical_path")


def test_raw_leads_to_the_line_of_the_selected_span(open_view):
    page = open_view("raw", parameters="format=otlp")
    expect(lines(page, "OTLP/JSON")).to_contain_text("resourceSpans")

    page.get_by_role("button", name="Previous error").click()

    chosen = page.locator("[data-chosen]")
    expect(chosen).to_be_visible()
    expect(chosen).to_contain_text("spanId")


def test_raw_downloads_what_it_shows(open_view, mesh):
    page = open_view("raw")
    expect(page.get_by_role("button", name="Copy", exact=True)).to_be_visible()

    with page.expect_download() as download:
        page.get_by_role("button", name="Download").click()

    assert f"trace-{mesh.traffic.failing.trace_id}.json" == download.value.suggested_filename
    document = json.loads(Path(download.value.path()).read_text())
    assert mesh.traffic.failing.trace_id == document["trace_id"]


def test_raw_says_what_fails_and_tries_again(open_view):
    page = open_view("raw", parameters="format=otlp", errors={"**/api/v1/traces/*format=otlp": 503})

    expect(page.get_by_role("alert")).to_contain_text("the store does not answer")
    page.unroute_all()
    page.get_by_role("button", name="Try again").click()
    expect(lines(page, "OTLP/JSON")).to_contain_text("resourceSpans")


def test_names_with_markup_are_text_in_every_view(open_view):
    page = open_view("table", "html")
    for name in VIEWS.values():
        page.get_by_role("tab", name=name, exact=True).click()
        expect(page.get_by_role("tabpanel")).not_to_be_empty()

    assert 0 == page.locator("img[src=x]").count()


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("view", VIEWS)
def test_the_view_has_no_barriers(open_view, view, dark):
    page = open_view(view, dark=dark)
    expect(page.get_by_role("tabpanel").get_by_text("Loading")).to_have_count(0)
    expect(page.get_by_role("tabpanel")).not_to_be_empty()
    if view == "graph":
        drawn_graph(page)

    assert_accessible(page)
    screenshot(page, f"trace-{view}")
