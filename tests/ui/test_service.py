"""The page of a service: what it receives, from whom, whom it calls, what its time goes to."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import expect

from tests.ui.browsing import assert_accessible, failing, press, screenshot

HEAT_MAP = "How long requests took"
PANELS = (
    "Requests",
    HEAT_MAP,
    "Who calls it",
    "Whom it calls",
    "Operations",
    "Versions side by side",
    "Who holds the time of its requests",
    "Propagation of trace headers",
)


def parameters(page):
    return {name: value[0] for name, value in parse_qs(urlsplit(page.url).query).items()}


def panel(page, title):
    """A part of the page, scrolled to, so that it asks its question."""
    heading = page.get_by_role("heading", name=title, exact=True)
    found = page.locator("section").filter(has=heading)
    found.scroll_into_view_if_needed()
    return found


def row_of(part, name):
    return part.locator("tbody tr").filter(has_text=re.compile(name))


@pytest.fixture
def service(open_page, mesh):
    """Open the page of a service, in the traffic's last quarter of an hour."""

    def open_service(name="reviews.bookinfo", more="", **how):
        page = open_page(f"/services/{name}?{mesh.quarter}{more}", **how)
        expect(page.get_by_text("Slowest request")).to_be_visible()
        return page

    return open_service


def heat_map(page):
    return panel(page, HEAT_MAP).get_by_role("button", name=re.compile(HEAT_MAP))


def test_the_top_says_who_it_is_how_it_does_and_why(service):
    page = service()

    header = page.locator("main header").first
    expect(header.get_by_role("heading", level=1)).to_contain_text("reviews.bookinfo")
    expect(header).to_contain_text("Failing")
    expect(header).to_contain_text("UH: no healthy upstream host")


def test_the_figures_lead_to_the_slowest_request_and_the_latest_error(service):
    page = service()

    figures = page.locator("main dl").first
    expect(figures).to_contain_text(re.compile(r"Errors[\d.]+ %"))
    expect(figures).to_contain_text(re.compile(r"p95[\d.]+ ms"))
    figures.get_by_role("link").first.click()
    page.wait_for_url(re.compile(r"/trace/[0-9a-f]{32}"))


def test_brushing_a_chart_zooms_in_and_back_zooms_out(service):
    page = service()
    before = parameters(page)
    box = page.locator(".u-over").first.bounding_box()

    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] * 0.25, middle)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.75, middle, steps=4)
    page.mouse.up()

    page.wait_for_url(lambda url: before["from"] not in url)
    after = parameters(page)
    whole, part = (int(each["to"]) - int(each["from"]) for each in (before, after))
    assert 0.3 < part / whole < 0.7
    page.go_back()
    assert before == parameters(page)


def test_a_cell_of_the_heat_map_opens_its_traces_by_the_keyboard(service):
    page = service()
    expect(heat_map(page)).to_be_visible()

    heat_map(page).focus()
    press(page, "ArrowLeft", "ArrowRight")
    expect(page.get_by_role("status").filter(has_text="calls")).to_be_visible()
    page.keyboard.down("Shift")
    press(page, *["ArrowLeft"] * 5, *["ArrowDown"] * 2)
    page.keyboard.up("Shift")
    press(page, "Enter")

    page.wait_for_url("**/search?*")
    asked = parameters(page)
    assert ("reviews.bookinfo", "server") == (asked["service"], asked["kind"])
    assert float(asked["min_duration"].removesuffix("ms")) > 100
    expect(page.locator("[data-trace]").first).to_be_visible()


def test_a_cell_of_the_heat_map_opens_its_traces_by_a_click(service):
    page = service()
    expect(heat_map(page)).to_be_visible()
    box = heat_map(page).bounding_box()

    # All cells: from corner to corner.
    page.mouse.move(box["x"] + 70, box["y"] + 8)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] - 12, box["y"] + box["height"] - 26, steps=4)
    page.mouse.up()

    page.wait_for_url("**/search?*")
    expect(page.locator("[data-trace]").first).to_be_visible()


def test_callers_and_callees_have_figures_and_lead_to_their_pages(service):
    page = service()

    expect(row_of(panel(page, "Who calls it"), "productpage")).to_contain_text("/s")
    ratings = row_of(panel(page, "Whom it calls"), "ratings")
    expect(ratings).to_contain_text("503 (UH: no healthy upstream host)")
    ratings.get_by_role("link", name="ratings").click()
    page.wait_for_url("**/services/ratings.bookinfo?*")
    expect(page.get_by_role("heading", level=1)).to_contain_text("ratings.bookinfo")


def test_the_health_of_a_call_leads_to_it_in_the_graph(service):
    page = service()

    row_of(panel(page, "Whom it calls"), "ratings").get_by_role("link", name="Failing").click()

    page.wait_for_url("**/graph?type=service&focus=ratings.bookinfo&select=*")


def test_operations_have_figures_sort_and_lead_to_their_traces(service):
    page = service()
    operations = panel(page, "Operations")
    expect(operations.locator("tbody tr").first).to_contain_text("reviews.bookinfo")

    operations.get_by_role("button", name="client").click()
    expect(operations.locator("tbody tr")).to_have_count(1)
    operations.get_by_role("button", name="p95").click()
    expect(operations.get_by_role("columnheader", name="p95")).to_have_attribute(
        "aria-sort", "descending"
    )
    operations.get_by_role("link", name=re.compile("ratings.bookinfo")).click()
    page.wait_for_url("**/search?*")
    assert "ratings.bookinfo.svc.cluster.local:9080/*" == parameters(page)["operation"]
    expect(page.locator("[data-trace]").first).to_be_visible()


def test_versions_stand_side_by_side_and_can_be_compared(service):
    page = service()
    versions = panel(page, "Versions side by side")

    expect(row_of(versions, "reviews v1")).to_contain_text("Healthy")
    expect(row_of(versions, "reviews v2")).to_contain_text("Failing")
    expect(row_of(versions, "reviews v3")).to_contain_text(re.compile(r"\d+ %"))
    row_of(versions, "reviews v2").get_by_role("link", name=re.compile("^with v")).click()
    page.wait_for_url(re.compile(r"/graph\?compare_versions=v[13]%2Cv2&service=reviews.bookinfo"))


def test_the_critical_path_says_who_holds_the_time(service):
    page = service()
    paths = panel(page, "Who holds the time of its requests")

    expect(paths.locator("tbody tr").first).to_contain_text("reviews.bookinfo")
    expect(paths).to_contain_text(re.compile(r"Critical paths of \d+ traces"))
    paths.get_by_role("button", name="Operation").click()
    expect(paths.locator("tbody tr").first).to_contain_text("server sidecar")


def test_findings_of_propagation_are_those_of_the_service(service):
    page = service("checkout.shop")

    findings = panel(page, "Propagation of trace headers")
    expect(findings).to_contain_text("it does not forward the trace headers")
    findings.get_by_role("link", name="Propagation doctor").click()
    page.wait_for_url("**/propagation?service=checkout.shop&from=*")


def test_a_service_that_forwards_its_headers_has_no_findings(service):
    findings = panel(service("details.bookinfo"), "Propagation of trace headers")

    expect(findings).to_contain_text("No broken propagation")


def test_one_cluster_can_be_chosen_and_the_address_keeps_it(service):
    page = service("details.bookinfo")
    callers = panel(page, "Who calls it")
    expect(callers.locator("tbody tr")).to_have_count(2)

    page.get_by_role("button", name="east").click()
    expect(callers.locator("tbody tr")).to_have_count(1)
    assert "east" == parameters(page)["cluster"]
    page.reload()
    expect(callers.locator("tbody tr")).to_have_count(1)
    expect(page.get_by_role("button", name="east")).to_have_attribute("aria-pressed", "true")


def test_a_database_is_shown_as_its_callers_see_it(service):
    page = service("mysqldb.bookinfo.svc.cluster.local:3306")

    expect(panel(page, HEAT_MAP)).to_contain_text("it sends no spans of its own")
    expect(panel(page, "Operations")).to_contain_text("It sent no spans of its own")


@pytest.mark.parametrize("name", ["予約サービス", "%3Cb%3Ex%3C%2Fb%3E"])
def test_any_name_has_a_page(service, name):
    page = service(name)

    expect(panel(page, "Operations").locator("tbody tr")).not_to_have_count(0)


def test_live_refreshes_and_stops(open_page):
    page = open_page("/services/reviews.bookinfo?last=1h")

    page.get_by_role("button", name="Refresh by itself").click()
    assert "1" == parameters(page)["live"]
    page.get_by_role("button", name="Stop refreshing").click()
    assert "live" not in parameters(page)


def test_a_service_that_nobody_knows_says_what_to_do(open_page, empty):
    page = open_page("/services/nobody", empty)

    expect(page.get_by_text("nobody neither sent nor received anything")).to_be_visible()
    page.get_by_role("button", name="Last 24 hours").click()
    assert "1d" == parameters(page)["last"]
    screenshot(page, "service-empty")


def test_an_error_says_what_and_offers_to_try_again(open_page, mesh):
    page = open_page(f"/services/reviews?{mesh.quarter}", errors={"**/api/v1/graph*": 503})

    expect(page.get_by_role("alert")).to_contain_text("the store does not answer")
    page.unroute("**/api/v1/graph*")
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_text("Slowest request")).to_be_visible()


def test_an_error_of_one_part_leaves_the_others(open_page, mesh):
    page = open_page(f"/services/reviews?{mesh.quarter}")
    failing(page, "**/api/v1/critical-path*")

    expect(panel(page, "Who holds the time of its requests").get_by_role("alert")).to_be_visible()
    expect(panel(page, "Who calls it").locator("tbody tr").first).to_be_visible()


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_the_page_has_no_barriers(service, dark):
    page = service(dark=dark)
    for title in PANELS:
        panel(page, title)
    expect(page.locator("section tbody tr").last).to_be_visible()
    expect(page.get_by_text("Loading")).to_have_count(0)
    heat_map(page).focus()

    assert_accessible(page)
    screenshot(page, "service")
