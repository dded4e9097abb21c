"""The measuring harness: ``python -m bench`` (see docs/PERFORMANCE.md)."""
