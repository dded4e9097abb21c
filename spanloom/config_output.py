"""Shows the configuration: as YAML with secrets hidden, and as the reference table of the docs.

``python -m spanloom.config_output`` prints the table of ``docs/configuration.md``.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from enum import Enum

import msgspec
import yaml

from spanloom.config import Config
from spanloom.schema import Member, Unit, members, settings, type_name
from spanloom.secrets import HIDDEN, hide_passwords
from spanloom.units import format_bytes, format_duration
from spanloom.yaml_file import type_plain

__all__ = ["config_to_yaml", "reference_table"]

_NANOSECONDS = {Unit.NANOSECONDS: 1, Unit.MILLISECONDS: 10**6, Unit.SECONDS: 10**9}
# Depends on the machine, and a table should not.
_DESCRIBED_DEFAULTS = {"workers": "cores - 1, at least 1"}


def config_to_yaml(config: Config) -> str:
    """Return ``config`` as YAML that, but for hidden secrets, loads as the same configuration."""
    text = yaml.dump(_plain(config), Dumper=_Dumper, sort_keys=False, allow_unicode=True)
    return text.replace("$", "$$")


def reference_table() -> str:
    """Return a Markdown table with a row a setting: path, type, default, meaning."""
    return "\n".join(_rows())


class _Dumper(yaml.SafeDumper):
    """Quotes text that is of another type when plain, in YAML 1.1 (by PyYAML) or 1.2 (by us)."""


def _represent_text(dumper: _Dumper, value: str) -> yaml.ScalarNode:
    style = None if isinstance(type_plain(value), str) else "'"
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style)


_Dumper.add_representer(str, _represent_text)


def _rows() -> Iterator[str]:
    yield "| setting | type | default | meaning |"
    yield "|---|---|---|---|"
    for setting in settings(Config):
        member = setting.member
        kind = {None: type_name(member.type), Unit.BYTES: "size"}.get(member.unit, "duration")
        if member.unit is not None and type_name(member.type).endswith("or null"):
            kind += " or null"
        default = _DESCRIBED_DEFAULTS.get(setting.path) or f"`{_inline(member)}`"
        meaning = setting.description.replace("``", "`").replace("|", "\\|")
        yield f"| `{setting.path}` | {kind} | {default} | {meaning} |"


def _inline(member: Member) -> str:
    text = yaml.safe_dump(_member(member, member.default), default_flow_style=True, width=10_000)
    return text.removesuffix("\n").removesuffix("\n...")


def _plain(value: object) -> object:
    match value:
        case msgspec.Struct():
            shown = members(type(value))
            if value.__struct_config__.omit_defaults:
                shown = tuple(m for m in shown if getattr(value, m.field) != m.default)
            return {m.name: _member(m, getattr(value, m.field)) for m in shown}
        case Enum():
            return value.value
        case dict():
            return {key: _plain(item) for key, item in value.items()}
        case list() | tuple():
            return [_plain(item) for item in value]
        case str():
            return hide_passwords(value)
    return value


def _member(member: Member, value: object) -> object:
    if member.secret and value:
        return HIDDEN
    if member.unit is None or value is None:
        return _plain(value)
    assert isinstance(value, (int, float))
    if member.unit is Unit.BYTES:
        return format_bytes(int(value))
    return format_duration(round(value * _NANOSECONDS[member.unit]))


if __name__ == "__main__":
    sys.stdout.write(reference_table() + "\n")
