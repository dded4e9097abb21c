"""The watch over a page notices what must never happen, and only that."""

import pytest

from tests.ui.browsing import Watch, assert_accessible, failing, focused, press

SOME_PAGE = "/api/v1/openapi.json"
ASK = "url => fetch(url).then(answer => answer.status, () => 0)"


@pytest.fixture
def watched(open_page, empty):
    """A page with this body, and a watch of its own over it: that of the page stays silent."""

    def watch(body="", expected=(), policy=""):
        page = open_page(SOME_PAGE, empty, expected=("",))
        content = f"<html lang=en><title>test</title><body>{body}</body></html>"
        headers = {"content-type": "text/html", "content-security-policy": policy}
        page.route("**/a-page", lambda route: route.fulfill(body=content, headers=headers))
        found = Watch(empty.url, expected)
        found.over(page.context)
        page.goto(f"{empty.url}/a-page")
        return page, found

    return watch


def test_a_page_on_which_nothing_happens_has_no_problems(open_page, empty):
    page = open_page(SOME_PAGE, empty)

    assert "Spanloom" in page.content()


def test_an_error_on_the_console_is_a_problem(watched):
    page, watch = watched()

    page.evaluate("console.error('out of paint')")

    (problem,) = watch.problems()
    assert "console error: out of paint" in problem


def test_an_exception_on_the_page_is_a_problem(watched):
    page, watch = watched()

    with page.context.expect_event("weberror"):
        page.evaluate("void setTimeout(() => { throw new Error('torn') })")

    (problem,) = watch.problems()
    assert "exception: " in problem
    assert "torn" in problem


def test_a_request_to_another_origin_is_a_problem_though_it_leads_nowhere(watched):
    page, watch = watched()
    page.route("http://elsewhere.test/**", lambda route: route.abort())

    page.evaluate(ASK, "http://elsewhere.test/font.woff2")

    assert any("another origin: http://elsewhere.test/font.woff2" in p for p in watch.problems())


def test_an_answer_that_is_an_error_is_a_problem(watched):
    page, watch = watched()

    page.evaluate(ASK, "/api/v1/traces/0")

    assert any("GET" in problem and "/api/v1/traces/0" in problem for problem in watch.problems())


def test_a_problem_that_the_test_expects_is_none(watched):
    page, watch = watched(expected=("/api/v1/traces/0",))

    page.evaluate(ASK, "/api/v1/traces/0")

    assert [] == watch.problems()


def test_an_error_that_the_test_injects_reaches_the_page_and_is_no_problem(watched):
    page, watch = watched()
    failing(page, "**/api/v1/graph*", status=503)

    assert 503 == page.evaluate(ASK, "/api/v1/graph?last=1h")
    assert [] == watch.problems()


def test_a_barrier_is_found_with_its_place_whatever_the_pages_policy_is(watched):
    page, _ = watched("<img id=plan src='data:,'>", policy="default-src 'none'")

    with pytest.raises(AssertionError, match=r"(?s)critical: image-alt: .*#plan"):
        assert_accessible(page)


def test_keys_go_where_the_focus_is(watched):
    page, _ = watched("<button aria-label=first></button><label>name <input></label>")

    press(page, "Tab")
    assert "first" == focused(page)
    press(page, "Tab", "a", "b")
    assert ("name", "ab") == (focused(page), page.locator("input").input_value())


def test_the_language_and_the_colours_are_those_asked_for(open_page, empty):
    page = open_page(SOME_PAGE, empty, dark=True, language="ja")

    assert ["ja", True] == page.evaluate(
        "[navigator.language, matchMedia('(prefers-color-scheme: dark)').matches]"
    )
