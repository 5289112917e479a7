"""What provisioning a class costs: calls to Proxmox, and time compared with a bare script.

| measure                                                  | goal                          |
|----------------------------------------------------------|-------------------------------|
| calls to Proxmox for each machine, polling included      | at most 8                     |
| 60 linked clones against a script with the same limits   | at most 1.1 times as long     |
| calls at rest                                            | as many for 1,000 as for 10   |

Run with `pytest -m benchmark -s tests/benchmarks/test_provisioning.py`.
"""

from __future__ import annotations

import asyncio
import time
import uuid
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Sequence

import pytest

from tests.operations.lab import Lab, enrol, parts_of, populate
from vmlab import config
from vmlab.models import Task, TaskStatus, User, Vm, VmStatus
from vmlab.operations import operations, provision_class
from vmlab.proxmox import mark
from vmlab.proxmox.client import Param
from vmlab.reconcile import Reconciler
from vmlab.simulator import Simulator, pvestatd
from vmlab.simulator.seed import plant_guests
from vmlab.tasks.worker import Worker

MACHINES = 60
TURNS = 3
"""They alternate, and the best counts: this machine may be busy with other things."""
SETTINGS = config.Settings()

pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(600)]


@pytest.fixture
async def lab(sqlite: str) -> AsyncIterator[Lab]:
    """A lab whose cluster takes as long as a real one, and parts with the usual settings."""
    async with Simulator(auth_delay_s=0.0, speed=1.0) as sim:
        rows = await populate()
        async with parts_of(sim, SETTINGS, first_tick_s=0.5) as (parts, api):
            yield Lab(sim, api, parts, *rows)


async def provision(lab: Lab, students: Sequence[User]) -> float:
    """Seconds from the request until all machines of a class run."""
    worker = Worker(operations(SETTINGS), lab.parts)
    working = asyncio.create_task(worker.run())
    began = time.perf_counter()
    wanted = provision_class.ProvisionClass(
        course_id=lab.course.id,
        template_id=lab.template.id,
        student_ids=tuple(student.id for student in students),
        start=True,
    )
    async with lab.parts.bus.subscribe("events") as events:
        parent, _ = await provision_class.admit(wanted, settings=SETTINGS, created_by_id=None)
        assert parent is not None
        await lab.parts.bus.publish("tasks", {"id": parent.id})
        async for event in events:
            if event["id"] == parent.id and (await lab.reload(parent)).status.ended:
                break
    took = time.perf_counter() - began
    worker.stop()
    await working
    assert (await Task.get(id=parent.id)).status is TaskStatus.SUCCEEDED
    return took


async def script(lab: Lab, first_vmid: int) -> float:
    """Seconds that a script takes with the calls that it needs, and none of VMLab's care.

    It keeps to the same limits, of clones on the storage and of work on a node and in the cluster,
    and it waits for Proxmox's tasks in the same way.
    """
    guests, pve_tasks, limits = lab.parts.guests, lab.parts.pve_tasks, SETTINGS.lanes
    clones = asyncio.Semaphore(limits.linked_clones_per_storage)
    in_cluster = asyncio.Semaphore(limits.cluster)
    on_node = {name: asyncio.Semaphore(limits.per_node) for name in lab.sim.cluster.nodes}
    nodes = list(lab.sim.cluster.nodes)
    options: dict[str, Param] = {"tags": "script", "cores": 1, "sockets": 1, "memory": 1024}

    async def one(n: int) -> None:
        node, vmid = nodes[n % len(nodes)], first_vmid + n
        async with in_cluster:
            notes = mark.build("", uuid.uuid4())
            target = node if node != "pve1" else None
            async with clones, on_node["pve1"]:
                upid = await guests.clone(
                    "pve1", 9000, vmid, name=f"s{n}", description=notes, pool="vmlab", target=target
                )
                (await pve_tasks.wait(upid, 60)).raise_if_failed()
            async with on_node[node]:
                seen = await guests.config(node, vmid)
                await guests.set_config(node, vmid, options, digest=seen.digest)
                upid = await guests.start(node, vmid)
                (await pve_tasks.wait(upid, 60)).raise_if_failed()

    began = time.perf_counter()
    await asyncio.gather(*(one(n) for n in range(MACHINES)))
    return time.perf_counter() - began


async def cpu_s(work: Awaitable[float]) -> tuple[float, float]:
    """The work's own seconds, and those of CPU time that it took with the simulator's share."""
    began = time.process_time()
    return await work, time.process_time() - began


async def test_a_class_against_a_script(lab: Lab) -> None:
    ours, bare = [], []
    for turn in range(TURNS):
        bare.append(await cpu_s(script(lab, 20_000 + turn * MACHINES)))
        students = [await enrol(lab.course, f"s{turn}-{n}") for n in range(MACHINES)]
        before = lab.api.calls.copy()
        ours.append(await cpu_s(provision(lab, students)))
        calls: Counter[tuple[str, str]] = lab.api.calls - before
    a_machine = calls.total() / MACHINES
    took, busy = (min(values) for values in zip(*ours, strict=True))
    script_took, script_busy = (min(values) for values in zip(*bare, strict=True))
    ratio = took / script_took
    print(f"\n{MACHINES} machines: {took:.1f} s, script {script_took:.1f} s: {ratio:.2f} times")
    print(f"CPU time: {busy:.1f} s, script {script_busy:.1f} s")
    print(f"{a_machine:.2f} calls a machine: {dict(calls)}")
    assert a_machine <= 8
    assert ratio <= 1.1


async def at_rest(lab: Lab, count: int) -> Counter[tuple[str, str]]:
    """The calls of a minute in which nothing happens, with so many machines."""
    plant_guests(lab.sim.cluster, count)
    for vmid in range(1000, 1000 + count):
        guest, identity = lab.sim.cluster.guests[vmid], uuid.uuid4()
        guest.config["description"] = mark.build("", identity)
        guest.config["tags"] = "vmlab"
        await Vm.create(
            uuid=identity,
            name=guest.config["name"],
            status=VmStatus.STOPPED,
            owner_id=lab.student.id,
            cpu_cores=1,
            memory_mb=1024,
            disk_gb=8,
            node=guest.node,
            vmid=vmid,
            smbios_uuid=guest.config["smbios1"].removeprefix("uuid="),
        )
    pvestatd.broadcast(lab.sim.cluster)
    reconciler = Reconciler(lab.parts)
    before = lab.api.calls.copy()
    for _ in range(round(60 / SETTINGS.reconcile.tick_s)):
        await reconciler.tick()
    return lab.api.calls - before


@pytest.mark.parametrize("count", [10, 1000])
async def test_calls_at_rest(count: int, lab: Lab) -> None:
    calls = await at_rest(lab, count)
    print(f"\n{count} machines at rest: {dict(calls)} a minute")
    assert calls == {("GET", "/cluster/resources"): 6}
