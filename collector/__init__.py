"""OTLP in: receivers, spool, decoder, processors, pipeline; only here OTLP messages are known."""
