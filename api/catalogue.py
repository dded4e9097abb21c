"""What is in the store: services, operations, attribute keys and values."""

from __future__ import annotations

from aiohttp import web

from api.documents import (
    KINDS,
    AttributeKeysDocument,
    AttributeValuesDocument,
    OperationsDocument,
    ServicesDocument,
    attribute_key_document,
    operation_document,
    service_document,
)
from api.parameters import Parameters, path_text
from api.queries import Deadline
from api.responses import answer
from storage.interface import SpanReader

__all__ = ["Catalogue"]

_DEFAULT_LIMIT = 100
_MAX_LIMIT = 1000


class Catalogue:
    """Handlers of the resources that help to fill in a search.

    Args:
        reader: the store.
    """

    def __init__(self, reader: SpanReader) -> None:
        self._reader = reader

    async def services(self, request: web.Request) -> web.StreamResponse:
        """``GET /services``."""
        Parameters(request.query, ())

        def work(deadline: Deadline) -> ServicesDocument:
            found = self._reader.services(timeout_s=deadline.remaining())
            return ServicesDocument([service_document(each) for each in found])

        return await answer(request, work)

    async def operations(self, request: web.Request) -> web.StreamResponse:
        """``GET /services/{service}/operations``."""
        parameters = Parameters(request.query, ("kind",))
        service = path_text(request, "service")
        kind = parameters.choice("kind", KINDS)

        def work(deadline: Deadline) -> OperationsDocument:
            found = self._reader.operations(service, kind, timeout_s=deadline.remaining())
            return OperationsDocument([operation_document(each) for each in found])

        return await answer(request, work)

    async def attributes(self, request: web.Request) -> web.StreamResponse:
        """``GET /attributes``."""
        parameters = Parameters(request.query, ("prefix", "limit"))
        prefix = parameters.prefix("prefix")
        limit = parameters.integer("limit", _DEFAULT_LIMIT, minimum=1, maximum=_MAX_LIMIT)

        def work(deadline: Deadline) -> AttributeKeysDocument:
            found = self._reader.attribute_keys(prefix, limit, timeout_s=deadline.remaining())
            return AttributeKeysDocument([attribute_key_document(each) for each in found])

        return await answer(request, work)

    async def attribute_values(self, request: web.Request) -> web.StreamResponse:
        """``GET /attributes/{key}/values``."""
        parameters = Parameters(request.query, ("prefix", "service", "limit"))
        key = path_text(request, "key")
        prefix = parameters.prefix("prefix")
        service = parameters.text("service")
        limit = parameters.integer("limit", _DEFAULT_LIMIT, minimum=1, maximum=_MAX_LIMIT)

        def work(deadline: Deadline) -> AttributeValuesDocument:
            found = self._reader.attribute_values(
                key, prefix, service, limit, timeout_s=deadline.remaining()
            )
            return AttributeValuesDocument(key, found)

        return await answer(request, work)
