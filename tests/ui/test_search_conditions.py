"""The conditions of a search: in fields, in a line of text, in links, and which to loosen."""

import re
from urllib.parse import quote

import pytest
from playwright.sync_api import expect

from tests.ui.browsing import assert_accessible, press, screenshot
from tests.ui.searching import NO_SUCH_CODE, field, line, loaded, parameters, rows


def test_fields_complete_by_the_keyboard_and_the_line_says_the_same(open_page, mesh):
    page = loaded(open_page(f"/search?{mesh.quarter}"))

    field(page, "Service").focus()
    page.keyboard.type("reviews.b")
    expect(page.get_by_role("option", name="reviews.bookinfo")).to_be_visible()
    press(page, "ArrowDown", "Enter")
    expect(line(page)).to_have_value(re.compile(r"^service=reviews\.bookinfo from="))

    field(page, "Operation").focus()
    press(page, "ArrowDown")
    operations = page.get_by_role("listbox", name="Operation")
    expect(operations.get_by_role("option").first).to_contain_text("svc.cluster.local")
    press(page, "ArrowDown", "Enter")
    expect(line(page)).to_have_value(re.compile(r"^service=reviews\.bookinfo operation=\S"))
    expect(rows(page).first).to_be_visible()


def test_a_condition_on_an_attribute_is_put_together_by_the_keyboard(open_page, mesh):
    page = loaded(open_page(f"/search?{mesh.quarter}"))

    field(page, "Add a condition on").focus()
    page.keyboard.type("http.status_c")
    expect(page.get_by_role("option", name="http.status_code", exact=True)).to_be_visible()
    press(page, "ArrowDown", "Enter")
    expect(field(page, "Value")).to_be_focused()
    page.get_by_role("combobox", name="Comparison").select_option(">=")
    field(page, "Value").fill("50")
    expect(page.get_by_role("option", name="503")).to_be_visible()
    press(page, "ArrowDown", "ArrowDown", "ArrowUp", "Enter")

    chip = page.get_by_role("button", name="Change http.status_code>=50")
    expect(chip).to_be_visible()
    expect(line(page)).to_have_value(re.compile(r"^http\.status_code>=50\d "))
    page.get_by_role("button", name="Remove http.status_code>=50").click()
    expect(chip).to_be_hidden()
    assert "attribute" not in parameters(page)


def test_a_condition_is_changed_where_it_stands(open_page, mesh):
    page = loaded(
        open_page(f"/search?{mesh.quarter}&attribute=component&attribute=http.method%3DGET")
    )

    page.get_by_role("button", name="Change http.method=GET").click()
    page.get_by_role("combobox", name="Comparison").select_option("!=")

    expect(page.get_by_role("button", name="Change http.method!=GET")).to_be_visible()
    assert ["component", "http.method!=GET"] == parameters(page)["attribute"]


def test_the_line_fills_the_fields(open_page, mesh):
    page = loaded(open_page("/search"))

    line(page).fill('service=reviews.bookinfo error duration>1ms "odd key"="a b" last=15m')
    press(page, "Enter")

    expect(field(page, "Service")).to_have_value("reviews.bookinfo")
    expect(page.get_by_role("button", name="Errors only")).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_label("At least").last).to_have_value("1ms")
    expect(page.get_by_role("button", name='Change "odd key"="a b"')).to_be_visible()
    expect(page.get_by_role("combobox", name="Time range")).to_have_value("15m")
    assert {
        "service": "reviews.bookinfo",
        "error": "true",
        "min_duration": "1ms",
        "attribute": '"odd key"=a b',
        "last": "15m",
    } == parameters(page)


def test_what_is_wrong_with_the_line_is_told_with_its_place(open_page, mesh):
    page = loaded(open_page(f"/search?{mesh.quarter}"))
    before = page.url

    line(page).fill("service=a duration>=slow")
    press(page, "Enter")

    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("duration>=slow at character 11: not a duration")
    expect(line(page)).to_have_attribute("aria-invalid", "true")
    assert "duration>=slow" == page.evaluate("getSelection().toString()")
    assert before == page.url
    press(page, "Escape")
    expect(alert).to_be_hidden()


def test_a_bound_that_is_no_duration_is_not_asked_for(open_page, mesh):
    page = loaded(open_page(f"/search?{mesh.quarter}"))
    bound = page.get_by_label("At least").first

    bound.fill("slow")
    press(page, "Tab")
    expect(page.get_by_text("Write 250us, 15ms or 1m30s")).to_be_visible()
    assert "min_trace_duration" not in parameters(page)

    bound.fill("20 ms")
    press(page, "Tab")
    expect(line(page)).to_have_value(re.compile(r"trace_duration>=20ms"))


def test_what_can_be_written_is_explained_beside_the_line(open_page, mesh):
    page = loaded(open_page(f"/search?{mesh.quarter}"))

    page.get_by_role("button", name="What can be written here").click()

    help_ = page.get_by_role("dialog", name="What can be written here")
    expect(help_).to_contain_text("http.status_code>=500")
    press(page, "Escape")
    expect(help_).to_be_hidden()


@pytest.mark.parametrize("kind", ["trace", "request"])
def test_an_id_in_the_line_opens_what_it_names(open_page, mesh, kind):
    trace = mesh.traffic.slow
    identity = trace.trace_id if kind == "trace" else trace.request_id
    page = loaded(open_page(f"/search?{mesh.quarter}"))

    line(page).fill(identity)
    press(page, "Enter")

    page.wait_for_url(f"**/{kind}/{identity}")


def test_a_link_of_jaegers_search_finds_the_same(open_page, mesh):
    from_us, to_us = (int(part.partition("=")[2]) // 1000 for part in mesh.quarter.split("&"))
    tags = quote('{"error":"true","http.status_code":"503"}')
    page = open_page(
        f"/search?service=reviews.bookinfo&operation=all&tags={tags}&lookback=1h&limit=20"
        f"&start={from_us}&end={to_us}&minDuration=&maxDuration="
    )

    expect(line(page)).to_have_value(
        f"service=reviews.bookinfo error=true http.status_code=503 from={from_us}000 to={to_us}000"
    )
    expect(rows(page).first).to_be_visible()


def test_when_nothing_is_found_each_condition_can_be_removed(open_page, mesh):
    page = open_page(f"/search?{mesh.quarter}&service=reviews.bookinfo&{NO_SUCH_CODE}")

    expect(page.get_by_role("heading", name="No trace matches")).to_be_visible()
    choices = page.get_by_role("listitem").filter(has_text="spans")
    expect(choices).to_contain_text(["http.status_code=418"])
    page.get_by_role("button", name="Remove http.status_code=418").last.click()

    expect(rows(page).first).to_be_visible()
    expect(line(page)).to_have_value(re.compile(r"^service=reviews\.bookinfo from="))


def test_a_condition_that_the_service_refuses_is_named(open_page, mesh):
    page = open_page("/search?kind=proxy", expected=("kind=proxy",))

    expect(page.get_by_role("alert").first).to_contain_text("kind")


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_what_is_wrong_with_the_line_has_no_barriers(open_page, mesh, dark):
    page = loaded(open_page(f"/search?{mesh.quarter}", dark=dark))
    line(page).fill("service:reviews last=1h")
    press(page, "Enter")
    expect(page.get_by_role("alert")).to_be_visible()

    assert_accessible(page)
    screenshot(page, "search-wrong-line")
