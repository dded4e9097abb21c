"""The files of a release agree with each other."""

import re
import tomllib
from pathlib import Path

import pytest

import spanloom

ROOT = Path(__file__).resolve().parents[2]
LOCKS = ("run.txt", "build.txt", "dev.txt")


def project() -> dict[str, object]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text())


def locked(name: str) -> dict[str, str]:
    """The packages of a lock, normalised, with the text that pins them."""
    entries = re.split(r"\n(?=\S)", (ROOT / "requirements" / name).read_text())
    found = (re.match(r"([A-Za-z0-9._-]+)==", entry) for entry in entries)
    return {
        normal(match[1]): entry.strip()
        for match, entry in zip(found, entries, strict=True)
        if match
    }


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def names(requirements: list[str | dict[str, str]]) -> set[str]:
    """The packages of a list of requirements; what it includes is not followed."""
    requirements = [each for each in requirements if isinstance(each, str)]
    return {normal(re.split(r"[\s<>=!~;\[]", each, maxsplit=1)[0]) for each in requirements}


def test_the_version_is_written_in_one_place() -> None:
    described = project()
    source = ROOT / described["tool"]["hatch"]["version"]["path"]

    assert ["version"] == described["project"]["dynamic"]
    assert f'__version__ = "{spanloom.__version__}"' in source.read_text()


def test_the_changelog_has_the_version_or_what_is_to_be_released() -> None:
    headings = re.findall(r"^## .*$", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)

    assert headings
    assert re.search(rf"\b({re.escape(spanloom.__version__)}|Unreleased)\b", headings[0])


def test_every_run_time_dependency_is_locked() -> None:
    wanted = names(project()["project"]["dependencies"])

    assert set() == wanted - set(locked("run.txt"))


@pytest.mark.parametrize("group", ["build", "dev"])
def test_every_dependency_of_a_group_is_locked(group: str) -> None:
    wanted = names(project()["dependency-groups"][group])

    assert set() == wanted - set(locked(f"{group}.txt"))


@pytest.mark.parametrize("name", ["run.txt", "build.txt"])
def test_the_development_lock_pins_what_the_others_pin(name: str) -> None:
    development = locked("dev.txt")

    assert {} == {
        package: entry
        for package, entry in locked(name).items()
        if development.get(package) != entry
    }


@pytest.mark.parametrize("name", LOCKS)
def test_every_pin_has_hashes(name: str) -> None:
    assert [] == [package for package, entry in locked(name).items() if "sha256:" not in entry]


def test_the_licence_is_apache_2_0() -> None:
    text = (ROOT / "LICENSE").read_text()

    assert "Apache-2.0" == project()["project"]["license"]
    assert "Apache License" in text
    assert "Version 2.0, January 2004" in text
