"""Processors: pure functions from batch to batch, chained in the order of the configuration."""

from collector.processors.chain import Chain, Processor

__all__ = ["Chain", "Processor"]
