"""What settings exist: derived from the configuration's structs, for files, variables and docs.

The packages' structs carry their unit in the field's name (``linger_ns``, ``query_timeout_s``);
a user writes a duration with its unit, so the *setting* is named without it (``linger: 500ms``).
"""

from __future__ import annotations

import inspect
import re
import types
import typing
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, StrEnum
from functools import cache

import msgspec

__all__ = ["Member", "Section", "Setting", "Unit", "members", "settings", "struct_of", "type_name"]

_SUFFIX = re.compile(r"_(ns|ms|s)$")
_INTERNAL = {"reuse_port"}  # the service decides these, not its user
_SECRET = re.compile(r"(^|_)(password|token|secret)$")

_TYPE_NAMES: dict[object, str] = {
    str: "text",
    int: "integer",
    float: "number",
    bool: "true or false",
}


class Section(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A map of settings, checked for unknown keys."""


class Unit(StrEnum):
    """The unit in which a struct counts; users write durations and sizes with theirs."""

    NANOSECONDS = "ns"
    MILLISECONDS = "ms"
    SECONDS = "s"
    BYTES = "bytes"


@dataclass(frozen=True, slots=True)
class Member:
    """One field of a configuration struct.

    Attributes:
        name: what users write.
        field: the struct's name for it.
        type: as annotated.
        default: msgspec.NODEFAULT when it must be given.
    """

    name: str
    field: str
    type: object
    default: object
    unit: Unit | None
    secret: bool


@dataclass(frozen=True, slots=True)
class Setting:
    """One thing that can be set: a leaf of the tree.

    Attributes:
        path: dotted, such as ``receivers.otlp.protocols.grpc.endpoint``.
        variable: its environment variable, ``SPANLOOM_`` and the path joined by ``_``.
        member: name, type, default and unit.
        description: from the struct's docstring.
    """

    path: str
    variable: str
    member: Member
    description: str


@cache
def members(struct: type[msgspec.Struct]) -> tuple[Member, ...]:
    """Return the fields of a struct in order."""
    fields = msgspec.structs.fields(struct)
    return tuple(_member(field) for field in fields if field.name not in _INTERNAL)


def settings(struct: type[msgspec.Struct], prefix: str = "") -> Iterator[Setting]:
    """Yield every leaf below ``struct``, depth first."""
    descriptions = _descriptions(struct)
    for member in members(struct):
        path = prefix + member.name
        if inner := struct_of(member.type, optional=False):
            yield from settings(inner, path + ".")
        else:
            variable = "SPANLOOM_" + path.replace(".", "_").upper()
            yield Setting(path, variable, member, descriptions.get(member.field, ""))


def struct_of(type_: object, *, optional: bool = True) -> type[msgspec.Struct] | None:
    """Return the struct that ``type_`` is (or, if ``optional``, that it is or None)."""
    if optional and _is_union(type_):
        inner = [arg for arg in typing.get_args(type_) if arg is not types.NoneType]
        return struct_of(inner[0]) if len(inner) == 1 else None
    if inspect.isclass(type_) and issubclass(type_, msgspec.Struct):
        return type_
    return None


def _member(field: msgspec.structs.FieldInfo) -> Member:
    default = field.default
    if field.default_factory is not msgspec.NODEFAULT:
        default = field.default_factory()
    unit = _unit(field)
    name = field.name if unit in (None, Unit.BYTES) else _SUFFIX.sub("", field.name)
    secret = _SECRET.search(field.name) is not None
    return Member(name, field.name, field.type, default, unit, secret)


def _unit(field: msgspec.structs.FieldInfo) -> Unit | None:
    if not _bases(field.type) & {int, float}:
        return None
    if field.name == "bytes" or field.name.endswith("_bytes"):
        return Unit.BYTES
    found = _SUFFIX.search(field.name)
    return Unit(found[1]) if found else None


def _is_union(type_: object) -> bool:
    return typing.get_origin(type_) in (types.UnionType, typing.Union)


def _bases(type_: object) -> set[object]:
    """Return the bare types of ``type_`` without Annotated and Optional."""
    if typing.get_origin(type_) is typing.Annotated:
        return _bases(typing.get_args(type_)[0])
    if _is_union(type_):
        return set().union(*(_bases(arg) for arg in typing.get_args(type_)))
    return {type_}


def type_name(type_: object) -> str:
    """Return the words for a type in the documentation."""
    bases = _bases(type_)
    optional = types.NoneType in bases
    (base, *_) = [base for base in bases if base is not types.NoneType]
    name = _TYPE_NAMES.get(base, "")
    if inspect.isclass(base) and issubclass(base, Enum):
        name = ", ".join(f"`{item.value}`" for item in base)
    origin = typing.get_origin(base)
    name = name or ("map" if origin is dict or struct_of(base) else "list")
    return f"{name} or null" if optional else name


def _descriptions(struct: type[msgspec.Struct]) -> dict[str, str]:
    """Read ``name: text`` and ``a, b: text`` from the Attributes section of the docstring."""
    _, _, section = (inspect.getdoc(struct) or "").partition("Attributes:\n")
    found: dict[str, str] = {}
    for entry in re.split(r"\n(?= {4}\S)", section.split("\n\n")[0].rstrip()):
        names, colon, text = entry.strip().partition(":")
        if colon:
            for name in names.split(","):
                found[name.strip()] = " ".join(text.split())
    return found
