"""Prometheus metrics of the mesh, made from spans, by the names that its tools know."""
