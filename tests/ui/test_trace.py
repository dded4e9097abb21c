"""A trace's page: what it says of the trace as a whole, and what it leads to."""

import json
import re

import pytest
from playwright.sync_api import expect

from tests.ui.browsing import assert_accessible, failing, focused, press, screenshot

_PATIENCE_MS = 60_000  # ten thousand spans are 20 MB
NOBODY = "00000000000000000000000000000009"


def rows(page):
    return page.get_by_role("row")


def row(page, *texts):
    found = rows(page)
    for text in texts:
        found = found.filter(has_text=text)
    return found.first


def details(page):
    return page.get_by_role("complementary", name="Span details")


@pytest.fixture
def trace(open_page, mesh):
    """Open one of the traffic's traces, by its name there."""

    def open_trace(name, query="", **how):
        page = open_page(f"/trace/{getattr(mesh.traffic, name).trace_id}{query}", **how)
        expect(rows(page).first).to_be_visible(timeout=_PATIENCE_MS)
        return page

    return open_trace


def test_the_header_tells_root_figures_and_who_holds_the_critical_path(trace):
    page = trace("failing")

    header = page.locator("main header").first
    expect(header.get_by_role("heading", level=1)).to_contain_text(
        "istio-ingressgateway.istio-system productpage.bookinfo.svc.cluster.local:9080/productpage"
    )
    for figure in ("Duration103 ms", "Services4", "Spans8", "Depth6", "Errors 6"):
        name, value = re.match(r"([A-Z][a-z]+) ?(.*)", figure).groups()
        fact = header.locator("dl > div").filter(has=page.get_by_text(name, exact=True))
        expect(fact.locator("dd")).to_contain_text(value)
    expect(header.get_by_role("button", name=re.compile("reviews.bookinfo 6. %"))).to_be_visible()


def test_who_holds_the_critical_path_leads_to_the_span_that_does(trace):
    page = trace("failing")

    page.get_by_role("button", name=re.compile("reviews.bookinfo 6. %")).click()

    expect(details(page)).to_contain_text("server sidecar")
    expect(details(page).get_by_role("heading")).to_contain_text("reviews.bookinfo")


def test_a_response_flag_is_explained_in_words_with_where_to_look(trace):
    page = trace("failing")

    row(page, "UH").click()

    expect(row(page, "UH")).to_contain_text("no healthy upstream host")
    expect(details(page)).to_contain_text("UH: no healthy upstream host")
    expect(details(page)).to_contain_text("Look at: callee pods, outlier ejection")


def test_the_trace_can_be_taken_along_and_compared(trace, mesh):
    page = trace("failing")
    trace_id = mesh.traffic.failing.trace_id

    expect(page.get_by_role("link", name="Compare").last).to_have_attribute(
        "href", f"/compare?a={trace_id}"
    )
    with page.expect_download() as download:
        page.get_by_role("link", name="OTLP").click()
    assert download.value.suggested_filename == f"trace-{trace_id}.otlp.json"
    assert json.loads(download.value.path().read_text())["resourceSpans"]


def test_an_attribute_leads_to_the_traces_that_have_it(trace):
    page = trace("failing")
    row(page, "UH").click()

    found = details(page).get_by_role("link", name="Find traces with this: http.status_code")

    expect(found).to_have_attribute("href", "/search?attribute=http.status_code%3D503")


def test_an_exception_shows_its_stack_trace_and_a_link_leads_to_its_span(trace):
    page = trace("throwing")
    row(page, "rank products").click()

    panel = details(page)
    expect(panel.locator("pre")).to_contain_text("weight = model.weights[viewer.segment]")
    expect(panel).to_contain_text("9223372036854775807 int64")
    expect(panel).to_contain_text("AAH+/w== base64, 4 B")
    panel.get_by_text("GET /recommendations").click()

    expect(panel).to_contain_text("Internal Server Error")


def test_addresses_in_values_open_beside_the_page_and_know_nothing_of_it(trace):
    page = trace("throwing")
    row(page, "upstream attempt").click()

    address = details(page).get_by_role("link", name="http://shop.example.com/recommendations")

    expect(address).to_have_attribute("rel", "noopener noreferrer")
    expect(address).to_have_attribute("target", "_blank")


def test_a_parent_that_is_not_stored_has_a_row_that_says_so(trace):
    page = trace("missing_parent")

    expect(row(page, "not stored")).to_be_visible()
    expect(page.get_by_text("A part of this trace is cut off")).to_be_visible()
    expect(page.get_by_role("link", name="Find the reason")).to_have_attribute(
        "href", "/propagation?service=reviews.bookinfo"
    )


def test_clocks_that_disagree_can_be_corrected_and_it_is_told_what_moved(trace):
    page = trace("skewed")

    page.get_by_role("checkbox", name="Correct clocks").check()

    expect(
        page.get_by_text(re.compile(r"reviews-v3-\S+ moved .700 ms \(2 spans\)"))
    ).to_be_visible()
    expect(row(page, "clock moved")).to_contain_text("700 ms")
    expect(page).to_have_url(re.compile("adjust_clock_skew=true"))
    page.go_back()
    expect(page.get_by_role("checkbox", name="Correct clocks")).not_to_be_checked()


def test_a_request_that_goes_on_elsewhere_can_be_shown_whole(trace):
    page = trace("unforwarded")
    expect(rows(page)).to_have_count(3)

    page.get_by_role("link", name="Show the whole request").click()

    expect(rows(page)).to_have_count(5)
    expect(page.get_by_text("2 traces of one request, read as one by 1 inferred")).to_be_visible()
    row(page, "inferred link").click()
    expect(details(page)).to_contain_text("under one x-request-id")
    screenshot(page, "request")


def test_markup_in_names_is_text(trace):
    page = trace("html")

    expect(page.get_by_role("heading", level=1)).to_contain_text(
        "<b>x</b> GET /<img src=x onerror=alert(1)>"
    )
    expect(page.locator("main img")).to_have_count(0)


def test_the_page_speaks_japanese(trace):
    page = trace("japanese", language="ja")

    expect(page.get_by_role("tab", name="タイムライン")).to_be_visible()
    expect(row(page, "予約サービス")).to_be_visible()


def test_a_trace_that_is_not_there_is_looked_for_again_with_what_may_be_the_reason(
    open_page, empty
):
    page = open_page(f"/trace/{NOBODY}", empty, expected=(NOBODY,))

    expect(page.get_by_role("heading", name="This trace is not here")).to_be_visible()
    expect(page.get_by_text("It may not have arrived yet")).to_be_visible()
    expect(page.get_by_text("Looking again…")).to_be_visible()


def test_a_trace_that_arrives_late_appears_by_itself(open_page, mesh):
    trace_id = mesh.traffic.failing.trace_id
    page = open_page("/system", mesh, expected=(trace_id,))
    answers = iter([404])
    page.route(
        f"**/api/v1/traces/{trace_id}",
        lambda route: (
            route.fulfill(status=404, json={"error": {"code": "trace_not_found", "message": "-"}})
            if next(answers, None)
            else route.continue_()
        ),
    )

    page.goto(f"{mesh.url}/trace/{trace_id}")

    expect(page.get_by_text("Looking again…")).to_be_visible()
    expect(rows(page)).to_have_count(8)


def test_an_error_of_the_api_is_told_and_can_be_tried_again(open_page, mesh):
    trace_id = mesh.traffic.failing.trace_id
    page = open_page("/system", mesh)
    failing(page, f"**/api/v1/traces/{trace_id}")
    page.goto(f"{mesh.url}/trace/{trace_id}")
    expect(page.get_by_role("alert")).to_contain_text("the store does not answer")

    page.unroute(f"**/api/v1/traces/{trace_id}")
    page.get_by_role("button", name="Try again").click()

    expect(rows(page)).to_have_count(8)


def test_the_views_are_tabs_in_the_address_and_back_returns(trace):
    page = trace("failing")
    page.get_by_role("tab", name="Timeline").focus()

    press(page, "ArrowRight")

    expect(page).to_have_url(re.compile(r"view=table"))
    assert focused(page) == "Spans"
    page.go_back()
    expect(page.get_by_role("tab", name="Timeline")).to_have_attribute("aria-selected", "true")


@pytest.mark.parametrize("dark", [False, True])
def test_nothing_bars_anybody_from_the_page(trace, dark):
    page = trace("throwing", "?find=ratings", dark=dark)
    row(page, "rank products").click()
    expect(details(page)).to_be_visible()

    assert_accessible(page)
    screenshot(page, "trace")
