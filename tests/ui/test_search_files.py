"""Files on the search page: traces brought along, and what was found taken away."""

import json
import urllib.request

import pytest
from playwright.sync_api import expect

from tests.ui.searching import loaded, row_of


def otlp(mesh, *traces):
    """The traces as one file of OTLP/JSON."""
    spans = []
    for trace in traces:
        url = f"{mesh.url}/api/v1/traces/{trace.trace_id}?format=otlp"
        with urllib.request.urlopen(url, timeout=30) as answer:
            spans += json.load(answer)["resourceSpans"]
    body = json.dumps({"resourceSpans": spans}).encode()
    return {"name": "traces.json", "mimeType": "application/json", "buffer": body}


def test_a_file_with_one_trace_opens_it(open_page, mesh, empty):
    page = open_page("/search", empty, expected=("/api/v1/traces/",))

    page.locator("input[type=file]").first.set_input_files(otlp(mesh, mesh.traffic.failing))

    page.wait_for_url(f"**/trace/{mesh.traffic.failing.trace_id}?uploaded=1")


def test_a_file_with_several_traces_lists_them_until_the_page_is_left(open_page, mesh, empty):
    page = open_page("/search", empty)
    both = [mesh.traffic.failing, mesh.traffic.slow]

    page.locator("input[type=file]").first.set_input_files(otlp(mesh, *both))

    expect(page.get_by_role("heading", name="2 traces of your files")).to_be_visible()
    for trace in both:
        href = row_of(page, trace).get_attribute("href")
        assert f"/trace/{trace.trace_id}?uploaded=1" == href
    page.reload()
    expect(page.get_by_role("heading", name="No file is open")).to_be_visible()


def test_a_file_can_be_dropped_on_the_page(open_page, mesh):
    page = loaded(open_page(f"/search?{mesh.quarter}"))
    content = otlp(mesh, mesh.traffic.slow, mesh.traffic.failing)["buffer"].decode()

    page.evaluate(
        """content => {
          const dataTransfer = new DataTransfer();
          dataTransfer.items.add(new File([content], "traces.json"));
          document.dispatchEvent(new DragEvent("drop", { dataTransfer, cancelable: true }));
        }""",
        content,
    )

    expect(page.get_by_role("heading", name="2 traces of your files")).to_be_visible()


def test_a_file_that_holds_no_traces_is_refused_with_its_name(open_page, mesh):
    page = loaded(open_page(f"/search?{mesh.quarter}", expected=("/api/v1/uploads",)))

    page.locator("input[type=file]").set_input_files(
        {"name": "holiday.jpg", "mimeType": "image/jpeg", "buffer": b"\xff\xd8\xff"}
    )

    expect(page.get_by_role("alert")).to_contain_text("holiday.jpg cannot be read")
    page.get_by_role("button", name="Dismiss").click()
    expect(page.get_by_role("alert")).to_be_hidden()


@pytest.mark.parametrize(
    ("button", "key", "length"), [("Results", "traces", 1), ("OTLP", "resourceSpans", None)]
)
def test_what_was_found_can_be_kept_as_a_file(open_page, mesh, button, key, length):
    request_id = mesh.traffic.failing.request_id
    page = loaded(open_page(f"/search?{mesh.quarter}&request_id={request_id}"))

    with page.expect_download() as download:
        page.get_by_role("button", name=button).click()

    kept = json.loads(download.value.path().read_text())[key]
    assert kept
    assert length is None or length == len(kept)
