"""Spanloom, the tracing backend of a service mesh; this package composes the others."""

__all__ = ["__version__"]

__version__ = "0.1.0"
