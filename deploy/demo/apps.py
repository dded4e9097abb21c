"""Bookinfo's apps: small HTTP services that call each other through their own proxies.

All of them run in one process, ``python -m deploy.demo.apps``, each on its pod's address. They
know nothing of tracing beyond copying the request's headers, as an app in a mesh must.
"""

import asyncio
import json
import random
import sys
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass

import aiohttp
from aiohttp import web
from aiohttp.typedefs import Handler

from deploy.demo.options import MeshOptions
from deploy.demo.topology import APP_PORT, OUTBOUND_PORT, PODS, Pod, PodNetwork, Role

__all__ = ["APPS_READY", "App", "main"]

APPS_READY = "the apps are ready"

# What Bookinfo's own apps copy: Istio's list, without the headers of other tracers.
_FORWARDED = (
    "traceparent",
    "tracestate",
    "x-request-id",
    "user-agent",
    "end-user",
    "cookie",
    "authorization",
)

# A reader of a book's page asks for the only book there is.
_BOOK = 0


@dataclass(frozen=True, slots=True)
class Answer:
    """What a called service answered: its HTTP status and decoded JSON body."""

    status: int
    body: object

    @property
    def is_success(self) -> bool:
        """Whether the status is below 400."""
        return self.status < 400


class App:
    """One pod's app.

    Attributes:
        pod: where it runs.
        address: its pod's address.
    """

    def __init__(
        self, pod: Pod, address: str, options: MeshOptions, client: aiohttp.ClientSession
    ) -> None:
        self.pod = pod
        self.address = address
        self._options = options
        self._client = client
        self._chance = random.Random(f"{options.seed}/{pod.name}")
        self._forwards = pod.service not in options.no_forward

    def web_application(self) -> web.Application:
        """The app's routes."""
        application = web.Application(middlewares=[self._work])
        handlers = {
            "productpage": {
                "/productpage": self._product_page,
                "/api/v1/products/{id}": self._product,
                "/api/v1/products/{id}/reviews": self._product_reviews,
                "/api/v1/products/{id}/ratings": self._product_ratings,
            },
            "details": {"/details/{id}": self._details},
            "reviews": {"/reviews/{id}": self._reviews},
            "ratings": {"/ratings/{id}": self._ratings},
        }[self.pod.service]
        for path, handler in handlers.items():
            application.router.add_get(path, handler)
        return application

    @web.middleware
    async def _work(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if self._options.latency:
            await asyncio.sleep(self._chance.expovariate(1 / self._options.latency))
        fails = self.pod.service == self._options.error_service
        if fails and self._chance.random() < self._options.error_ratio:
            response: web.StreamResponse = web.json_response({"error": "out of order"}, status=500)
        else:
            response = await handler(request)
        # The draft header of Trace Context level 2: it tells the caller which trace this was.
        if "traceparent" in request.headers:
            response.headers["traceresponse"] = request.headers["traceparent"]
        return response

    async def _call(self, request: web.Request, service: str, path: str) -> Answer:
        """Call a service through this pod's own proxy, as iptables would have it in a cluster."""
        headers = {"host": f"{service}:{APP_PORT}"}
        if self._forwards:
            headers |= {
                name: request.headers[name] for name in _FORWARDED if name in request.headers
            }
        url = f"http://{self.address}:{OUTBOUND_PORT}{path}"
        async with self._client.get(url, headers=headers) as response:
            is_json = response.content_type == "application/json"
            return Answer(response.status, await (response.json() if is_json else response.text()))

    async def _product_page(self, request: web.Request) -> web.Response:
        details = await self._call(request, "details", f"/details/{_BOOK}")
        reviews = await self._call(request, "reviews", f"/reviews/{_BOOK}")
        return web.json_response(
            {
                "product": "The Comedy of Errors",
                "details": details.body if details.is_success else "unavailable",
                "reviews": reviews.body if reviews.is_success else "unavailable",
            }
        )

    async def _product(self, request: web.Request) -> web.Response:
        return _pass_on(await self._call(request, "details", f"/details/{_id(request)}"))

    async def _product_reviews(self, request: web.Request) -> web.Response:
        return _pass_on(await self._call(request, "reviews", f"/reviews/{_id(request)}"))

    async def _product_ratings(self, request: web.Request) -> web.Response:
        return _pass_on(await self._call(request, "ratings", f"/ratings/{_id(request)}"))

    async def _details(self, request: web.Request) -> web.Response:
        return web.json_response(
            {
                "id": _id(request),
                "author": "William Shakespeare",
                "pages": 200,
                "language": "English",
            }
        )

    async def _reviews(self, request: web.Request) -> web.Response:
        reviews: list[dict[str, object]] = [
            {"reviewer": "Reviewer1", "text": "An extremely entertaining play."},
            {"reviewer": "Reviewer2", "text": "Absolutely fun and entertaining."},
        ]
        if self.pod.calls:
            ratings = await self._call(request, "ratings", f"/ratings/{_id(request)}")
            for review in reviews:
                stars = (
                    _stars(ratings.body, str(review["reviewer"])) if ratings.is_success else None
                )
                review["rating"] = {"stars": stars} if stars else {"error": "Ratings unavailable"}
        return web.json_response({"podname": self.pod.name, "reviews": reviews})

    async def _ratings(self, request: web.Request) -> web.Response:
        return web.json_response({"id": _id(request), "ratings": {"Reviewer1": 5, "Reviewer2": 4}})


def _id(request: web.Request) -> str:
    return request.match_info["id"]


def _pass_on(answer: Answer) -> web.Response:
    return web.json_response(answer.body, status=answer.status)


def _stars(body: object, reviewer: str) -> int | None:
    if not isinstance(body, Mapping):
        return None
    stars = body.get("ratings", {}).get(reviewer)
    return stars if isinstance(stars, int) else None


async def _serve(network: PodNetwork, options: MeshOptions) -> None:
    async with AsyncExitStack() as stack:
        for pod in PODS:
            if pod.role is Role.ROUTER:
                continue
            address = network.address(pod)
            # From its pod's address: the proxy reports its caller as ``peer.address``.
            connector = aiohttp.TCPConnector(local_addr=(address, 0))
            client = await stack.enter_async_context(aiohttp.ClientSession(connector=connector))
            app = App(pod, address, options, client)
            runner = web.AppRunner(app.web_application(), access_log=None)
            await runner.setup()
            stack.push_async_callback(runner.cleanup)
            await web.TCPSite(runner, app.address, APP_PORT).start()
        print(APPS_READY, flush=True)
        # The mesh ends this process by a signal.
        await asyncio.Event().wait()


def main() -> None:
    """Run the apps of the mesh that the JSON document on standard input describes."""
    document = json.load(sys.stdin)
    document["options"]["no_forward"] = frozenset(document["options"]["no_forward"])
    options = MeshOptions(**document["options"])
    asyncio.run(_serve(PodNetwork(document["network"]), options))


if __name__ == "__main__":
    main()
