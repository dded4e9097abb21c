"""The shell around every page: navigation, theme, language, titles, the box that opens ids."""

import re

import pytest
from playwright.sync_api import expect

from tests.ui.browsing import assert_accessible, focused, press, screenshot
from tests.ui.bundle import first_load, gzipped

MOST_FIRST_LOAD_BYTES = 250_000

LISTED = {
    "/search": "Traces",
    "/graph": "Mesh graph",
    "/services": "Services",
    "/compare": "Compare",
    "/propagation": "Propagation",
    "/system": "System",
}
IN_JAPANESE = {
    "/search": "トレース",
    "/graph": "メッシュグラフ",
    "/services": "サービス",
    "/compare": "比較",
    "/propagation": "伝播診断",
    "/system": "システム",
}
ABSENT_TRACE = "0af7651916cd43dd8448eb211c80319c"
REQUEST_ID = "7f0c2a52-8f7f-941b-9d2e-0d7a6a1b2c3d"
NOT_FOUND = ("/api/v1/traces/", "/api/v1/requests/")
"""Questions of the trace page about ids that an empty service does not have."""


def navigation(page):
    return page.get_by_role("navigation").first


def path_of(page):
    return re.sub(r"https?://[^/]+", "", page.url)


def test_the_navigation_leads_to_every_listed_page_without_loading_anew(open_page, empty):
    page = open_page("/search", empty)
    page.evaluate("window.loadedOnce = true")

    for path, name in LISTED.items():
        navigation(page).get_by_role("link", name=name, exact=True).click()

        expect(page).to_have_title(f"{name} · Spanloom")
        assert path == path_of(page).partition("?")[0]
        current = navigation(page).locator("[aria-current=page]")
        expect(current).to_have_text(name)
    assert page.evaluate("window.loadedOnce")


def test_back_and_forward_walk_through_the_pages(open_page, empty):
    page = open_page("/services", empty)
    navigation(page).get_by_role("link", name="System", exact=True).click()
    expect(page).to_have_title("System · Spanloom")

    page.go_back()
    expect(page).to_have_title("Services · Spanloom")
    page.go_forward()
    expect(page).to_have_title("System · Spanloom")


def test_the_root_is_the_search_and_keeps_its_query(open_page, empty):
    page = open_page("/?last=5m", empty)

    expect(page).to_have_title("Traces · Spanloom")
    assert "/search?last=5m" == path_of(page)


@pytest.mark.parametrize("path", LISTED)
def test_every_listed_page_can_be_opened_by_its_address(open_page, empty, path):
    page = open_page(path, empty)

    expect(page).to_have_title(f"{LISTED[path]} · Spanloom")
    expect(page.get_by_role("main")).not_to_be_empty()


@pytest.mark.parametrize(
    ("path", "title"),
    [
        (f"/trace/{ABSENT_TRACE}", r"Trace\b.* · Spanloom"),
        (f"/request/{REQUEST_ID}", r"Request\b.* · Spanloom"),
        ("/services/productpage.bookinfo", r"(Service|productpage\.bookinfo)\b.* · Spanloom"),
    ],
)
def test_pages_about_one_thing_can_be_opened_by_their_address(open_page, empty, path, title):
    page = open_page(path, empty, expected=NOT_FOUND)

    expect(page).to_have_title(re.compile(title))


@pytest.fixture
def no_such_page(open_page, empty):
    """Follow a link that leads to no page."""

    def follow(**options):
        page = open_page("/services", empty, **options)
        expect(page).to_have_title("Services · Spanloom")
        page.evaluate(
            """() => {
              const link = document.createElement("a");
              link.href = "/no-such-page";
              document.body.append(link);
              link.click();
              link.remove();
            }"""
        )
        expect(page.get_by_role("heading", name="There is no such page")).to_be_visible()
        return page

    return follow


def test_an_unknown_page_says_so_and_leads_to_the_search(no_such_page):
    page = no_such_page()

    expect(page.get_by_role("main")).to_contain_text("/no-such-page")
    page.get_by_role("link", name="Search for traces").click()
    expect(page).to_have_title("Traces · Spanloom")


@pytest.mark.parametrize("dark", [False, True])
def test_the_colours_are_the_systems_until_others_are_chosen_and_remembered(open_page, empty, dark):
    page = open_page("/search", empty, dark=dark)
    before, after = ("dark", "light") if dark else ("light", "dark")
    root = page.locator("html")

    expect(root).to_have_attribute("data-theme", before)
    page.get_by_role("button", name=f"{after.capitalize()} colours").click()
    expect(root).to_have_attribute("data-theme", after)
    page.reload()
    expect(root).to_have_attribute("data-theme", after)


def test_the_language_is_the_browsers(open_page, empty):
    page = open_page("/search", empty, language="ja")

    expect(page.locator("html")).to_have_attribute("lang", "ja")
    expect(page).to_have_title("トレース · Spanloom")
    expect(navigation(page).get_by_role("link")).to_have_text(list(IN_JAPANESE.values()))


def test_another_language_can_be_chosen_and_is_remembered(open_page, empty):
    page = open_page("/search", empty)

    page.get_by_label("Language").select_option("ja")
    expect(page).to_have_title("トレース · Spanloom")
    page.reload()
    expect(page).to_have_title("トレース · Spanloom")
    page.get_by_label("言語").select_option("en")
    expect(page).to_have_title("Traces · Spanloom")


def test_everything_in_the_header_is_reached_by_the_keyboard_in_order(open_page, empty):
    page = open_page("/search", empty)
    expect(page).to_have_title("Traces · Spanloom")

    reached = []
    for _ in range(len(LISTED) + 5):
        press(page, "Tab")
        reached.append(focused(page))

    assert [
        "Skip to the page",
        "Spanloom",
        *LISTED.values(),
        "Open by trace id or x-request-id",
        "Language",
        "Dark colours",
    ] == reached


def test_the_first_key_stroke_skips_to_the_page(open_page, empty):
    page = open_page("/search", empty)

    press(page, "Tab", "Enter")

    expect(page.get_by_role("main")).to_be_focused()


def test_a_link_of_the_navigation_opens_by_enter(open_page, empty):
    page = open_page("/search", empty)

    navigation(page).get_by_role("link", name="Mesh graph").focus()
    press(page, "Enter")

    expect(page).to_have_title("Mesh graph · Spanloom")


@pytest.mark.parametrize(
    ("typed", "path"),
    [
        (ABSENT_TRACE, f"/trace/{ABSENT_TRACE}"),
        (f" {ABSENT_TRACE.upper()} ", f"/trace/{ABSENT_TRACE}"),
        (REQUEST_ID, f"/request/{REQUEST_ID}"),
    ],
)
def test_a_slash_leads_to_the_box_and_enter_opens_what_the_id_names(open_page, empty, typed, path):
    page = open_page("/search", empty, expected=NOT_FOUND)
    expect(page.get_by_label("Open by trace id or x-request-id")).to_be_visible()

    press(page, "/")
    assert "Open by trace id or x-request-id" == focused(page)
    page.keyboard.type(typed)
    press(page, "Enter")

    page.wait_for_url(f"**{path}")


@pytest.mark.parametrize("dark", [False, True])
def test_the_shell_has_no_barriers(no_such_page, dark):
    page = no_such_page(dark=dark)

    assert_accessible(page)
    screenshot(page, "no-such-page")


def test_the_first_load_is_small():
    assert gzipped(first_load()) <= MOST_FIRST_LOAD_BYTES
