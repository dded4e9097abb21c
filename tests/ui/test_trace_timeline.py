"""A trace's timeline: folding, zooming and finding, by keys and by hand."""

import re

import pytest
from playwright.sync_api import expect

from tests.ui.browsing import assert_accessible, press, screenshot
from tests.ui.test_trace import details, row, rows, trace

__all__ = ["trace"]


def chosen(page):
    return page.locator("[role=row][aria-selected=true]")


def under_keys(page):
    """The row that has the keyboard."""
    return page.locator("[role=row][data-cursor]")


def find(page, text):
    page.get_by_label("Find in trace").fill(text)


def test_arrows_walk_the_tree_and_enter_opens_the_details(trace):
    page = trace("failing")

    press(page, "ArrowDown", "j", "ArrowDown", "k", "Enter")

    expect(chosen(page)).to_contain_text("server sidecar")
    expect(details(page)).to_contain_text("server sidecar")
    press(page, "j")
    expect(details(page)).to_contain_text("client sidecar")
    press(page, "Escape")
    expect(details(page)).to_have_count(0)


def test_left_folds_then_goes_to_the_parent_and_right_unfolds(trace):
    page = trace("failing")

    press(page, "ArrowDown", "ArrowLeft")

    expect(rows(page)).to_have_count(2)
    expect(under_keys(page)).to_contain_text("+6")
    press(page, "ArrowLeft")
    expect(under_keys(page)).to_contain_text("gateway")
    press(page, "ArrowDown", "ArrowRight")
    expect(rows(page)).to_have_count(8)


def test_levels_fold_one_by_one_and_all_at_once(trace):
    page = trace("failing")

    press(page, "]")
    expect(rows(page)).to_have_count(1)
    press(page, "o")
    expect(rows(page)).to_have_count(2)
    press(page, "[")
    expect(rows(page)).to_have_count(8)
    press(page, "p")
    expect(rows(page)).to_have_count(7)


def test_what_is_folded_is_so_again_after_a_reload(trace):
    page = trace("failing")
    row(page, "upstream attempt").locator("[data-fold]").click()
    expect(rows(page)).to_have_count(2)

    page.reload()

    expect(rows(page)).to_have_count(2)


def test_a_selected_span_in_a_folded_part_is_unfolded(trace, mesh):
    page = trace("failing", "?depth=0")
    expect(rows(page)).to_have_count(1)

    page.get_by_role("button", name=re.compile("reviews.bookinfo 6. %")).click()

    expect(chosen(page)).to_contain_text("reviews.bookinfo")
    expect(chosen(page)).to_be_in_viewport()


def test_the_proxies_of_a_call_read_as_one_hop(trace):
    page = trace("failing")
    expect(row(page, "client sidecar", "reviews.bookinfo.svc")).to_contain_text(
        re.compile(r"1\.7 ms network \+ proxy \(2\.6 %\)")
    )

    page.get_by_role("button", name="Calls as one row").click()

    expect(rows(page)).to_have_count(4)
    expect(row(page, "productpage.bookinfo → reviews.bookinfo")).to_be_visible()
    screenshot(page, "trace-hops")


def test_the_back_of_the_browser_closes_the_details(trace):
    page = trace("failing")
    rows(page).nth(2).click()
    rows(page).nth(3).click()
    expect(details(page)).to_be_visible()

    page.go_back()

    expect(details(page)).to_have_count(0)


def test_the_search_finds_counts_and_steps(trace):
    page = trace("failing")

    find(page, "details")

    expect(page.get_by_text("of 2")).to_be_visible()
    press(page, "Enter")
    expect(page.get_by_text("1 of 2")).to_be_visible()
    expect(chosen(page)).to_contain_text("productpage.bookinfo")
    press(page, "Enter")
    expect(chosen(page)).to_contain_text("details.bookinfo")


def test_only_what_was_found_can_be_shown(trace):
    page = trace("failing", "?find=details")

    page.get_by_role("button", name="Only matches").click()

    expect(rows(page)).to_have_count(2)
    expect(page).to_have_url(re.compile("only=matches"))


def test_escape_clears_the_search(trace):
    page = trace("failing", "?find=details&only=matches")

    press(page, "Control+b", "Escape")

    expect(rows(page)).to_have_count(8)
    expect(page).not_to_have_url(re.compile("find"))


def test_a_link_made_for_jaeger_searches_for_the_same(trace):
    page = trace("failing", "?uiFind=details")

    expect(page.get_by_label("Find in trace")).to_have_value("details")
    expect(page).to_have_url(re.compile(r"\?find=details$"))


def test_n_steps_through_the_errors_while_nothing_is_sought(trace):
    page = trace("failing")

    press(page, "n", "n", "Shift+N")

    expect(chosen(page)).to_contain_text("gateway")
    press(page, "Shift+N")
    expect(chosen(page)).to_contain_text("UH")


def test_a_part_of_the_time_is_brushed_in_the_minimap_and_is_in_the_address(trace):
    page = trace("failing")
    box = page.get_by_role("group", name="Part of the time that is shown").bounding_box()

    page.mouse.move(box["x"] + box["width"] * 0.25, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.75, box["y"] + 20, steps=4)
    page.mouse.up()

    start = page.get_by_role("slider", name="Start of the shown time")
    expect(start).to_have_attribute("aria-valuenow", "25")
    expect(page).to_have_url(re.compile(r"range=\d+-\d+"))
    page.reload()
    expect(start).to_have_attribute("aria-valuenow", "25")


def test_the_shown_time_is_changed_by_keys(trace):
    page = trace("failing")
    start = page.get_by_role("slider", name="Start of the shown time")

    press(page, "+")
    expect(start).to_have_attribute("aria-valuenow", "15")
    press(page, "d")
    expect(start).to_have_attribute("aria-valuenow", "22")
    start.focus()
    press(page, "ArrowRight")
    expect(start).to_have_attribute("aria-valuenow", "24")
    press(page, "0")
    expect(start).to_have_attribute("aria-valuenow", "0")


def test_the_names_get_more_room_by_keys_and_by_hand(trace):
    page = trace("failing")
    divider = page.get_by_role("separator", name="Width of the names")
    divider.focus()

    press(page, "ArrowRight")

    expect(divider).to_have_attribute("aria-valuenow", "44")
    box = divider.bounding_box()
    page.mouse.move(box["x"] + 4, box["y"] + 10)
    page.mouse.down()
    page.mouse.move(box["x"] - 200, box["y"] + 10, steps=3)
    page.mouse.up()
    expect(divider).to_have_attribute("aria-valuenow", "29")


def test_the_keys_are_explained(trace):
    page = trace("failing")

    press(page, "?")

    dialog = page.get_by_role("dialog", name="Keys and signs")
    expect(dialog).to_contain_text("Collapse, expand one level")
    press(page, "Escape")
    expect(dialog).to_have_count(0)


def test_of_ten_thousand_spans_only_those_in_sight_are_there(trace):
    page = trace("large")

    press(page, "End")

    last = page.locator("[role=row][aria-rowindex='10000']")
    expect(last).to_be_in_viewport()
    assert rows(page).count() < 100


@pytest.mark.parametrize("dark", [False, True])
def test_nothing_bars_anybody_from_the_timeline(trace, dark):
    page = trace("failing", dark=dark)
    expect(row(page, "UH")).to_be_visible()

    assert_accessible(page)
    screenshot(page, "trace-timeline")
    press(page, "?")
    assert_accessible(page)
