"""The simulator as a whole: a cluster, its clock and faults, and a TLS listener for each node."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable, Coroutine, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Literal, Self

from aiohttp import web

from vmlab.simulator import acl, api, certificates, guest_meter, pvestatd
from vmlab.simulator.clock import Clock
from vmlab.simulator.consoles import Consoles
from vmlab.simulator.disk_files import DiskFiles
from vmlab.simulator.dispatch import Dispatcher
from vmlab.simulator.errors import ApiError
from vmlab.simulator.faults import Faults
from vmlab.simulator.identity import Gate, Tickets
from vmlab.simulator.jobs import Job, Jobs, Work, cancel_all
from vmlab.simulator.machines import Machines
from vmlab.simulator.routes import ROUTES, Identity, Reply
from vmlab.simulator.schema import Schema
from vmlab.simulator.scratch import Scratch
from vmlab.simulator.seed import plant
from vmlab.simulator.seed_linux import plant_linux
from vmlab.simulator.state import Cluster, Node
from vmlab.simulator.wire import KEEPALIVE_S, MAX_HEADER_BYTES, MAX_HEADER_LINES, Wire

VERSIONS = {"8": "8.4.21", "9": "9.2.11"}
ROOT = Identity("root@pam")

assert api  # importing it registers the handlers


class Simulator:
    """A Proxmox VE cluster on local sockets; use as an async context manager.

    Args:
        version: "8.4" or "9.2" (any 8.x or 9.x is taken for these).
        nodes: names of the nodes; each listens at a port of its own.
        host: address to listen at.
        ports: one a node; None takes free ones.
        clock: default a running one at `speed`.
        faults: what shall go wrong from the start.
        guests: what runs behind a started guest: real QEMU, a drawn screen, or QEMU if installed.
        ticket_form: VNC tickets as since April 2026, or as before.
        auth_delay_s: how long a 401 is held back (Proxmox: 3 s).
        speed: of the default clock.
        statd_period_s: how often pvestatd broadcasts what cluster/resources shows.
        directory: for certificates, sockets and spool files; default a temporary one.
        seed: begin with users, storages and a template; else only root@pam and a token exist.
        linux: image of a system that the seeded template shall really have; needs QEMU.
    """

    def __init__(
        self,
        *,
        version: str = "8.4",
        nodes: Sequence[str] = ("pve1", "pve2", "pve3"),
        host: str = "127.0.0.1",
        ports: Sequence[int] | None = None,
        clock: Clock | None = None,
        faults: Faults | None = None,
        guests: Literal["auto", "synthetic", "qemu"] = "synthetic",
        ticket_form: Literal["2026-04", "before"] = "2026-04",
        auth_delay_s: float = 3.0,
        speed: float = 1.0,
        statd_period_s: float = 10.0,
        directory: Path | None = None,
        seed: bool = True,
        linux: Path | None = None,
    ) -> None:
        full = VERSIONS.get(version.split(".")[0])
        if full is None:
            raise ValueError(f"version {version!r} is not simulated; there are 8.4 and 9.2")
        self.host = host
        self.ticket_form = ticket_form
        self.auth_delay_s = auth_delay_s
        self.statd_period_s = statd_period_s
        self.clock = clock or Clock(speed=speed)
        self.faults = faults or Faults()
        self.cluster = Cluster(full, self.clock)
        self.cluster.roles = dict(acl.builtin_roles(self.cluster.major))
        self.jobs = Jobs(self.clock)
        self.schema = Schema(self.cluster.major)
        self.tickets = Tickets(self.clock)
        self.gate = Gate(self.cluster, self.clock, self.tickets)
        self.dispatcher = Dispatcher(self)
        self._scratch = None
        if directory is None:
            self._scratch = Scratch()
            directory = self._scratch.path
        self.directory = directory
        self.machines = Machines(guests, self.directory)
        if self.machines.real:
            self.cluster.files = DiskFiles(self.directory / "disks", self.machines.processes)
        self.consoles = Consoles()
        self.ca_path = self.directory / "pve-root-ca.pem"
        self._wire = Wire(self)
        self._listeners: dict[str, web.ServerRunner] = {}
        self._tls: dict[str, ssl.SSLContext] = {}
        self._closing: dict[str, asyncio.Task[None]] = {}
        self._statd: asyncio.Task[None] | None = None
        self._spawned: set[asyncio.Task[None]] = set()
        for position, name in enumerate(nodes):
            port = ports[position] if ports else 0
            ip = f"198.51.100.{10 + position}"
            booted_at = self.clock.time() - 86_400
            self.cluster.nodes[name] = Node(name, position + 1, ip, booted_at, port=port)
        self._linux = linux
        self.token_id, self.token_secret = plant(self.cluster, full_seed=seed)

    @property
    def hosts(self) -> list[str]:
        """`address:port` of each node, in the order of the nodes; known after `start`."""
        return [f"{self.host}:{node.port}" for node in self.cluster.nodes.values()]

    @property
    def fingerprint(self) -> str:
        """SHA-256 fingerprint of the first node's certificate."""
        return next(iter(self.cluster.nodes.values())).fingerprint

    async def __aenter__(self) -> Self:
        try:
            await self.start()
        except BaseException:
            await self.stop()
            raise
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.stop()

    async def start(self) -> None:
        """Make the certificates and listen."""
        authority = certificates.Authority()
        self.ca_path.write_bytes(authority.pem())
        for node in self.cluster.nodes.values():
            made = authority.server_context(node.name, self.host, self.directory)
            self._tls[node.name], certificate = made
            node.fingerprint = certificates.fingerprint(certificate)
            await self._listen(node)
        if self._linux is not None:
            await plant_linux(self.cluster, self._linux)
        pvestatd.broadcast(self.cluster)
        self._statd = asyncio.create_task(self._broadcast_for_ever())

    async def stop(self) -> None:
        """Stop listening, end all jobs and machines, remove what was written."""
        if self._statd is not None:
            self._statd.cancel()
            await asyncio.gather(self._statd, return_exceptions=True)
        await self.dispatcher.close()
        await self.jobs.close()
        await cancel_all(self._spawned)
        await self.machines.stop_all()
        for name in list(self._listeners):
            await self._unlisten(name)
        await asyncio.gather(*self._closing.values())
        if self._scratch is not None:
            await asyncio.to_thread(self._scratch.remove)

    async def _listen(self, node: Node) -> None:
        server = web.Server(
            partial(self._wire.answer, node),
            access_log=None,
            keepalive_timeout=KEEPALIVE_S,
            max_headers=MAX_HEADER_LINES,
            max_field_size=MAX_HEADER_BYTES,
            max_line_size=MAX_HEADER_BYTES,
            lingering_time=1.0,
        )
        runner = web.ServerRunner(server, shutdown_timeout=0.0)
        await runner.setup()
        site = web.TCPSite(runner, self.host, node.port, ssl_context=self._tls[node.name])
        await site.start()
        self._listeners[node.name] = runner
        node.port = runner.addresses[0][1]

    async def _unlisten(self, name: str) -> None:
        runner = self._listeners.pop(name, None)
        if runner is not None:
            await runner.cleanup()

    async def _broadcast_for_ever(self) -> None:
        while True:
            await self.clock.patience(self.statd_period_s)
            await guest_meter.read_all(self)
            pvestatd.broadcast(self.cluster)

    def fork(
        self,
        node: str,
        user: str,
        kind: str,
        id: str,
        work: Work,
        *,
        clean: Callable[[], None] | None = None,
    ) -> str:
        """Start a worker on a node; returns its UPID. The fault `task_fails` strikes here.

        Args:
            clean: what a worker that fails takes back of what the request has done before it.
        """
        fault = self.faults.strike("task_fails", "POST", f"/nodes/{node}/{kind}/{id}")

        async def fail(job: Job) -> None:
            assert fault is not None
            if clean is not None:
                clean()
            raise ApiError(500, fault.text)

        return self.jobs.fork(node, user, kind, id, fail if fault else work).upid

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Run what the cluster does by itself, such as qmeventd's watch over a process."""
        task = asyncio.create_task(work)
        self._spawned.add(task)
        task.add_done_callback(self._spawned.discard)

    def is_world(self, method: str, path: str) -> bool:
        """Whether a call needs no login."""
        found = ROUTES.find(method, path)
        endpoint = self.schema.endpoint(method, found[0]) if found else None
        permissions = endpoint.permissions if endpoint else None
        return permissions is not None and permissions.get("user") == "world"

    async def admin(
        self,
        method: str,
        path: str,
        params: Mapping[str, Any] | None = None,
        *,
        who: Identity = ROOT,
        node: str | None = None,
    ) -> Any:
        """Do what an administrator does in Proxmox's own pages: the same code as over HTTP.

        Args:
            path: after /api2/json.
            params: query or body, as text, numbers or booleans.
            who: default root@pam itself.
            node: the node contacted; default the first.

        Raises:
            ApiError: as it would be answered.
        """
        nodes = self.cluster.nodes
        entry = nodes[node] if node else next(iter(nodes.values()))
        target = self.dispatcher.find(method, path)
        merged = self.dispatcher.permit(target, who, dict(params or {}))
        outcome = await self.dispatcher.carry_out(target, who, entry, path, merged)
        return outcome.data if isinstance(outcome, Reply) else outcome

    async def vanish(self, vmid: int) -> None:
        """Destroy a guest without a trace, as somebody else might at any moment."""
        await self.machines.forget(vmid)
        self.cluster.remove_guest(vmid)

    async def power_off(self, name: str) -> None:
        """Begin to switch a node off: its jobs and running guests die, its listener closes."""
        node = self.cluster.nodes[name]
        if not node.online:
            return
        node.online = False
        for job in self.jobs.on(name):
            self.jobs.kill(job)
        for guest in self.cluster.guests_on(name):
            if guest.running:
                await self.machines.of(guest.vmid).stop()
                guest.running, guest.qmpstatus = False, "stopped"
                guest.started_at, guest.pid, guest.agent_up = None, None, False
        self._closing[name] = asyncio.create_task(self._unlisten(name))

    async def node_down(self, name: str) -> None:
        """Switch a node off and wait until it is; not to be called from one of its requests."""
        await self.power_off(name)
        await self._closing[name]

    async def node_up(self, name: str) -> None:
        """Switch a node on again, at its old port."""
        node = self.cluster.nodes[name]
        if not node.online:
            await self._closing.pop(name)
            node.online = True
            node.booted_at = self.clock.time()
            await self._listen(node)
            pvestatd.broadcast(self.cluster)
