"""`/metrics`: what an operator is woken by, in Prometheus's words.

Each process tells of its own requests, consoles and calls; what the database knows (tasks, workers)
is the same at all of them. Where nothing is configured there is no such address.
"""

from __future__ import annotations

import asyncio
import hmac
import ipaddress
import time
from collections.abc import Awaitable, Callable, Iterator
from typing import TYPE_CHECKING

import structlog
from aiohttp import hdrs, web
from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from tortoise import connections

from vmlab import config
from vmlab.errors import NotFound, Unauthenticated
from vmlab.handlers.endpoint import PUBLIC, Call, Endpoints
from vmlab.handlers.origin import address_of
from vmlab.tasks import statistics

if TYPE_CHECKING:  # parts need the measures
    from vmlab.handlers.parts import ApiParts

LIMIT_S = 5.0
"""How long the database has to tell its part."""
NOWHERE = "(none)"
"""The endpoint of requests that no address of ours was asked by."""

_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

log = structlog.get_logger(__name__)

metrics = Endpoints("", tag="service")


class Measures:
    """What is counted while the process lives."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry(auto_describe=False)
        ProcessCollector(namespace="vmlab", registry=self.registry)
        self._requests = Counter(
            "vmlab_requests",
            "Requests answered",
            ["endpoint", "method", "status"],
            registry=self.registry,
        )
        self._seconds = Histogram(
            "vmlab_request_seconds",
            "Time until a request was answered; streams and consoles do not count",
            ["endpoint"],
            registry=self.registry,
        )

    @web.middleware
    async def measured(self, request: web.Request, handler: _Handler) -> web.StreamResponse:
        """Count every request, by the pattern of its address."""
        began = time.perf_counter()
        status = 500
        seconds: float | None = None
        try:
            response = await handler(request)
            status = response.status
            if isinstance(response, web.Response):
                seconds = time.perf_counter() - began
        except web.HTTPException as answer:
            status = answer.status
            raise
        finally:
            resource = request.match_info.route.resource
            endpoint = NOWHERE if resource is None else resource.canonical
            method = request.method if request.method in hdrs.METH_ALL else "(other)"
            self._requests.labels(endpoint, method, status).inc()
            if seconds is not None:
                self._seconds.labels(endpoint).observe(seconds)
        return response


@metrics.get("/metrics", needs=PUBLIC, produces="text/plain", errors=(NotFound, Unauthenticated))
async def get_metrics(call: Call) -> web.Response:
    """Prometheus's exposition, for those whom `[metrics]` lets in: by network, or by token."""
    _admit(call.request, call.parts.settings.metrics)
    text = generate_latest(call.parts.measures.registry)
    at_this_moment = CollectorRegistry(auto_describe=False)
    at_this_moment.register(_Collected([*_of_process(call.parts), *await _of_database(call.parts)]))
    return web.Response(
        body=text + generate_latest(at_this_moment),
        headers={hdrs.CONTENT_TYPE: CONTENT_TYPE_LATEST},
    )


def _admit(request: web.Request, allowed: config.Metrics) -> None:
    address = address_of(request)
    if address:
        client = ipaddress.ip_address(address)
        if any(client in ipaddress.ip_network(network) for network in allowed.networks):
            return
    if not allowed.token:
        raise NotFound
    sent = request.headers.get(hdrs.AUTHORIZATION, "").encode()
    if not hmac.compare_digest(sent, f"Bearer {allowed.token}".encode()):
        raise Unauthenticated


class _Collected(Collector):
    """Values that have been looked up already."""

    def __init__(self, found: list[Metric]) -> None:
        self._found = found

    def collect(self) -> Iterator[Metric]:
        """Hand them out."""
        return iter(self._found)


def _of_process(parts: ApiParts) -> Iterator[Metric]:
    wire = parts.api.wire
    calls = CounterMetricFamily(
        "vmlab_proxmox_calls", "Calls sent to Proxmox", labels=["method", "path"]
    )
    for (method, path), number in sorted(wire.calls.items()):
        calls.add_metric([method, path], number)
    faults = CounterMetricFamily(
        "vmlab_proxmox_faults", "Calls that Proxmox refused or did not answer", labels=["fault"]
    )
    for fault, number in sorted(wire.faults.items()):
        faults.add_metric([fault], number)
    yield from (calls, faults)
    yield GaugeMetricFamily(
        "vmlab_consoles_open", "Consoles open in this process", value=len(parts.consoles)
    )
    yield GaugeMetricFamily(
        "vmlab_event_streams_open", "Event streams open in this process", value=len(parts.events)
    )
    if (age_s := parts.work.cluster.look_age_s()) is not None:
        yield GaugeMetricFamily(
            "vmlab_cluster_look_age_seconds",
            "Time since this process last saw the whole cluster; of all, one looks each tick",
            value=age_s,
        )


async def _of_database(parts: ApiParts) -> list[Metric]:
    """What the database knows; without it only that it does not answer."""
    up = GaugeMetricFamily("vmlab_database_up", "Whether the database answers")
    began = time.perf_counter()
    try:
        async with asyncio.timeout(LIMIT_S):
            await connections.get("default").execute_query("SELECT 1")
            ping_s = time.perf_counter() - began
            found = [*await _tasks(), await _workers(parts.settings.tasks.lease_s)]
    except Exception as error:  # drivers raise whatever they like, and this has to be told
        log.warning("metrics_without_database", error=str(error))
        up.add_metric([], 0)
        return [up]
    up.add_metric([], 1)
    name, text = "vmlab_database_ping_seconds", "Round trip to the database"
    return [up, GaugeMetricFamily(name, text, value=ping_s), *found]


async def _tasks() -> list[Metric]:
    queue = await statistics.queue()
    waiting = GaugeMetricFamily(
        "vmlab_tasks", "Tasks that wait or are worked on", labels=["kind", "status"]
    )
    ended = GaugeMetricFamily(
        "vmlab_tasks_ended_24h", "Tasks that ended in the last day", labels=["kind", "status"]
    )
    for kind, counts in queue["by_kind"].items():
        for status in ("pending", "running"):
            waiting.add_metric([kind, status], counts[status])
        for status in ("succeeded", "failed"):
            ended.add_metric([kind, status], counts[f"{status}_24h"])
    oldest = GaugeMetricFamily(
        "vmlab_queue_age_seconds",
        "How long the oldest waiting task has waited",
        value=queue["oldest_pending_s"] or 0.0,
    )
    return [waiting, ended, oldest]


async def _workers(lease_s: float) -> Metric:
    workers = GaugeMetricFamily("vmlab_workers", "Task workers of all processes", labels=["state"])
    states = [row["state"] for row in await statistics.workers(lease_s)]
    for state in ("running", "stopping", "lost"):
        workers.add_metric([state], states.count(state))
    return workers
