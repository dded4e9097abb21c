"""The mesh graph page: what is wrong, where, why, and since when."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import expect

from tests.ui.browsing import assert_accessible, failing, focused, press, screenshot

FAILING = "reviews v2 → ratings"
NO_HOST = "503 (UH: no healthy upstream host)"


def parameters(page):
    """The query of the page's address; a list only where a parameter is given more than once."""
    values = parse_qs(urlsplit(page.url).query)
    return {name: value[0] if len(value) == 1 else value for name, value in values.items()}


def drawing(page):
    return page.get_by_role("application", name="Mesh graph")


def panel(page):
    return page.get_by_role("complementary").first


def button(page, name):
    return page.get_by_role("button", name=name, exact=True)


def size(page):
    return page.get_by_role("status").filter(has_text="nodes")


@pytest.fixture
def open_graph(open_page, mesh):
    """Open the graph of the traffic's last quarter of an hour, and wait until it is drawn."""

    def open_drawn(query="", **options):
        page = open_page(f"/graph?{mesh.quarter}&history=off&animate=off&{query}", **options)
        expect(drawing(page)).to_have_attribute("data-drawn", "true")
        return page

    return open_drawn


@pytest.fixture
def open_table(open_page, mesh):
    """Open the table of the same window, which needs no drawing."""

    def open_listed(query="", **options):
        page = open_page(f"/graph?{mesh.quarter}&history=off&view=table&{query}", **options)
        expect(page.get_by_role("table", name="Who calls whom")).to_be_visible()
        return page

    return open_listed


def edge_row(page, source, target):
    cells = page.get_by_role("row").filter(
        has=page.get_by_role("button", name=source, exact=True),
    )
    return cells.filter(has=page.get_by_role("cell", name=target, exact=True))


def test_what_fails_is_told_with_its_reason_and_leads_to_its_trace(open_graph):
    page = open_graph()
    fault = panel(page).get_by_role("button").filter(has_text=FAILING)
    expect(fault).to_contain_text("Failing")
    expect(fault).to_contain_text(NO_HOST)

    fault.click()

    expect(panel(page).get_by_role("heading", name=FAILING)).to_be_visible()
    expect(panel(page)).to_contain_text(NO_HOST)
    expect(panel(page).get_by_role("row").filter(has_text="Service Unavailable")).to_contain_text(
        "UH"
    )
    assert re.fullmatch(r"[0-9a-f]{16}", parameters(page)["select"])
    panel(page).get_by_role("definition").filter(has_text="ago").get_by_role("link").click()
    page.wait_for_url("**/trace/*")


def test_a_selection_has_charts_of_its_window(open_graph):
    page = open_graph()

    panel(page).get_by_role("button").filter(has_text=FAILING).click()

    expect(panel(page).get_by_role("img", name="Calls and errors over time")).to_be_visible()
    expect(panel(page).get_by_role("img", name="Response time over time")).to_be_visible()


def test_reload_and_back_give_the_same_view(open_graph):
    page = open_graph("type=service")
    panel(page).get_by_role("button").filter(has_text="reviews → ratings").first.click()
    title = panel(page).get_by_role("heading", level=2)
    expect(title).to_have_text("reviews → ratings")

    page.reload()

    expect(title).to_have_text("reviews → ratings")
    expect(page.get_by_label("Nodes are")).to_have_value("service")
    page.go_back()
    expect(title).to_have_text("What is wrong")


def test_the_keyboard_walks_along_calls_selects_and_focuses(open_graph):
    page = open_graph("hide=NOT+downstream+of+productpage+AND+name+!=+productpage")
    drawing(page).focus()
    told = page.locator("[aria-live=polite]").filter(has_text="calls")
    expect(told).to_contain_text("productpage v1")

    press(page, "ArrowRight")
    expect(told).to_have_text(re.compile("^(reviews|details)"))
    press(page, "ArrowLeft", "Enter")
    expect(panel(page).get_by_role("heading", level=2)).to_have_text("productpage v1")
    press(page, "Enter")

    expect(page.get_by_text("Focus: productpage v1")).to_be_visible()
    assert "focus" in parameters(page)


def test_escape_closes_what_is_selected(open_graph):
    page = open_graph()
    panel(page).get_by_role("button").filter(has_text=FAILING).click()
    expect(panel(page).get_by_role("heading", name=FAILING)).to_be_visible()

    press(page, "Escape")

    expect(panel(page).get_by_role("heading", name="What is wrong")).to_be_visible()
    assert "select" not in parameters(page)


def test_the_focus_has_a_direction_and_a_depth(open_table):
    page = open_table("focus=productpage.bookinfo")
    expect(edge_row(page, "istio-ingressgateway latest", "productpage v1")).to_be_visible()

    page.get_by_label("Direction").select_option("downstream")
    expect(edge_row(page, "istio-ingressgateway latest", "productpage v1")).to_have_count(0)
    page.get_by_label("Calls away").select_option("2")
    expect(edge_row(page, "reviews v2", "ratings")).to_be_visible()
    button(page, "Whole mesh").click()

    expect(edge_row(page, "checkout v1", "payment v1")).to_be_visible()


def test_the_table_has_every_edge_with_its_numbers_and_sorts_them(open_table):
    page = open_table()
    rows = page.get_by_role("row")

    expect(rows.nth(1)).to_contain_text("Failing")
    row = edge_row(page, "reviews v2", "ratings")
    expect(row).to_contain_text("100 %")
    expect(row).to_contain_text(NO_HOST)
    button(page, "Rate").click()

    expect(rows.nth(1)).to_contain_text("ingress")
    assert "-rate" == parameters(page)["order"]


def test_the_table_is_worked_by_keyboard(open_table):
    page = open_table()
    edge_row(page, "reviews v2", "ratings").get_by_role("button").focus()

    press(page, "Enter")

    expect(panel(page).get_by_role("heading", name=FAILING)).to_be_visible()


def test_an_expression_hides_what_it_matches(open_table):
    page = open_table()
    expect(edge_row(page, "checkout v1", "payment v1")).to_be_visible()

    page.get_by_label("Hide", exact=True).fill("namespace = shop")
    press(page, "Enter")

    expect(edge_row(page, "checkout v1", "payment v1")).to_have_count(0)
    expect(edge_row(page, "reviews v2", "ratings")).to_be_visible()


def test_an_expression_finds_and_counts(open_graph):
    page = open_graph()

    button(page, "Examples").click()
    page.get_by_role("button", name="! healthy").first.click()

    expect(size(page)).to_contain_text(re.compile(r"[1-9]\d* found"))
    expect(page.get_by_label("Find", exact=True)).to_have_value("! healthy")
    expect(panel(page).get_by_role("heading", name=re.compile("Found"))).to_be_visible()


def test_an_expression_that_cannot_be_read_is_told_at_its_field(open_page, mesh):
    page = open_page(f"/graph?{mesh.quarter}&history=off&view=table", expected=("400", "find=rt"))
    expect(edge_row(page, "reviews v2", "ratings")).to_be_visible()

    field = page.get_by_label("Find", exact=True)
    field.fill("rt >")
    press(page, "Enter")

    expect(field).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_text(re.compile("a value is missing"))).to_be_visible()
    expect(edge_row(page, "reviews v2", "ratings")).to_be_visible()


def test_types_say_what_a_node_stands_for(open_table):
    page = open_table("type=workload")
    expect(edge_row(page, "reviews-v2", "ratings")).to_be_visible()

    page.get_by_label("Nodes are").select_option("app")

    expect(edge_row(page, "reviews", "ratings").first).to_be_visible()


def test_namespaces_are_chosen_from_those_known(open_table):
    page = open_table()
    button(page, "Namespaces and clusters").click()

    page.get_by_label("shop", exact=True).check()

    expect(edge_row(page, "reviews v2", "ratings")).to_have_count(0)
    expect(edge_row(page, "checkout v1", "payment v1")).to_be_visible()
    assert "shop" == parameters(page)["namespace"]


def test_frames_and_labels_are_drawn_as_chosen(open_graph):
    page = open_graph()
    button(page, "Display").click()

    page.get_by_label("Namespaces", exact=True).check()
    page.get_by_label("Response time p95").check()
    page.get_by_label("Legend").check()
    press(page, "Escape")

    expect(drawing(page)).to_have_attribute("data-drawn", "true")
    expect(page.get_by_role("region", name="Legend")).to_contain_text("failing")
    assert "namespace" == parameters(page)["box"]
    assert ["rate", "errors", "p95"] == parameters(page)["label"]
    assert "Display" == focused(page)
    screenshot(page, "graph-frames")


def test_a_comparison_tells_what_has_changed(open_graph):
    page = open_graph()
    button(page, "Compare").click()

    page.get_by_label("With the window").select_option("previous")

    expect(panel(page).get_by_role("heading", name="What has changed")).to_be_visible()
    expect(size(page)).to_contain_text("compared with")
    assert "previous" == parameters(page)["compare"]
    screenshot(page, "graph-comparison")


def test_two_versions_of_a_service_are_compared(open_table):
    page = open_table("compare_versions=v1,v2&service=reviews.bookinfo")

    expect(size(page)).to_contain_text("v2 compared with v1")
    expect(page.get_by_role("columnheader", name="Change")).to_be_visible()


def test_time_travel_moves_the_window_and_now_brings_it_back(open_page, mesh):
    page = open_page("/graph?last=5m&history=1h&animate=off")
    slider = page.get_by_role("slider", name="End of the graph's window")
    expect(slider).to_be_visible()

    slider.focus()
    press(page, "ArrowLeft")

    expect(button(page, "Now")).to_be_enabled()
    page.wait_for_url(re.compile("[?&]to="))
    assert "5m" == parameters(page)["last"]
    button(page, "Now").click()
    page.wait_for_url(re.compile(r"^[^?]*\?(?!.*[?&]?to=)"))


def test_a_replay_moves_the_window_by_itself(open_page, mesh):
    page = open_page("/graph?last=10m&history=1h&animate=off")
    expect(drawing(page)).to_have_attribute("data-drawn", "true")

    button(page, "Replay").click()
    page.wait_for_url(re.compile("[?&]to="))
    start = parameters(page)["to"]
    page.wait_for_function(
        "start => new URLSearchParams(location.search).get('to') > start", arg=start
    )
    button(page, "Stop the replay").click()

    expect(button(page, "Replay")).to_be_visible()
    assert "play" not in parameters(page)


def test_the_graph_is_exported(open_graph):
    page = open_graph()
    button(page, "Export").click()

    for name, file, beginning in (
        ("SVG picture", "mesh.svg", b"<svg"),
        ("PNG picture", "mesh.png", b"\x89PNG"),
        ("Graphviz DOT", "mesh.dot", b"digraph"),
        ("Mermaid", "mesh.mmd", b"flowchart"),
    ):
        with page.expect_download() as download:
            page.get_by_text(name, exact=True).click()
        assert file == download.value.suggested_filename
        assert download.value.path().read_bytes().startswith(beginning)


def test_names_with_markup_are_text(open_table):
    page = open_table("type=app")

    expect(edge_row(page, "unknown", "<b>x</b>")).to_be_visible()


def test_an_empty_store_says_how_to_fill_it(open_page, empty):
    page = open_page("/graph", empty)

    expect(page.get_by_role("heading", name="No spans have arrived yet")).to_be_visible()
    expect(page.get_by_role("link", name=re.compile("^System has"))).to_be_visible()


def test_a_silent_window_says_so_and_offers_another(open_page, mesh):
    page = open_page(
        "/graph?from=2020-01-01T00:00:00Z&to=2020-01-01T01:00:00Z&history=off&view=table"
    )
    expect(page.get_by_role("heading", name="Nothing was called in this window")).to_be_visible()

    button(page, "Show the last day").click()

    expect(edge_row(page, "reviews v2", "ratings")).to_be_visible()
    assert "1d" == parameters(page)["last"]


def test_filters_that_leave_nothing_can_be_cleared(open_page, mesh):
    page = open_page(f"/graph?{mesh.quarter}&history=off&view=table&focus=nobody")
    expect(page.get_by_role("heading", name="The filters leave nothing to draw")).to_be_visible()

    button(page, "Show the whole mesh").click()

    expect(edge_row(page, "reviews v2", "ratings")).to_be_visible()


def test_an_error_of_the_api_is_told_and_the_last_graph_stays(open_table):
    page = open_table()
    failing(page, "**/api/v1/graph*")

    button(page, "Refresh").click()

    expect(page.get_by_role("alert")).to_contain_text("What is shown is of the last answer.")
    expect(edge_row(page, "reviews v2", "ratings")).to_be_visible()


def test_an_error_instead_of_the_first_graph_offers_another_try(open_page, mesh):
    page = open_page("/graph?history=off", errors={"**/api/v1/graph*": 503})

    expect(page.get_by_role("alert")).to_contain_text("the store does not answer")
    page.unroute("**/api/v1/graph*")
    button(page, "Try again").click()

    expect(drawing(page)).to_have_attribute("data-drawn", "true")


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_the_page_has_no_barriers(open_page, mesh, dark):
    page = open_page(f"/graph?{mesh.quarter}&animate=off&legend=1", dark=dark)
    expect(drawing(page)).to_have_attribute("data-drawn", "true")
    screenshot(page, "graph")
    assert_accessible(page)

    panel(page).get_by_role("button").filter(has_text=FAILING).click()
    expect(panel(page).get_by_role("img", name="Response time over time")).to_be_visible()
    screenshot(page, "graph-edge")
    assert_accessible(page)

    button(page, "Table").click()
    button(page, "Display").click()
    expect(page.get_by_role("table", name="Who calls whom")).to_be_visible()
    screenshot(page, "graph-table")
    assert_accessible(page)
