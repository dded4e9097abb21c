"""The search page: what is found, seen in plots and a list, as it comes in, or not at all."""

import random
import re
import time

import pytest
from playwright.sync_api import expect

from tests.ui.browsing import assert_accessible, failing, press, screenshot
from tests.ui.searching import NO_SUCH_CODE, drag, line, loaded, parameters, row_of, rows
from tests.ui.served import start
from tests.ui.traffic import any_request, send


def test_a_failing_request_is_three_clicks_from_nothing(open_page, mesh):
    page = open_page("/")

    page.get_by_role("button", name="Errors only").click()
    expect(line(page)).to_have_value("error=true last=1h")
    row_of(page, mesh.traffic.failing).click()

    page.wait_for_url(f"**/trace/{mesh.traffic.failing.trace_id}")


def test_a_row_tells_root_services_errors_and_duration(open_page, mesh):
    page = open_page(f"/search?{mesh.quarter}&request_id={mesh.traffic.failing.request_id}")

    row = page.get_by_role("row").filter(has=row_of(page, mesh.traffic.failing))
    expect(row).to_contain_text("istio-ingressgateway.istio-system")
    expect(row).to_contain_text("productpage.bookinfo.svc.cluster.local:9080/productpage")
    expect(row).to_contain_text("reviews.bookinfo")
    expect(row.get_by_role("cell").nth(4)).not_to_have_text("0")
    expect(row.get_by_role("cell").nth(5)).to_have_text(re.compile(r"^[\d.]+ m?s$"))


def test_a_trace_that_lacks_spans_says_so(open_page, mesh):
    page = open_page(f"/search?trace_id={mesh.traffic.missing_parent.trace_id}")

    row = page.get_by_role("row").filter(has=row_of(page, mesh.traffic.missing_parent))
    expect(row).to_contain_text("1 missing")


def test_names_with_markup_are_shown_as_they_are(open_page, mesh):
    page = open_page(f"/search?trace_id={mesh.traffic.html.trace_id}")

    row = page.get_by_role("row").filter(has=row_of(page, mesh.traffic.html))
    expect(row).to_contain_text("<b>x</b>")


def test_the_address_holds_the_view(open_page, mesh):
    page = loaded(open_page(f"/search?{mesh.quarter}"))
    page.get_by_role("button", name="Errors only").click()
    expect(page.get_by_role("button", name="Clear all conditions")).to_be_visible()
    page.get_by_role("button", name="Duration", exact=True).click()
    expect(page.get_by_role("columnheader", name="Duration")).to_have_attribute(
        "aria-sort", "descending"
    )
    slowest = rows(page).first.get_attribute("data-trace")

    page.reload()
    expect(rows(page).first).to_have_attribute("data-trace", slowest)
    expect(page.get_by_role("columnheader", name="Duration")).to_have_attribute(
        "aria-sort", "descending"
    )
    page.go_back()
    expect(page.get_by_role("button", name="Errors only")).to_have_attribute(
        "aria-pressed", "false"
    )


def test_older_traces_are_loaded_on_demand_and_stay_over_a_reload(open_page, mesh):
    page = loaded(open_page(f"/search?{mesh.quarter}"))
    expect(page.get_by_role("heading", name="100 traces")).to_be_visible()

    page.get_by_role("button", name="Load older traces").click()
    expect(page.get_by_role("heading", name="200 traces")).to_be_visible()
    expect(rows(page)).to_have_count(200)

    page.reload()
    expect(page.get_by_role("heading", name="200 traces")).to_be_visible()


def test_sorting_says_that_older_traces_are_not_loaded(open_page, mesh):
    page = loaded(open_page(f"/search?{mesh.quarter}"))

    page.get_by_role("button", name="Errors", exact=True).click()

    expect(page.get_by_text("the newest 100, sorted; older ones are not loaded")).to_be_visible()


def test_brushing_the_histogram_zooms_into_time_and_back_undoes_it(open_page, mesh):
    page = loaded(open_page(f"/search?{mesh.quarter}"))
    whole = parameters(page)

    drag(page, "Spans over time", 0.4, 0.6)
    expect(line(page)).to_have_value(re.compile(r"from=\d{4}-"))
    zoomed = parameters(page)
    assert zoomed["from"] < zoomed["to"]
    expect(rows(page).first).to_be_visible()

    page.go_back()
    expect(line(page)).to_have_value(f"from={whole['from']} to={whole['to']}")


def test_zooming_out_widens_the_time(open_page, mesh):
    page = loaded(open_page("/search?from=2026-01-02T00:00:00Z&to=2099-01-01T00:00:00Z"))

    page.get_by_role("button", name="Zoom out").click()

    expect(line(page)).to_have_value("from=1970-01-01T00:00:00.000Z to=2099-01-01T00:00:00.000Z")


def test_a_spot_of_the_scatter_plot_opens_its_trace(open_page, mesh):
    trace = mesh.traffic.failing
    page = loaded(open_page(f"/search?{mesh.quarter}&request_id={trace.request_id}"))
    plot = page.get_by_role("img", name="Durations of 1 traces")
    spot = plot.locator("path").last.bounding_box()
    x, y = spot["x"] + spot["width"] / 2, spot["y"] + spot["height"] / 2

    page.mouse.move(x, y)
    expect(page.get_by_text("productpage.bookinfo").first).to_be_visible()
    page.mouse.click(x, y)

    page.wait_for_url(f"**/trace/{trace.trace_id}")


def test_two_ticked_traces_are_compared(open_page, mesh):
    both = [mesh.traffic.failing, mesh.traffic.slow]
    ids = [trace.trace_id for trace in both]
    page = open_page(f"/search?trace_id={ids[0]}&trace_id={ids[1]}&trace_id={'ab' * 16}")
    expect(page.get_by_role("alert")).to_contain_text("ab" * 16)

    for trace in both:
        row = page.get_by_role("row").filter(has=row_of(page, trace))
        row.get_by_role("checkbox").check()
    page.get_by_role("button", name="Compare", exact=True).click()

    page.wait_for_url("**/compare?**")
    assert {"a": ids[0], "b": ids[1]} == parameters(page)


def test_an_empty_store_says_what_to_do(open_page, empty):
    page = open_page("/search", empty)

    expect(page.get_by_role("heading", name="No spans yet")).to_be_visible()
    expect(page.get_by_role("main")).to_contain_text("extensionProviders")
    page.get_by_role("link", name="Set up the mesh").click()
    page.wait_for_url("**/system")


def test_an_error_is_told_and_the_search_can_be_tried_again(open_page, mesh):
    page = open_page(f"/search?{mesh.quarter}", errors={"**/api/v1/traces?*": 503})

    expect(page.get_by_role("alert")).to_contain_text("the store does not answer")
    page.unroute("**/api/v1/traces?*")
    page.get_by_role("button", name="Try again").click()

    expect(rows(page).first).to_be_visible()


def test_the_traces_are_there_even_if_the_histogram_fails(open_page, mesh):
    page = open_page(f"/search?{mesh.quarter}", errors={"**/search/histogram*": 503})

    expect(page.get_by_role("alert")).to_contain_text("the store does not answer")
    expect(rows(page).first).to_be_visible()


def test_an_error_while_traces_are_shown_leaves_them(open_page, mesh):
    page = loaded(open_page(f"/search?{mesh.quarter}"))

    failing(page, "**/api/v1/traces?*")
    page.get_by_role("button", name="Refresh", exact=True).click()

    expect(page.get_by_role("alert")).to_contain_text("What is shown is of the last answer")
    expect(rows(page).first).to_be_visible()


@pytest.fixture
def fresh(tmp_path):
    """A service of the test's own, to which it may send."""
    served = start(tmp_path / "data")
    try:
        yield served
    finally:
        served.service.kill()


# The page goes before its service: it asks until then.
def test_new_traces_come_in_by_themselves_and_are_marked(fresh, open_page):
    page = open_page("/search?live=1", fresh)
    expect(page.get_by_role("heading", name="No spans yet")).to_be_visible()

    for seed in (1, 2):
        (trace, *_) = any_request(random.Random(seed), time.time_ns() - 5_000_000_000)
        send(fresh.service.http, [trace])
        row = page.get_by_role("row").filter(has=row_of(page, trace))
        expect(row).to_contain_text("new")

    page.get_by_role("button", name="Stop refreshing").click()
    expect(page.get_by_role("button", name="Refresh by itself")).to_be_visible()
    expect(page.get_by_text("new", exact=True)).to_have_count(0)


def test_a_row_is_opened_by_the_keyboard(open_page, mesh):
    page = loaded(open_page(f"/search?{mesh.quarter}"))

    first = rows(page).first
    trace_id = first.get_attribute("data-trace")
    page.get_by_role("checkbox").first.focus()
    press(page, "Tab")
    expect(first).to_be_focused()
    press(page, "Enter")

    page.wait_for_url(f"**/trace/{trace_id}")


def test_the_page_speaks_japanese(open_page, mesh):
    page = open_page(f"/search?{mesh.quarter}", language="ja")

    expect(page.get_by_role("heading", name="100 件のトレース")).to_be_visible()


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_the_page_has_no_barriers(open_page, mesh, dark):
    page = loaded(
        open_page(
            f"/search?{mesh.quarter}&service=productpage.bookinfo&attribute=component&more=1",
            dark=dark,
        )
    )
    page.get_by_role("checkbox").first.check()

    assert_accessible(page)
    screenshot(page, "search")


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_what_is_shown_instead_of_traces_has_no_barriers(open_page, mesh, empty, dark):
    for name, path, service in (
        ("search-empty", "/search", empty),
        ("search-nothing", f"/search?{mesh.quarter}&error=true&{NO_SUCH_CODE}", mesh),
    ):
        page = open_page(path, service, dark=dark)
        expect(page.get_by_role("main").get_by_role("heading")).to_be_visible()
        assert_accessible(page)
        screenshot(page, name)
