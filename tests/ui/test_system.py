"""The System page: does the mesh reach us, what arrives, how much of it is kept."""

import ast
import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from api.system.faults import EXPLAINED
from tests.ui.browsing import assert_accessible, failing, focused, press, screenshot

ROOT = Path(__file__).resolve().parents[2]
JAPANESE = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")
ELSEWHERE = "its collectors are elsewhere"
FAULTS = [
    {
        "kind": "refused",
        "reason": "http2",
        "count": 12,
        "recent": 3,
        "meaning": "HTTP/2 came to the HTTP port.",
        "advice": "Send gRPC to port 4317.",
    },
    {
        "kind": "mended",
        "reason": "empty_span_name",
        "count": 4,
        "recent": 0,
        "meaning": "A span had no name.",
        "advice": "Give the operation a name.",
    },
]


def changed(page, change):
    """Let the page see the service's answer as ``change`` makes it."""

    def answer(route):
        answered = route.fetch()
        system = answered.json()
        change(system)
        route.fulfill(response=answered, body=json.dumps(system))

    page.route("**/api/v1/system", answer)
    page.reload()
    expect(check(page, "connected")).to_be_visible()
    return page


def check(page, name):
    return page.locator(f"[data-check={name}]")


def panel(page, title):
    return page.locator("section").filter(
        has=page.get_by_role("heading", name=title, level=2, exact=True)
    )


def table(page, name):
    return page.get_by_role("table", name=name, exact=True)


def snippet(page, title):
    return page.locator("section").filter(has=page.get_by_role("heading", name=title, level=3)).last


def parts_elsewhere(system):
    """What a process that only answers questions tells."""
    parts = ("receivers", "received", "peers", "faults", "spool", "lag")
    for part in parts:
        system[part] = None
    system["role"] = "query"
    system["not_known"] = [{"part": part, "reason": ELSEWHERE} for part in parts]


def test_an_empty_service_says_that_nobody_came_and_what_to_do(open_page, empty):
    page = open_page("/system", empty)

    connected = check(page, "connected")
    expect(connected).to_contain_text("Failed")
    expect(connected).to_contain_text("No exporter has connected")
    expect(connected).to_contain_text("extensionProviders")
    expect(connected).to_contain_text("randomSamplingPercentage")
    expect(snippet(page, "Mesh configuration")).to_be_visible()
    expect(panel(page, "Received")).to_contain_text("otlp/grpc")
    expect(panel(page, "Senders by namespace")).to_contain_text("No span is stored yet.")
    assert_accessible(page)
    screenshot(page, "system-empty")


def test_a_mesh_that_arrives_is_told_by_checks_and_figures(open_page, mesh):
    page = open_page("/system")

    expect(check(page, "connected")).to_contain_text("OK")
    expect(check(page, "proxies")).to_contain_text("Proxies of the mesh report spans.")
    row = table(page, "By receiver, since the start").get_by_role("row").filter(has_text="http")
    expect(row).to_contain_text(f"{mesh.traffic.span_count:,}")
    expect(panel(page, "On the way to the store")).to_contain_text("1 GiB")
    expect(panel(page, "Store")).to_contain_text(f"{mesh.traffic.span_count:,}")
    expect(panel(page, "Store")).to_contain_text("DuckDB")
    expect(panel(page, "What is kept")).to_contain_text("7 d")
    expect(panel(page, "Refused and mended")).to_contain_text("Everything was taken as it came.")


def test_a_namespace_opens_to_its_services_and_the_address_keeps_it(open_page):
    page = open_page("/system")

    page.get_by_role("button", name="bookinfo").first.click()
    services = page.get_by_role("table", name=re.compile("^Services of .*bookinfo"))
    expect(services).to_contain_text("reviews")
    page.reload()
    services.get_by_role("link", name="reviews").click()

    page.wait_for_url("**/services/reviews.bookinfo")


def test_an_exporter_is_named_with_its_address(open_page):
    page = open_page("/system")

    expect(table(page, "Exporters").get_by_role("row").nth(1)).to_contain_text("127.0.0.1")
    expect(table(page, "Exporters").get_by_role("row").nth(1)).to_contain_text("otlp/http")


def test_the_snippets_are_for_the_host_that_is_given(open_page, empty):
    page = open_page("/system", empty)

    host = page.get_by_role("textbox", name="Host, as the mesh knows it")
    expect(host).to_have_value("spanloom.observability.svc.cluster.local")
    host.fill("spanloom.tracing.svc.cluster.local")
    host.press("Enter")

    expect(snippet(page, "Mesh configuration")).to_contain_text(
        "service: spanloom.tracing.svc.cluster.local"
    )
    expect(snippet(page, "The Service in front")).to_contain_text("namespace: tracing")
    assert "host=spanloom.tracing.svc.cluster.local" in page.url
    page.go_back()
    expect(host).to_have_value("spanloom.observability.svc.cluster.local")


def test_the_snippets_know_http_and_the_share_of_requests(open_page, empty):
    page = open_page("/system", empty)

    page.get_by_role("combobox", name="Protocol").select_option("http")
    page.get_by_role("textbox", name="Requests traced").fill("5")
    page.get_by_role("textbox", name="Requests traced").press("Enter")

    expect(snippet(page, "Mesh configuration")).to_contain_text("path: /v1/traces")
    expect(snippet(page, "Telemetry resource")).to_contain_text("randomSamplingPercentage: 5")


def test_a_host_outside_of_the_cluster_gets_a_service_entry(open_page, empty):
    page = open_page("/system?host=traces.example.com", empty)

    expect(snippet(page, "ServiceEntry")).to_contain_text("hosts: [traces.example.com]")


def test_what_is_no_host_is_said_and_makes_no_snippet(open_page, empty):
    page = open_page("/system?host=not%20a%20host", empty)

    expect(page.get_by_text("This is no host name.")).to_be_visible()
    expect(page.get_by_role("heading", name="Mesh configuration")).to_have_count(0)


def test_a_snippet_is_copied(open_page, empty):
    page = open_page("/system", empty)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])

    page.get_by_role("button", name="Copy").nth(1).click()

    page.wait_for_function(
        "navigator.clipboard.readText().then((text) => text.startsWith('apiVersion: telemetry'))"
    )


def test_refused_and_mended_spans_are_told_in_words(open_page):
    page = changed(open_page("/system?live=0"), lambda system: system.update(faults=FAULTS))

    refused, mended = table(page, "Refused and mended").get_by_role("row").all()[1:]
    expect(refused).to_contain_text("Send gRPC to port 4317.")
    expect(refused.get_by_role("cell").last).to_have_text("12")
    expect(mended).to_contain_text("A span had no name.")
    screenshot(page, "system-faults")


def test_a_spool_that_fills_up_stands_out(open_page):
    def fill(system):
        spool = system["spool"]
        spool.update(used_bytes=int(0.9 * spool["max_bytes"]), waiting_spans=4321)
        system["lag"].update(oldest_waiting="1m30s", oldest_waiting_nano="90000000000")

    page = changed(open_page("/system?live=0"), fill)

    on_the_way = panel(page, "On the way to the store")
    expect(on_the_way).to_contain_text("90 %")
    expect(on_the_way).to_contain_text("4,321 spans, the oldest for 1.5 min")


def test_a_process_without_receivers_says_why_it_does_not_know(open_page):
    page = changed(open_page("/system?live=0"), parts_elsewhere)

    for title in ("Received", "On the way to the store", "Exporters", "Refused and mended"):
        expect(panel(page, title)).to_contain_text(f"Not known here: {ELSEWHERE}")
    expect(page.get_by_text("query only")).to_be_visible()


def test_the_page_refreshes_by_itself_until_it_is_stopped(open_page, mesh):
    page = open_page("/system")
    expect(check(page, "connected")).to_be_visible()
    with page.expect_response("**/api/v1/system", timeout=30_000):
        pass

    page.get_by_role("button", name="Stop refreshing").click()

    expect(page.get_by_role("button", name="Refresh by itself")).to_be_visible()
    assert "live=0" in page.url
    with page.expect_response("**/api/v1/system"):
        page.get_by_role("button", name="Refresh", exact=True).click()


def test_an_error_is_told_with_what_to_do_and_tried_again(open_page):
    page = open_page("/system", errors={"**/api/v1/system": 503})

    expect(page.get_by_role("alert")).to_be_visible()
    expect(check(page, "connected")).to_have_count(0)
    page.unroute("**/api/v1/system")
    page.get_by_role("button", name="Try again").click()
    expect(check(page, "connected")).to_be_visible()


def test_the_last_answer_stays_while_the_service_does_not_answer(open_page):
    page = open_page("/system?live=0")
    expect(check(page, "connected")).to_be_visible()

    failing(page, "**/api/v1/system")
    page.get_by_role("button", name="Refresh", exact=True).click()

    expect(page.get_by_role("alert")).to_contain_text("What is shown is of the last answer.")
    expect(check(page, "connected")).to_be_visible()


def test_the_keyboard_opens_the_setup_and_a_namespace(open_page):
    page = open_page("/system?live=0")

    page.locator("summary").filter(has_text="Point Istio here").focus()
    press(page, "Enter")
    expect(snippet(page, "Mesh configuration")).to_be_visible()
    page.get_by_role("button", name="bookinfo").first.focus()
    assert "bookinfo" in focused(page)
    press(page, "Enter")

    expect(page.get_by_role("table", name=re.compile("^Services of"))).to_be_visible()


@pytest.mark.parametrize("dark", [False, True])
def test_the_page_is_accessible_in_both_themes(open_page, dark):
    page = open_page("/system?live=0", dark=dark)
    expect(table(page, "Exporters")).to_be_visible()

    screenshot(page, "system")
    page.get_by_text("Point Istio here").click()
    assert_accessible(page)


def test_in_japanese_the_checks_and_their_advice_are_japanese(open_page, empty):
    page = open_page("/system", empty, language="ja-JP")

    expect(check(page, "connected")).to_contain_text("どのエクスポーターも接続していません")
    for line in page.locator("[data-check] p, [data-check] ul li").all_inner_texts():
        assert JAPANESE.search(line), line
    assert_accessible(page)


def findings():
    """Every finding of a check that stands in the code of the API by its name."""
    for path in (ROOT / "api" / "system").glob("*_checks.py"):
        for call in ast.walk(ast.parse(path.read_text())):
            if isinstance(call, ast.Call) and ast.unparse(call.func) == "Check":
                name, _, finding = call.args[:3]
                words = [each for each in ast.walk(finding) if isinstance(each, ast.Constant)]
                if isinstance(name, ast.Constant):
                    yield from (f"{name.value}.{each.value}" for each in words)


@pytest.mark.parametrize("finding", sorted(set(findings()) - {"stored.elsewhere"}))
def test_every_finding_has_japanese_words(finding):
    words = (ROOT / "ui" / "src" / "pages" / "system" / "check-words.ts").read_text()

    assert f'"{finding}"' in words


@pytest.mark.parametrize("fault", sorted(f"{kind}.{reason}" for kind, reason in EXPLAINED))
def test_every_fault_has_japanese_words(fault):
    words = (ROOT / "ui" / "src" / "pages" / "system" / "fault-words.ts").read_text()

    assert f'"{fault}"' in words
