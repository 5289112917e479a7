"""Guests to try things on, and clusters whose clock stands still until told."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from tests.simulator.raw import Answer, RawClient
from vmlab.simulator import Clock, Simulator
from vmlab.simulator.jobs import Job
from vmlab.simulator.state import Guest

QEMU = "/nodes/pve1/qemu"
TEMPLATE = 9000


@asynccontextmanager
async def cluster(version: str = "8.4", *, frozen: bool = False) -> AsyncIterator[RawClient]:
    """A client of a new cluster; `frozen`: time moves only by `advance`."""
    clock = Clock(explicit=True) if frozen else Clock(speed=1000.0)
    async with (
        Simulator(version=version, auth_delay_s=0.0, clock=clock) as sim,
        RawClient(sim) as client,
    ):
        yield client


def guest(api: RawClient, vmid: int) -> Guest:
    """The simulator's own record of a guest."""
    return api.sim.cluster.guests[vmid]


async def make(api: RawClient, vmid: int, **options: Any) -> Guest:
    """Create a guest with a qcow2 disk of 1 GiB (underscores in names stand for hyphens)."""
    wanted = {"vmid": vmid, "memory": 128, "scsi0": "vmdisks:1,format=qcow2", **options}
    assert await api.done("POST", QEMU, wanted) == "OK"
    return guest(api, vmid)


async def start(api: RawClient, vmid: int) -> None:
    """Start a guest and wait for the task."""
    assert await api.done("POST", f"{QEMU}/{vmid}/status/start") == "OK"


async def config(api: RawClient, vmid: int, **params: Any) -> dict[str, Any]:
    """The guest's configuration."""
    found: dict[str, Any] = (await api("GET", f"{QEMU}/{vmid}/config", params)).data
    return found


async def status(api: RawClient, vmid: int) -> dict[str, Any]:
    """What status/current says."""
    found: dict[str, Any] = (await api("GET", f"{QEMU}/{vmid}/status/current")).data
    return found


def job(api: RawClient, upid: str) -> Job:
    """The simulator's own record of a task."""
    found = api.sim.jobs.find(upid)
    assert found is not None
    return found


def refused(answer: Answer) -> tuple[int, str]:
    """Status and reason phrase of an answer."""
    return answer.status, answer.reason


async def token(api: RawClient, *grants: tuple[str, str]) -> RawClient:
    """A client with a token that has one role of given privileges on each given path."""
    sim = api.sim
    await sim.admin("POST", "/access/users", {"userid": "min@pve"})
    made = await sim.admin("POST", "/access/users/min@pve/token/tk", {"privsep": 0})
    for number, (path, privs) in enumerate(grants):
        role = f"Min{number}"
        await sim.admin("POST", "/access/roles", {"roleid": role, "privs": privs})
        await sim.admin("PUT", "/access/acl", {"path": path, "users": "min@pve", "roles": role})
    return RawClient(sim, f"PVEAPIToken=min@pve!tk={made['value']}")
