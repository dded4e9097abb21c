"""Jaeger's query APIs over gRPC: ``jaeger.api_v2`` and ``jaeger.api_v3``, health, reflection."""
