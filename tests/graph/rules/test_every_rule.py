"""No rule is without a test of its own, and none without a sentence for users."""

import ast
import re
from pathlib import Path

HERE = Path(__file__).parent
RULES = {f"G{number}" for number in range(1, 50)}


def test_every_rule_has_a_test_named_by_its_number():
    names = (
        node.name
        for path in HERE.glob("test_*.py")
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    )

    tested = {found[1].upper() for name in names if (found := re.match(r"test_(g\d+)_", name))}
    assert set() == RULES - tested


def test_every_rule_is_told_to_users_in_order():
    text = (HERE.parents[2] / "docs" / "graph.md").read_text()

    told = re.findall(r"^\| (G\d+) \|", text, re.MULTILINE)
    assert [f"G{number}" for number in range(1, 50)] == told
