"""``docs/api.md`` names everything that the API has."""

import re
from pathlib import Path

import msgspec
import pytest

from api import ApiConfig, metrics
from api.conditions import parse_condition
from model.graph.expression import parse_expression
from tests.api.contract import contract

TEXT = (Path(__file__).parents[2] / "docs" / "api.md").read_text()
SECTIONS = dict(re.findall(r"^#{2,3} (.+?)\n(.*?)(?=^#{2,3} |\Z)", TEXT, re.MULTILINE | re.DOTALL))


def rows(section: str) -> list[list[str]]:
    """The cells of a section's table, without its header."""
    lines = [line for line in SECTIONS[section].splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


@pytest.mark.parametrize("path", list(contract()["paths"]))
def test_every_resource_is_shown(path: str) -> None:
    shape = re.escape(path).replace(r"\{", "{").replace(r"\}", "}")

    assert re.search(re.sub(r"{[^}]+}", r"[^/ ]+", shape), TEXT)


def test_every_setting_is_documented_with_its_default() -> None:
    documented = {row[0].strip("`"): row[1] for row in rows("Limits and settings")}
    defaults = {
        field.name: "none" if field.default == () else f"{field.default:g}"
        for field in msgspec.structs.fields(ApiConfig)
        if field.default is not msgspec.NODEFAULT  # a section with a document of its own
    }

    assert defaults == documented


@pytest.mark.parametrize(
    ("path", "section"),
    [("/api/v1/traces", "Find a trace"), ("/api/v1/graph", "See the graph")],
)
def test_every_parameter_is_documented(path: str, section: str) -> None:
    operation = contract()["paths"][path]["get"]
    known = contract()["components"]["parameters"]
    declared = {
        known[each["$ref"].rpartition("/")[2]]["name"] if "$ref" in each else each["name"]
        for each in operation["parameters"]
    }

    assert declared == {name for row in rows(section) for name in re.findall(r"`(\w+)`", row[0])}


def test_the_error_codes_of_contract_and_docs_are_the_same() -> None:
    declared = contract()["components"]["responses"]["Error"]["description"]
    documented = SECTIONS["When it does not work"]
    codes = r"\| \d+ \| (.+?) \|"

    assert re.findall(codes, declared) == re.findall(codes, documented)


def test_every_metric_is_documented() -> None:
    declared = {
        family.name for name in metrics.__all__ for family in getattr(metrics, name).describe()
    }
    documented = {row[0].strip("`").removesuffix("_total") for row in rows("Metrics")}

    assert declared == documented


@pytest.mark.parametrize("row", rows("Find and hide"))
def test_every_expression_shown_is_one(row: list[str]) -> None:
    shown = re.findall(r"`([^`]+)`", row[0])

    assert [parse_expression(text) for text in shown]


@pytest.mark.parametrize("row", rows("Conditions on attributes"))
def test_every_condition_shown_is_one(row: list[str]) -> None:
    assert parse_condition(row[0].strip("`"))
