"""The comparison of two traces, or of two sets of traces."""

import re
from urllib.parse import urlencode

import pytest
from playwright.sync_api import expect

from tests.ui.browsing import assert_accessible, press, screenshot

ABSENT_TRACE = "0af7651916cd43dd8448eb211c80319c"
TREE = "Spans of both sides"
DETAILS = "The span in both sides"


@pytest.fixture
def compare(open_page, mesh):
    """Open the comparison of the failing product page with the slow one."""

    def open_one(parameters="", **options):
        a, b = mesh.traffic.failing.trace_id, mesh.traffic.slow.trace_id
        return open_page(f"/compare?a={a}&b={b}&{parameters}", **options)

    return open_one


def tree(page):
    return page.get_by_role("grid", name=TREE)


def rows(page):
    return tree(page).locator("tbody tr")


def side(page, name):
    return page.get_by_label(f"{name}: ")


def test_two_traces_are_laid_over_each_other(compare):
    page = compare()

    expect(rows(page)).to_have_count(11)
    first = rows(page).first
    expect(first).to_contain_text("istio-ingressgateway.istio-system")
    expect(first).to_contain_text("503 → 200")
    expect(first).to_contain_text("slower")
    expect(page.get_by_label("Summary")).to_contain_text("B takes longer")
    expect(page.get_by_label("Summary")).to_contain_text("reviews.bookinfo")


def test_a_chip_shows_what_differs_in_one_way_and_what_is_above_it(compare):
    page = compare()

    page.get_by_role("button", name=re.compile(r"^\W*New\b")).click()

    expect(page).to_have_url(re.compile("only=new"))
    expect(rows(page).last).to_contain_text("SELECT ratings")
    page.reload()
    expect(rows(page).last).to_contain_text("SELECT ratings")
    page.go_back()
    expect(rows(page)).to_have_count(11)


def test_keys_walk_from_difference_to_difference_and_escape_closes(compare):
    page = compare()
    expect(rows(page)).to_have_count(11)

    press(page, "n", "n")

    details = page.get_by_label(DETAILS)
    expect(details).to_contain_text("router outbound")
    press(page, "Escape")
    expect(details).to_have_count(0)


def test_arrow_keys_walk_through_the_tree_and_enter_opens_a_row(compare):
    page = compare()
    tree(page).focus()

    press(page, "End", "Enter")

    expect(page.get_by_label(DETAILS)).to_contain_text("SELECT ratings")
    expect(rows(page).last).to_have_attribute("aria-selected", "true")


def test_a_row_leads_to_the_span_in_each_trace(compare, mesh):
    page = compare()

    links = rows(page).first.get_by_role("link")
    for number, trace in enumerate((mesh.traffic.failing, mesh.traffic.slow)):
        expect(links.nth(number)).to_have_attribute(
            "href", re.compile(rf"^/trace/{trace.trace_id}\?span=[0-9a-f]{{16}}$")
        )
    links.first.click()

    expect(page).to_have_title("Trace · Spanloom")
    page.go_back()
    expect(rows(page)).to_have_count(11)


def test_the_sides_are_swapped(compare, mesh):
    page = compare()

    page.get_by_role("button", name="Swap A and B").click()

    expect(side(page, "A")).to_have_value(mesh.traffic.slow.trace_id)
    expect(page.get_by_label("Summary")).to_contain_text("B takes less time")
    expect(rows(page).last).to_contain_text("missing")


def test_a_trace_is_compared_with_a_search(compare, mesh):
    page = compare()
    found = mesh.quarter.replace("&", " ")

    side(page, "B").fill(f"service=reviews.bookinfo {found}")
    press(page, "Enter")

    expect(page.get_by_label("Summary")).to_contain_text("50 traces, by their medians")
    expect(page.get_by_label("Summary")).to_contain_text("a sample")
    expect(side(page, "B")).to_have_value(f"service=reviews.bookinfo {found}")


def test_two_searches_are_compared(open_page, mesh):
    window = f"service=reviews.bookinfo&{mesh.quarter}"
    sides = {
        name: f"{window}&attribute=istio.canonical_revision={version}"
        for name, version in (("a", "v1"), ("b", "v3"))
    }
    page = open_page(f"/compare?{urlencode(sides)}")

    expect(rows(page).first).to_contain_text("istio-ingressgateway")
    expect(page.get_by_label("Summary").get_by_role("link", name="show them")).to_have_count(2)


def test_a_text_that_cannot_be_read_says_where(compare):
    page = compare()
    expect(rows(page)).to_have_count(11)

    side(page, "B").fill("service=reviews.bookinfo duration=1s")
    press(page, "Enter")

    expect(page.get_by_text("“duration=1s” at character 26 cannot be read")).to_be_visible()
    expect(side(page, "B")).to_have_attribute("aria-invalid", "true")
    expect(rows(page)).to_have_count(11)


def test_one_trace_is_offered_others_of_its_kind(open_page, mesh):
    page = open_page(f"/compare?a={mesh.traffic.failing.trace_id}")

    page.get_by_role("button", name=re.compile("^Compare with trace ")).first.click()

    expect(page).to_have_url(re.compile(r"[?&]b=[0-9a-f]{32}"))
    expect(tree(page)).to_be_visible()


def test_one_trace_is_compared_with_all_of_its_kind(open_page, mesh):
    page = open_page(f"/compare?a={mesh.traffic.failing.trace_id}")

    page.get_by_role("button", name="Compare with all of these").click()

    expect(page.get_by_label("Summary")).to_contain_text("by their medians")


def test_without_sides_the_page_says_how_to_get_here(open_page, empty):
    page = open_page("/compare", empty)

    page.get_by_role("link", name="Search for traces").click()

    expect(page).to_have_title("Traces · Spanloom")


@pytest.mark.parametrize("sides", [f"a={ABSENT_TRACE}", f"a={ABSENT_TRACE}&b={ABSENT_TRACE}"])
def test_traces_that_are_not_stored_are_an_error_that_says_so(open_page, empty, sides):
    page = open_page(f"/compare?{sides}", empty, expected=("/api/v1/traces/compare",))

    expect(page.get_by_role("alert")).to_be_visible()


def test_an_error_says_what_fails_and_can_be_tried_again(compare):
    page = compare(errors={"**/api/v1/traces/compare?*": 503})

    expect(page.get_by_role("alert")).to_contain_text("the store does not answer")
    page.unroute_all()
    page.get_by_role("button", name="Try again").click()
    expect(rows(page)).to_have_count(11)


@pytest.mark.parametrize("dark", [False, True])
def test_the_comparison_has_no_barriers(compare, dark):
    page = compare("row=6", dark=dark)
    expect(page.get_by_label(DETAILS)).to_be_visible()

    assert_accessible(page)
    screenshot(page, "compare")


@pytest.mark.parametrize("dark", [False, True])
def test_the_start_of_a_comparison_has_no_barriers(open_page, mesh, dark):
    page = open_page(f"/compare?a={mesh.traffic.failing.trace_id}", dark=dark)
    expect(page.get_by_role("table")).to_be_visible()

    assert_accessible(page)
    screenshot(page, "compare-start")
