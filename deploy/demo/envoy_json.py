"""The shape of Envoy's JSON configuration."""

from collections.abc import Mapping, Sequence
from typing import TypeAlias

__all__ = ["Json", "JsonValue", "typed"]

JsonValue: TypeAlias = (
    "str | int | float | bool | Sequence[JsonValue] | Mapping[str, JsonValue] | None"
)
Json: TypeAlias = Mapping[str, JsonValue]


def typed(message: str, fields: Json) -> Json:
    """A protobuf ``Any`` of the message type in Envoy's JSON form."""
    return {"@type": f"type.googleapis.com/{message}", **fields}
