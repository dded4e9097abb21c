"""Bookinfo behind real Envoys, exporting to a tracing backend: the demo and the end-to-end tests.

Run it with ``python -m deploy.demo``; use it as a library through :class:`Mesh`.
"""

from deploy.demo.mesh import Mesh, MeshError, MeshResponse
from deploy.demo.options import MeshOptions

__all__ = ["Mesh", "MeshError", "MeshOptions", "MeshResponse"]
