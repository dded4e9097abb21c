"""The list of services: who they are, what they receive, how they do."""

import pytest
from playwright.sync_api import expect

from tests.ui.browsing import assert_accessible, failing, focused, press, screenshot


def rows(page):
    return page.locator("tbody tr")


def names(page):
    return rows(page).locator("td:nth-child(2) a")


def row_of(page, name):
    return rows(page).filter(has=page.get_by_role("link", name=name, exact=True))


@pytest.fixture
def services(open_page, mesh):
    """Open the list of the traffic's last quarter of an hour, with more in its address."""

    def open_list(more="", **how):
        page = open_page(f"/services?{mesh.quarter}{more}", **how)
        expect(rows(page).first).to_be_visible()
        return page

    return open_list


def test_the_gravest_come_first_and_say_why(services):
    page = services()

    expect(rows(page).first).to_contain_text("Failing")
    expect(row_of(page, "reviews")).to_contain_text("answered 503 (UH: no healthy upstream host)")


def test_a_row_has_place_rate_errors_and_latency(services):
    page = services()

    row = row_of(page, "recommendation")
    expect(row).to_contain_text("shop")
    expect(row).to_contain_text("west")
    expect(row).to_contain_text("/s")
    expect(row).to_contain_text("100 %")
    expect(row).to_contain_text("ms")


def test_a_service_of_two_clusters_is_two_rows(services):
    expect(row_of(services(), "details")).to_have_count(2)


def test_databases_and_queues_are_marked_as_what_they_are(services):
    page = services("&kind=backends")

    expect(row_of(page, "orders.created")).to_contain_text("messages")
    expect(rows(page).filter(has_text="database").first).to_be_visible()
    expect(row_of(page, "reviews")).to_have_count(0)


def test_names_with_markup_and_japanese_names_are_shown_as_they_are(services):
    page = services("&namespace=travel")

    expect(names(page)).to_have_text(["予約サービス", "<b>x</b>"])


def test_a_name_is_looked_for_while_it_is_typed(services):
    page = services()

    page.get_by_role("searchbox", name="Name").press_sequentially("RATIN")

    expect(names(page)).to_have_text(["ratings"])
    assert "name=RATIN" in page.url


def test_conditions_are_in_the_address_and_back_undoes_them(services):
    page = services()
    page.get_by_role("combobox", name="Namespace").select_option("bookinfo")
    page.get_by_role("combobox", name="Cluster").select_option("east")
    expect(names(page)).to_have_text(["details"])

    page.reload()
    expect(names(page)).to_have_text(["details"])
    page.go_back()
    expect(row_of(page, "reviews")).to_be_visible()


def test_a_state_of_health_chooses_those_in_it(services):
    page = services()

    page.get_by_role("button", name="Degraded").click()
    expect(rows(page).first).to_contain_text("Degraded")
    expect(rows(page).filter(has_text="Failing")).to_have_count(0)
    page.get_by_role("button", name="Degraded").click()
    expect(rows(page).first).to_contain_text("Failing")


def test_a_column_sorts_by_the_keyboard_and_the_address_keeps_the_order(services):
    page = services()
    page.get_by_role("button", name="Service").focus()

    press(page, "Enter")
    heading = page.get_by_role("columnheader", name="Service")
    expect(heading).to_have_attribute("aria-sort", "ascending")
    expect(rows(page).first).to_contain_text("<b>x</b>")
    assert "Service" == focused(page)

    page.reload()
    expect(rows(page).first).to_contain_text("<b>x</b>")


def test_a_service_leads_to_its_page_in_the_same_time_range(services):
    page = services()

    names(page).get_by_text("ratings", exact=True).click()

    page.wait_for_url("**/services/ratings.bookinfo?from=*&to=*")
    expect(page.get_by_role("heading", level=1)).to_contain_text("ratings.bookinfo")


def test_conditions_that_nothing_meets_can_be_dropped(open_page, mesh):
    page = open_page(f"/services?{mesh.quarter}&name=nowhere")

    expect(page.get_by_text("No service meets these conditions")).to_be_visible()
    page.get_by_role("button", name="Show all services").click()
    expect(row_of(page, "reviews")).to_be_visible()


def test_services_that_were_silent_are_there_with_when_they_were_seen(open_page, mesh):
    end = mesh.filled_ns + 60_000_000_000
    page = open_page(f"/services?from={end}&to={end + 60_000_000_000}&name=ratings")

    expect(rows(page).first).to_contain_text("No calls")
    expect(rows(page).first).to_contain_text("last seen")


def test_an_empty_store_says_how_to_fill_it(open_page, empty):
    page = open_page("/services", empty)

    expect(page.get_by_text("No spans have arrived yet")).to_be_visible()
    expect(page.get_by_text("extensionProviders")).to_be_visible()
    expect(page.get_by_role("main").get_by_role("link", name="System")).to_be_visible()
    screenshot(page, "services-empty")


def test_an_error_says_what_and_offers_to_try_again(open_page):
    page = open_page("/services", errors={"**/api/v1/graph*": 503})

    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("the store does not answer")
    page.unroute("**/api/v1/graph*")
    alert.get_by_role("button", name="Try again").click()
    expect(rows(page).first).to_be_visible()


def test_an_error_of_a_refresh_leaves_the_last_answer_in_sight(services):
    page = services()
    failing(page, "**/api/v1/graph*")

    page.get_by_role("button", name="Refresh", exact=True).click()

    expect(page.get_by_role("alert")).to_contain_text("What is shown is of the last answer")
    expect(row_of(page, "reviews")).to_be_visible()


def test_the_page_speaks_japanese(services):
    page = services(language="ja")

    expect(page.get_by_role("columnheader", name="レート")).to_be_visible()


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_the_page_has_no_barriers(services, dark):
    page = services(dark=dark)

    assert_accessible(page)
    screenshot(page, "services")
