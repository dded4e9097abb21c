"""Builds the configuration: flag over environment over file over default.

Problems are found all at once, and each names its setting by the full path
(``receivers.otlp.protocols.grpc.endpoint``) and says where the value came from.
"""

from __future__ import annotations

import difflib
import re
import typing
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from spanloom.config import Config
from spanloom.endpoint import Endpoint
from spanloom.schema import Member, Setting, Unit, members, settings, struct_of
from spanloom.secrets import hide_passwords
from spanloom.store_settings import check_store_url
from spanloom.units import parse_bytes, parse_duration
from spanloom.yaml_file import YamlError, YamlReader, YamlValue

__all__ = ["ConfigError", "Loaded", "load_config"]

CONFIG_VARIABLE = "SPANLOOM_CONFIG"
_PREFIX = "SPANLOOM_"
# Kubernetes sets such variables in every pod beside a Service named "spanloom" or "spanloom-…".
_SERVICE_LINK = re.compile(
    r"SPANLOOM_(\w+_)?(SERVICE_HOST|SERVICE_PORT(_\w+)?"
    r"|PORT(_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)?)"
)
_MSGSPEC_PATH = re.compile(r" - at `(?:key in )?\$?\.?(.*)`$")


class ConfigError(ValueError):
    """The configuration cannot be used; the message has one line per problem, secrets hidden."""

    def __init__(self, message: str) -> None:
        super().__init__(hide_passwords(message))


@dataclass(frozen=True, slots=True)
class Loaded:
    """A configuration, and what its reader should know about it."""

    config: Config
    warnings: tuple[str, ...]


@dataclass(slots=True)
class _Sources:
    """The merged tree of values as given, and which variable or flag each came from."""

    tree: dict[str, YamlValue] = field(default_factory=dict)
    origin: dict[str, str] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def put(self, path: str, value: YamlValue, origin: str) -> None:
        """Set one setting, over what lower layers said."""
        *parents, last = path.split(".")
        node = self.tree
        for name in parents:
            inner = node.setdefault(name, {})
            if inner is None:  # `grpc:` with nothing under it
                inner = node[name] = {}
            if not isinstance(inner, dict):
                return  # the file is wrong there, which is reported as such
            node = inner
        node[last] = value
        self.origin[path] = origin

    def problem(self, path: str, text: str) -> None:
        """Note a problem at ``path``."""
        given = [o for known, o in self.origin.items() if (path + ".").startswith(known + ".")]
        self.problems.append(f"{path}{f' (from {given[-1]})' if given else ''}: {text}")


def load_config(
    file: Path | None = None,
    environment: Mapping[str, str] | None = None,
    flags: Mapping[str, tuple[str, str]] | None = None,
) -> Loaded:
    """Build the configuration.

    Args:
        file: a YAML file, or None.
        environment: variables for ``SPANLOOM_*`` settings and for substitution in the file.
        flags: setting path to (flag, value), such as ``{"workers": ("--workers", "2")}``.

    Raises ConfigError.
    """
    environment = environment or {}
    sources, reader = _Sources(), YamlReader(environment)
    if file is not None:
        sources.tree = _read_file(file, reader)
    known = {setting.variable: setting for setting in _all_settings()}
    _read_environment(environment, known, sources)
    for path, (flag, value) in (flags or {}).items():
        sources.put(path, value, flag)
    prepared = _prepared(Config, sources.tree, "", sources)
    config = _converted(prepared, sources)
    if sources.problems:
        raise ConfigError("\n".join(sources.problems))
    assert config is not None
    warnings = [
        f"{name} is not set; {file} takes it as empty" for name in dict.fromkeys(reader.unset)
    ]
    return Loaded(config, tuple(warnings))


def _all_settings() -> Iterable[Setting]:
    return settings(Config)


def _read_file(file: Path, reader: YamlReader) -> dict[str, YamlValue]:
    try:
        value = reader.read(file.read_text(encoding="utf-8"), str(file))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"cannot read the configuration {file}: {error}") from error
    except YamlError as error:
        raise ConfigError(str(error)) from error
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise ConfigError(f"{file}: must be a map of settings")
    return value


def _read_environment(
    environment: Mapping[str, str], known: Mapping[str, Setting], sources: _Sources
) -> None:
    for name, text in sorted(environment.items()):
        if not name.startswith(_PREFIX) or name == CONFIG_VARIABLE or not text:
            continue
        setting = known.get(name)
        if setting is not None:
            try:
                sources.put(setting.path, _variable_value(text, setting.member), name)
            except YamlError as error:
                sources.problems.append(f"{name}: {error}")
        elif not _SERVICE_LINK.fullmatch(name):
            sources.problems.append(f"{name}: unknown variable{_suggestion(name, known)}")


def _variable_value(text: str, member: Member) -> YamlValue:
    """Read lists and maps as YAML (lists of text also as ``a,b``); the rest is text."""
    origin = typing.get_origin(member.type)
    if origin in (list, tuple) and not text.lstrip().startswith(("[", "-")):
        return [item.strip() for item in text.split(",")]
    if origin in (list, tuple, dict) or struct_of(member.type):
        return YamlReader({}).read(text.replace("$", "$$"))
    return None if text == "null" else text


def _prepared(
    struct: type[msgspec.Struct], value: YamlValue, path: str, sources: _Sources
) -> dict[str, object]:
    """Check the keys of ``value``, turn units into numbers, and name the struct's fields."""
    if value is None:
        return {}
    if not isinstance(value, dict):
        sources.problem(path, f"must be a map of settings, not {value!r}")
        return {}
    known = {member.name: member for member in members(struct)}
    result: dict[str, object] = {}
    for name, given in value.items():
        at = f"{path}.{name}" if path else name
        if (member := known.get(name)) is None:
            sources.problem(at, f"unknown setting{_suggestion(name, known)}")
            continue
        try:
            result[member.field] = _member_value(member, given, at, sources)
        except ValueError as error:
            sources.problem(at, str(error))
    return result


def _member_value(member: Member, value: YamlValue, at: str, sources: _Sources) -> object:
    if inner := struct_of(member.type):
        optional = struct_of(member.type, optional=False) is None
        return None if value is None and optional else _prepared(inner, value, at, sources)
    arguments = typing.get_args(member.type)
    if arguments and isinstance(value, list) and (inner := struct_of(arguments[0])):
        return [_prepared(inner, v, f"{at}[{i}]", sources) for i, v in enumerate(value)]
    if member.name == "endpoint" and isinstance(value, str):
        Endpoint.parse(value)
    if member.name == "url" and isinstance(value, str):
        check_store_url(value)
    if member.unit is None or value is None:
        return value
    return _in_unit(value, member.unit)


def _in_unit(value: YamlValue, unit: Unit) -> float:
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise ValueError(f"must be a {'size' if unit is Unit.BYTES else 'duration'}, not {value!r}")
    if unit is Unit.BYTES:
        return parse_bytes(str(value))
    nanoseconds = parse_duration(str(value))
    scale = {Unit.NANOSECONDS: 1, Unit.MILLISECONDS: 10**6, Unit.SECONDS: 10**9}[unit]
    whole, rest = divmod(nanoseconds, scale)
    return whole if not rest else nanoseconds / scale


def _converted(tree: dict[str, object], sources: _Sources) -> Config | None:
    """Type the tree, taking out what is wrong until nothing is, so as to report all of it."""
    while True:
        try:
            return msgspec.convert(tree, Config, strict=False)
        except msgspec.ValidationError as error:
            text = str(error)
            found = _MSGSPEC_PATH.search(text)
            fields = found[1] if found else ""
            sources.problem(_setting_path(fields), _MSGSPEC_PATH.sub("", text))
            if not _take_out(tree, fields):
                return None


def _setting_path(fields: str) -> str:
    """Translate a path of struct fields to the setting's path."""
    struct: type[msgspec.Struct] | None = Config
    names: list[str] = []
    for part in fields.split(".") if fields else []:
        name, bracket, index = part.partition("[")
        member = next((m for m in members(struct) if m.field == name), None) if struct else None
        names.append((member.name if member else name) + bracket + index)
        arguments = typing.get_args(member.type) if member else ()
        struct = struct_of(member.type) if member else None
        if struct is None and bracket and arguments:
            struct = struct_of(arguments[0])
    return ".".join(names) or "configuration"


def _take_out(tree: dict[str, object], fields: str) -> bool:
    node: object = tree
    *parents, last = re.split(r"\.|\[", fields)[:]
    for name in parents:
        if not isinstance(node, dict) or name not in node:
            return False
        if not isinstance(node[name], dict):
            last = name
            break
        node = node[name]
    return isinstance(node, dict) and node.pop(last, _taken_out) is not _taken_out


_taken_out = object()


def _suggestion(name: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(name, list(known), n=1, cutoff=0.6)
    return f"; did you mean {close[0]}?" if close else ""
