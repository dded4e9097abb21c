"""OTLP receivers: gRPC and HTTP, one table of errors for both."""
