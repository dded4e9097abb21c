import math

import pytest

from spanloom.yaml_file import YamlError, YamlReader, YamlValue

ENVIRONMENT = {"HOST": "mesh", "PORT": "4317", "EMPTY": "", "TRUE": "true", "LIST": "[1, 2]"}


def read(text: str) -> YamlValue:
    return YamlReader(ENVIRONMENT).read(text)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a: ${HOST}", {"a": "mesh"}),
        ("a: ${env:HOST}", {"a": "mesh"}),
        ("a: ${HOST}:${PORT}", {"a": "mesh:4317"}),
        ("a: ${env:NONE:-there}", {"a": "there"}),
        ("a: ${EMPTY:-there}", {"a": "there"}),
        ("a: ${env:NONE:-}", {"a": None}),
        ("a: ${NONE:-http://x:1/y}", {"a": "http://x:1/y"}),
        ("a: $$", {"a": "$"}),
        ("a: $${HOST}", {"a": "${HOST}"}),
        ("a: $$$${HOST}", {"a": "$${HOST}"}),
        ("a: $HOST", {"a": "$HOST"}),
        ("a: ${PORT}", {"a": 4317}),
        ("a: '${PORT}'", {"a": "4317"}),
        ("a: ${TRUE}", {"a": True}),
        ("a: ${LIST}", {"a": "[1, 2]"}),
        ("${HOST}: a", {"${HOST}": "a"}),
        ("- ${HOST}", ["mesh"]),
    ],
)
def test_variables_are_put_into_scalar_values_before_typing(text: str, value: YamlValue) -> None:
    assert value == read(text)


@pytest.mark.parametrize(
    "text", ["a: ${1A}", "a: ${file:/etc/passwd}", "a: ${HOST", "a: ${}", "a: ${env:A-B}"]
)
def test_what_is_no_substitution_is_refused_with_its_line(text: str) -> None:
    with pytest.raises(YamlError, match=r"line 1: .*is no substitution"):
        read(text)


def test_a_variable_that_is_not_set_is_empty_and_remembered() -> None:
    reader = YamlReader(ENVIRONMENT)

    assert reader.read("a: x${NONE}y\nb: ${env:EMPTY}") == {"a": "xy", "b": None}
    assert ["NONE"] == reader.unset


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("no", "no"),
        ("on", "on"),
        ("12:30", "12:30"),
        ("2024-01-01", "2024-01-01"),
        ("0777", 777),
        ("0o17", 15),
        ("0xff", 255),
        ("1e3", 1000.0),
        (".5", 0.5),
        ("-.inf", -math.inf),
        ("True", True),
        ("~", None),
        ("null", None),
        ("'null'", "null"),
        ("", None),
        ("1_000", "1_000"),
    ],
)
def test_plain_scalars_have_the_types_of_yaml_1_2(text: str, value: YamlValue) -> None:
    assert value == read(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: 1\na: 2", "line 2: 'a' is given twice"),
        ("a: [1", "line 1: "),
        ("a: !secret x", "line 1: the tag !secret"),
        ("a: &x [*x]", "nested deeper"),
        ("? [1]\n: 2", "a key must be plain text"),
        ("a: 1\n---\nb: 2", "line 2: "),
    ],
)
def test_other_faults_are_named_with_their_line(text: str, message: str) -> None:
    with pytest.raises(YamlError, match="(?s)" + message.replace("[", r"\[")):
        read(text)
