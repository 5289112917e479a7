"""Puts the program together: the only place that knows all parts.

`open_parts` builds what lasts as long as the process, `make_app` the HTTP application over it.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from itertools import chain
from pathlib import Path

from aiohttp import web

from vmlab import storage
from vmlab.bus import open_bus
from vmlab.config import Settings
from vmlab.errors import ProxmoxFailed, ProxmoxUnavailable
from vmlab.handlers.accounts import accounts
from vmlab.handlers.audit import audit
from vmlab.handlers.avatars import avatars
from vmlab.handlers.class_metrics import class_metrics
from vmlab.handlers.class_reports import class_reports
from vmlab.handlers.class_vms import class_vms
from vmlab.handlers.cluster import cluster
from vmlab.handlers.console_renewal import console_renewal
from vmlab.handlers.consoles import consoles
from vmlab.handlers.cors import OtherOrigins
from vmlab.handlers.courses import courses
from vmlab.handlers.documentation import DOCUMENT, documentation
from vmlab.handlers.endpoint import Endpoint
from vmlab.handlers.envelope import enveloped
from vmlab.handlers.event_hub import EventHub
from vmlab.handlers.events import events
from vmlab.handlers.file_uploads import file_uploads
from vmlab.handlers.files import files
from vmlab.handlers.headers import Headers
from vmlab.handlers.health import health
from vmlab.handlers.invitations import invitations
from vmlab.handlers.join_codes import join_codes
from vmlab.handlers.members import members
from vmlab.handlers.metrics import Measures, metrics
from vmlab.handlers.mount import mount
from vmlab.handlers.observation import Agents
from vmlab.handlers.offered_images import offered_images
from vmlab.handlers.open_consoles import OpenConsoles
from vmlab.handlers.openapi import Document
from vmlab.handlers.origin import Proxies
from vmlab.handlers.pages import pages
from vmlab.handlers.parts import ApiParts
from vmlab.handlers.password_resets import password_resets
from vmlab.handlers.passwords import Passwords
from vmlab.handlers.queue import queue
from vmlab.handlers.quotas import quotas
from vmlab.handlers.replicas import replicas
from vmlab.handlers.roles import roles
from vmlab.handlers.roster import roster
from vmlab.handlers.snapshots import snapshots
from vmlab.handlers.ssh_consoles import ssh_consoles
from vmlab.handlers.static import add_static
from vmlab.handlers.tasks import tasks
from vmlab.handlers.templates import templates
from vmlab.handlers.throttle import Throttle
from vmlab.handlers.tokens import Tokens
from vmlab.handlers.tus import send_version, tus
from vmlab.handlers.user_import import user_import
from vmlab.handlers.users import users
from vmlab.handlers.vm_logs import vm_logs
from vmlab.handlers.vm_power import vm_power
from vmlab.handlers.vm_status import vm_status
from vmlab.handlers.vms import vms
from vmlab.mail import Outbox
from vmlab.operations import operations
from vmlab.operations.avatars import Avatars
from vmlab.operations.uploads import Uploads
from vmlab.proxmox.client import Connection, connect
from vmlab.proxmox.cluster import Cluster
from vmlab.proxmox.guests import Guests
from vmlab.proxmox.pve_tasks import PveTasks
from vmlab.proxmox.storage import Storages
from vmlab.reconcile import AbandonedUploads, Housekeeping, Reconciler
from vmlab.tasks.parts import Parts
from vmlab.tasks.worker import Worker

LEARN_AGAIN_S = 30.0
"""How long until a cluster that did not answer is asked again which host is which node."""

PARTS: web.AppKey[ApiParts] = web.AppKey("parts", ApiParts)
STATIC = Path(__file__).resolve().parent / "web" / "static"


def all_endpoints() -> list[Endpoint]:
    """Every endpoint of the API, in the order in which the document shows them."""
    return list(
        chain(
            accounts,
            password_resets,
            invitations,
            avatars,
            users,
            user_import,
            roles,
            quotas,
            courses,
            members,
            join_codes,
            roster,
            templates,
            replicas,
            class_vms,
            class_metrics,
            class_reports,
            vms,
            vm_power,
            vm_status,
            vm_logs,
            snapshots,
            consoles,
            ssh_consoles,
            console_renewal,
            queue,
            tasks,
            files,
            file_uploads,
            tus,
            offered_images,
            audit,
            events,
            cluster,
            health,
            metrics,
            documentation,
            pages,
        )
    )


@contextlib.asynccontextmanager
async def open_parts(settings: Settings) -> AsyncIterator[ApiParts]:
    """Build the parts for the time of the block; the database is connected outside of it."""
    async with open_bus(settings.redis.url) as bus, connect(connection_of(settings)) as api:
        open_consoles = OpenConsoles(bus, settings)
        events_seen = EventHub(bus)
        security, redis_url = settings.security, settings.redis.url
        async with (
            open_consoles.watched(),
            events_seen.following(),
            Throttle.opened("login", security.login_limit, redis_url) as login_throttle,
            Throttle.opened("reset", security.reset_limit, redis_url) as reset_throttle,
            Throttle.opened("join", security.join_limit, redis_url) as join_throttle,
            Outbox(settings.mail).opened() as outbox,
            storage.opened(settings.storage.directory) as store,
            _learning_hosts(Cluster(api)),
        ):
            yield ApiParts(
                settings=settings,
                bus=bus,
                tokens=Tokens(settings.security),
                passwords=Passwords(),
                login_throttle=login_throttle,
                reset_throttle=reset_throttle,
                join_throttle=join_throttle,
                outbox=outbox,
                avatars=Avatars(Path(settings.storage.directory)),
                api=api,
                work=Parts(
                    settings=settings,
                    guests=Guests(api),
                    pve_tasks=PveTasks(api, longest_tick_s=settings.tasks.pve_tick_s),
                    cluster=Cluster(api),
                    storages=Storages(api),
                    files=store,
                    bus=bus,
                ),
                operations=operations(settings),
                agents=Agents(Guests(api), settings.guests.lab_networks),
                consoles=open_consoles,
                uploads=Uploads(store, settings),
                events=events_seen,
                measures=Measures(),
            )


@contextlib.asynccontextmanager
async def _learning_hosts(cluster: Cluster) -> AsyncIterator[None]:
    """Find out meanwhile which host is which node; consoles then go to the guest's own."""

    async def learn() -> None:
        while True:
            try:
                await cluster.learn_hosts()
            except (ProxmoxFailed, ProxmoxUnavailable):
                await asyncio.sleep(LEARN_AGAIN_S)
            else:
                return

    learning = asyncio.create_task(learn())
    try:
        yield
    finally:
        learning.cancel()
        await asyncio.wait([learning])


def connection_of(settings: Settings) -> Connection:
    """Where the cluster is, as the settings say."""
    proxmox = settings.proxmox
    return Connection(
        hosts=proxmox.hosts,
        token_id=proxmox.token_id,
        token_secret=proxmox.token_secret,
        node_hosts=proxmox.node_hosts,
        ca_path=Path(proxmox.ca_file) if proxmox.ca_file else None,
        fingerprint=proxmox.fingerprint or None,
        calls_per_host=proxmox.connections_per_host,
    )


def make_app(parts: ApiParts) -> web.Application:
    """The application: every endpoint behind the envelope, and the pages' static files."""
    server = parts.settings.server
    other_origins = OtherOrigins(server.cors_origins)
    app = web.Application(
        middlewares=[
            Proxies(server.trusted_proxies).found_out,
            parts.measures.measured,
            enveloped,
            other_origins.preflight,
            web.normalize_path_middleware(
                merge_slashes=False, redirect_class=web.HTTPPermanentRedirect
            ),
        ],
        client_max_size=server.max_body_bytes,
    )
    app[PARTS] = parts
    app.on_response_prepare.append(Headers(server.public_url).send)
    app.on_response_prepare.append(other_origins.send)
    app.on_response_prepare.append(send_version)
    app.on_shutdown.append(_end_streams)
    endpoints = all_endpoints()
    app[DOCUMENT] = Document(endpoints)
    mount(app, endpoints, parts)
    add_static(app, STATIC)
    return app


async def _end_streams(app: web.Application) -> None:
    """Before the server waits for its requests to end: these would not by themselves."""
    app[PARTS].events.end_all()


@contextlib.asynccontextmanager
async def working(parts: ApiParts) -> AsyncIterator[None]:
    """Run a task worker and the reconciler for the time of the block.

    If either dies of an error of its own, so does the block: no process lives on that only seems to
    work.
    """
    worker = Worker(parts.operations, parts.work)
    reconciler = Reconciler(parts.work, worker=worker.name)
    abandoned = AbandonedUploads(parts.uploads)
    housekeeping = Housekeeping()
    async with asyncio.TaskGroup() as group:
        group.create_task(worker.run(), name="worker")
        group.create_task(reconciler.run(), name="reconciler")
        group.create_task(abandoned.run(), name="abandoned uploads")
        group.create_task(housekeeping.run(), name="housekeeping")
        try:
            yield
        finally:
            housekeeping.stop()
            abandoned.stop()
            reconciler.stop()
            worker.stop()
