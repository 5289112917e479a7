"""The client sends what synchronous proxmoxer, unmodified, sends: compared on a real socket."""

import asyncio
import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from proxmoxer import ProxmoxAPI

from tests.proxmox.recorder import SECRET, Received, recorder
from vmlab.proxmox.client import connect

UPID = "UPID:pve1:00004173:00033979:6B028C36:qmclone:9000:vmlab@pve!svc:"
VOLUME = "vmdisks:9000/base-9000-disk-0.qcow2/500/vm-500-disk-0.qcow2"

CALLS: list[Callable[[Any], Any]] = [
    lambda api: api.version.get(),
    lambda api: api.cluster.resources.get(),
    lambda api: api.cluster.resources.get(type="vm"),
    lambda api: api.cluster.nextid.get(vmid=100),
    lambda api: api.cluster.status.get(),
    lambda api: api.get("cluster", "tasks"),
    lambda api: api.nodes.get(),
    lambda api: api.nodes("pve1").status.get(),
    lambda api: api.nodes("node-a").qemu.get(full=1),
    lambda api: api.nodes("pve1").qemu(100).config.get(current=None),
    lambda api: api.nodes("pve1").qemu("100").status.current.get(),
    lambda api: api.nodes("pve1").qemu(100)("status")("current").get(),
    lambda api: api("nodes")("pve1").get("qemu", "100", "config"),
    lambda api: api.nodes(["pve1", "qemu", "100", "pending"]).get(),
    lambda api: api.nodes("pve1").qemu(100).status.start.post(),
    lambda api: api.nodes("pve1").qemu(100).status("shutdown").post(timeout=60, forceStop=1),
    lambda api: api.nodes("pve1").qemu(100).status.stop.create(**{"overrule-shutdown": 1}),
    lambda api: (
        api.nodes("pve1")
        .qemu(9000)
        .clone.post(
            newid=500, name="lab-a1", description="Übung 1 & 2;\nvmlab: x=y+z", pool=None, full=0
        )
    ),
    lambda api: (
        api.nodes("pve1")
        .qemu(500)
        .config.put(tags="vmlab;course-7", digest="ab" * 20, protection=1)
    ),
    lambda api: api.nodes("pve1").qemu(500).config.set(delete="protection,tags"),
    lambda api: (
        api.nodes("pve1")
        .qemu(500)
        .config.post(
            sshkeys="ssh-ed25519%20AAAA%2B%20lab%40x", ipconfig0="ip=10.0.0.5/24,gw=10.0.0.1"
        )
    ),
    lambda api: api.nodes("pve1").qemu(500).resize.put(disk="scsi0", size="+2G"),
    lambda api: api.nodes("pve1").qemu(500).delete(purge=1, **{"destroy-unreferenced-disks": 1}),
    lambda api: api.nodes("pve1").qemu(500).template.post(),
    lambda api: api.nodes("pve1").qemu.post(
        vmid=501, scsi0="vmdisks:0,import-from=local:import/x.qcow2,format=qcow2"
    ),
    lambda api: (
        api.nodes("pve1").qemu(500).snapshot.post(snapname="s1", description="é", vmstate=0)
    ),
    lambda api: api.nodes("pve1").qemu(500).snapshot("s1").rollback.post(start=1),
    lambda api: api.nodes("pve1").qemu(500).snapshot("s1").delete(),
    lambda api: api.nodes("pve1").qemu(500).rrddata.get(timeframe="hour", cf="AVERAGE"),
    lambda api: api.nodes("pve1").qemu(500).agent("network-get-interfaces").get(),
    lambda api: api.nodes("pve1").qemu(500).agent.exec.post(command=["ls", "-l", "/a b"]),
    lambda api: (
        api.nodes("pve1").qemu(500).vncproxy.post(**{"websocket": 1, "generate-password": 1})
    ),
    lambda api: api.nodes("pve1").tasks.get(source="all", since=1795329078, limit=1000),
    lambda api: api.nodes("pve1").tasks(UPID).status.get(),
    lambda api: api.nodes("pve1").tasks(UPID).log.get(start=0, limit=0),
    lambda api: api.nodes("pve1").tasks(UPID).delete(),
    lambda api: api.nodes("pve1").storage("vmdisks").content.get(content="images"),
    lambda api: api.nodes("pve1").storage("vmdisks").content(VOLUME.split("/")).delete(),
    lambda api: api.pools.post(poolid="lab/a1", comment="x y"),
    lambda api: api.pools.get(poolid="lab/a1"),
    lambda api: api.pools.put(poolid="vmlab", vms="500,501", delete=1),
    lambda api: api.access.permissions.get(path="/storage/local"),
]


def essence(received: Received) -> tuple[str, str, bytes, str, str]:
    return (
        received.method,
        received.target,
        received.body,
        received.headers.get("content-type", "") if received.body else "",
        received.headers["authorization"],
    )


@pytest.mark.parametrize("call", CALLS, ids=lambda call: inspect.getsource(call).strip()[:60])
async def test_the_same_request(call: Callable[[Any], Any], tmp_path: Path):
    async with recorder(tmp_path) as host:
        theirs = ProxmoxAPI(
            host.host,
            user="vmlab@pve",
            token_name="svc",
            token_value=SECRET,
            verify_ssl=str(host.ca_path),
        )
        session = theirs._store["session"]
        try:
            await asyncio.to_thread(call, theirs)
        finally:
            session.close()
        async with connect(host.connection()) as ours:
            assert await call(ours) is None
    first, second = host.received
    assert essence(first) == essence(second)


async def test_the_one_difference_that_is_wanted(tmp_path: Path):
    """Proxmox 8.4 refuses `True`: type check ('boolean') failed."""
    async with recorder(tmp_path) as host, connect(host.connection()) as api:
        await api.nodes("pve1").qemu(9000).clone.post(newid=500, full=True, force=False)
        await api.nodes("pve1").qemu.get(full=True)
    assert host.received[0].body == b"newid=500&full=1&force=0"
    assert host.received[1].target == "/api2/json/nodes/pve1/qemu?full=1"


async def test_a_write_without_parameters_announces_no_body(tmp_path: Path):
    async with recorder(tmp_path) as host, connect(host.connection()) as api:
        await api.nodes("pve1").qemu(100).status.start.post()
        await api.nodes("pve1").qemu(100).delete(purge=True)
    for received in host.received:
        assert received.body == b""
        assert "transfer-encoding" not in received.headers
