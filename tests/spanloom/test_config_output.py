from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spanloom.config import Config
from spanloom.config_loader import load_config
from spanloom.config_output import config_to_yaml, reference_table
from spanloom.schema import members

DOCS = Path(__file__).resolve().parents[2] / "docs" / "configuration.md"

CONFIGS = st.builds(
    lambda workers, age, delay, size, data_dir, paths: msgspec.convert(
        {
            "workers": workers,
            "data_dir": data_dir,
            "store": {"retention": {"max_age_ns": age, "max_bytes": size}},
            "spool": {"commit_delay_ns": delay},
            "processors": [{"drop": {"paths": paths}}, {"sanitise": {"strict_trace_ids": False}}],
        },
        Config,
    ),
    st.integers(1, 256),
    st.none() | st.integers(1, 2**60),
    st.integers(0, 2**60),
    st.none() | st.integers(1, 2**60),
    st.text(st.characters(codec="utf-8", exclude_categories=["C", "Zl", "Zp"]), min_size=1),
    st.lists(st.sampled_from(["/healthz", "$x", "${HOME}", "no", "12:30", "1e3", "a: b", "#"])),
)


@given(CONFIGS)
def test_the_shown_configuration_loads_as_the_same(tmp_path_factory, config):
    file = tmp_path_factory.mktemp("shown") / "spanloom.yaml"
    file.write_text(config_to_yaml(config))

    assert config == load_config(file).config


def test_the_documentation_has_every_setting_with_its_default():
    """Made by ``python -m spanloom.config_output``."""
    assert reference_table() in DOCS.read_text()


class Secretive(msgspec.Struct):
    """Settings with secrets of every kind."""

    url: str = "postgresql://spanloom:hunter2@db:5432/traces"
    password: str = "hunter2"
    auth_token: str = "hunter2"


def test_secrets_are_hidden():
    shown = config_to_yaml(Secretive())

    assert "hunter2" not in shown
    assert "postgresql://spanloom:[hidden]@db:5432/traces" in shown


def test_the_secrets_of_the_store_are_hidden():
    flags = {
        "store.url": ("--store", "postgresql://spanloom:hunter2@db:5432/traces"),
        "store.password": ("", "hunter2"),
    }
    shown = config_to_yaml(load_config(flags=flags).config)

    assert "hunter2" not in shown
    assert "url: postgresql://spanloom:[hidden]@db:5432/traces" in shown


@pytest.mark.parametrize(
    ("field", "name", "unit"),
    [("max_age_ns", "max_age", "ns"), ("max_bytes", "max_bytes", "bytes")],
)
def test_a_setting_is_named_without_the_unit_of_time(field, name, unit):
    found = {member.field: member for member in members(type(Config().store.retention))}

    assert (name, unit) == (found[field].name, found[field].unit)
