"""The chain of processors that a configuration declares."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from collector import pipeline_metrics as metrics
from collector.config import MeshIdentity, ProcessorConfig, Sanitise
from collector.processors.drop import DropProcessor
from collector.processors.mesh_identity import MeshIdentityProcessor
from collector.processors.sample import SampleProcessor
from collector.processors.sanitise import SanitiseProcessor
from model.batch import SpanBatch
from model.columns import WellKnownColumn

__all__ = ["Chain", "Processor"]


class Processor(Protocol):
    """One link of the chain. It MUST NOT fail on anything that the decoder lets through."""

    name: str

    def process(self, batch: SpanBatch) -> SpanBatch:
        """Return the batch to pass on; may be the same one. ``batch`` is never changed."""
        ...


class Chain:
    """Processors in order; counts what goes into and comes out of each."""

    def __init__(
        self, configs: Sequence[ProcessorConfig], columns: tuple[WellKnownColumn, ...]
    ) -> None:
        self.processors = tuple(_processor(config, columns) for config in configs)

    def process(self, batch: SpanBatch) -> SpanBatch:
        """Pass ``batch`` through all processors."""
        for processor in self.processors:
            metrics.processor_incoming.labels(processor.name).inc(len(batch))
            batch = processor.process(batch)
            metrics.processor_outgoing.labels(processor.name).inc(len(batch))
        return batch


def _processor(config: ProcessorConfig, columns: tuple[WellKnownColumn, ...]) -> Processor:
    if config.drop is not None:
        return DropProcessor(config.drop, columns)
    if config.sample is not None:
        return SampleProcessor(config.sample.ratio)
    if config.mesh_identity is not False:
        known = config.mesh_identity
        return MeshIdentityProcessor(known if isinstance(known, MeshIdentity) else MeshIdentity())
    mending = config.sanitise
    return SanitiseProcessor(mending if isinstance(mending, Sanitise) else Sanitise())
