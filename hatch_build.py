"""Build hook: generates the messages of Jaeger's gRPC APIs from their ``.proto`` files.

Runs for the wheel and for the editable install that ``make setup`` makes. The modules land beside
the ``.proto`` files, where git ignores them.
"""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import grpc_tools
from google.protobuf.descriptor import FileDescriptor
from google.protobuf.descriptor_pb2 import FileDescriptorSet
from grpc_tools import protoc
from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from opentelemetry.proto.trace.v1 import trace_pb2

_PROTOS = Path("api/jaeger/grpc/protos")


class ProtoBuildHook(BuildHookInterface[Any]):
    """Found by hatchling through ``[tool.hatch.build.hooks.custom]``."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Generate the modules, and take them into the wheel although git ignores them."""
        generate(Path(self.root))
        build_data["artifacts"] += [f"/{_PROTOS}/*_pb2.py", f"/{_PROTOS}/*_pb2.pyi"]


def generate(root: Path) -> None:
    """Write a ``*_pb2.py`` and ``*_pb2.pyi`` for each ``.proto`` of the project at ``root``."""
    sources = sorted(path.relative_to(root).as_posix() for path in (root / _PROTOS).glob("*.proto"))
    # OTLP's package ships generated modules only. What they describe is imported as if it were
    # there as .proto, so that traces are the same messages as everywhere else in the process.
    otlp = FileDescriptorSet()
    _add_with_imports(trace_pb2.DESCRIPTOR, otlp)
    with TemporaryDirectory() as folder:
        described = Path(folder) / "otlp.binpb"
        described.write_bytes(otlp.SerializeToString())
        status = protoc.main(
            [
                "protoc",
                f"--proto_path={root}",
                f"--proto_path={Path(grpc_tools.__file__).parent / '_proto'}",
                f"--descriptor_set_in={described}",
                f"--python_out={root}",
                f"--pyi_out={root}",
                *sources,
            ]
        )
    if status != 0:
        raise RuntimeError(f"protoc failed on {', '.join(sources)}; its messages are above")


def _add_with_imports(file: FileDescriptor, files: FileDescriptorSet) -> None:
    for imported in file.dependencies:
        _add_with_imports(imported, files)
    if file.name not in {known.name for known in files.file}:
        file.CopyToProto(files.file.add())


if __name__ == "__main__":
    generate(Path(__file__).parent)
