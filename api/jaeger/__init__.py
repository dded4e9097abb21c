"""Jaeger's query APIs over the store: legacy HTTP, v3 HTTP, gRPC, and the page of its UI.

Three layers: :mod:`api.jaeger.search` turns what a client asks into a query value,
:mod:`api.jaeger.source` reads whole traces and adjusts them as Jaeger does, and the rest writes
them in one of Jaeger's formats.
"""
