"""The propagation doctor: findings with evidence and the fix."""

from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import expect

from tests.ui.browsing import assert_accessible, press, screenshot

MINUTE_NS = 60_000_000_000


def parameters(page):
    return parse_qs(urlsplit(page.url).query)


def findings(page):
    return page.get_by_role("article")


@pytest.fixture
def doctor(open_page, mesh):
    """Open the page on the traffic's last quarter of an hour, with more in its address."""

    def open_doctor(more="", **how):
        page = open_page(f"/propagation?{mesh.quarter}{more}", **how)
        expect(page.get_by_role("heading", name="All workloads")).to_be_visible()
        return page

    return open_doctor


def test_the_gravest_finding_names_the_app_and_the_fix(doctor):
    first = findings(doctor()).first

    expect(first.get_by_role("heading", level=3)).to_have_text("checkout-v1.shop")
    expect(first).to_contain_text("it does not forward the trace headers")
    expect(first).to_contain_text("certain")
    expect(first).to_contain_text("In checkout-v1.shop, copy the headers")


def test_the_headers_can_be_copied(doctor):
    page = doctor()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    first = findings(page).first

    expect(first.locator("code").first).to_have_text("traceparent, tracestate, x-request-id")
    first.get_by_role("button", name="Copy the headers").click()

    expect(first.get_by_role("status")).to_have_text("Copied")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert ["traceparent", "tracestate", "x-request-id"] == copied.split()


def test_a_finding_says_from_which_request_to_which_call(doctor):
    row = findings(doctor()).first.locator("tbody tr").first

    expect(row).to_contain_text("checkout.shop.svc.cluster.local:9080/checkout")
    expect(row).to_contain_text("payment.shop.svc.cluster.local:9080/*")


@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("span in trace", "**/trace/*?span=*"),
        ("belongs to trace", "**/trace/*?span=*"),
        ("whole request", "**/request/*"),
    ],
)
def test_evidence_leads_to_its_span_its_request_and_the_whole(doctor, name, address):
    page = doctor()

    findings(page).first.get_by_role("link", name=name).first.click()

    page.wait_for_url(address)


def test_a_sign_is_chosen_by_the_keyboard_and_explained(doctor):
    page = doctor()
    page.get_by_role("button", name="B2").focus()

    press(page, "Enter")

    expect(findings(page)).to_have_count(1)
    expect(findings(page)).to_contain_text("Only the request id forwarded")
    expect(page.get_by_text("One x-request-id is on several traces")).to_be_visible()
    assert ["B2"] == parameters(page)["sign"]


def test_conditions_are_in_the_address_and_back_undoes_them(doctor):
    page = doctor()
    before = findings(page).count()
    page.get_by_role("combobox", name="Confidence").select_option("certain")
    page.get_by_role("combobox", name="Namespace").select_option("shop")
    expect(findings(page)).to_have_count(2)

    page.reload()
    expect(findings(page)).to_have_count(2)
    expect(page.get_by_role("combobox", name="Confidence")).to_have_value("certain")
    page.go_back()
    page.go_back()
    expect(findings(page)).to_have_count(before)
    assert before > 2


def test_conditions_that_no_finding_meets_can_be_dropped(doctor):
    page = doctor("&service=details.bookinfo")

    expect(page.get_by_text("No finding meets these conditions")).to_be_visible()
    page.get_by_role("button", name="Show all findings").click()
    expect(findings(page).first).to_be_visible()


def test_every_workload_has_its_figures_and_they_sort(doctor):
    page = doctor()
    first = page.locator("section").last.locator("tbody tr").first

    expect(first).to_contain_text("checkout-v1")
    page.get_by_role("button", name="Calls out").click()
    expect(first).to_contain_text("productpage-v1")


def test_the_page_says_what_was_examined(doctor):
    expect(doctor().locator("main dl").first).to_contain_text("spans of")


def test_nothing_found_says_so_with_what_was_looked_at(open_page, mesh):
    # The reservation's moment: nobody in it breaks a trace.
    start = mesh.filled_ns - 9 * MINUTE_NS
    page = open_page(f"/propagation?from={start}&to={start + 200_000_000}")

    expect(page.get_by_role("heading", name="No broken propagation")).to_be_visible()
    expect(page.locator("main dl").first).to_contain_text("spans of")
    expect(findings(page)).to_have_count(0)
    screenshot(page, "propagation-healthy")


def test_an_empty_store_says_what_to_do(open_page, empty):
    page = open_page("/propagation", empty)

    expect(page.get_by_text("No spans in this time range")).to_be_visible()
    page.get_by_role("button", name="Last 24 hours").click()
    assert ["1d"] == parameters(page)["last"]
    screenshot(page, "propagation-empty")


def test_an_error_says_what_and_offers_to_try_again(open_page, mesh):
    page = open_page(f"/propagation?{mesh.quarter}", errors={"**/api/v1/propagation*": 503})

    expect(page.get_by_role("alert")).to_contain_text("the store does not answer")
    page.unroute("**/api/v1/propagation*")
    page.get_by_role("button", name="Try again").click()
    expect(findings(page).first).to_be_visible()


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_the_page_has_no_barriers(doctor, dark):
    page = doctor("&sign=B1", dark=dark)

    assert_accessible(page)
    screenshot(page, "propagation")
