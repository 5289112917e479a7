"""Uploads and contents of the simulated storages, whose parser is as strict as Proxmox's."""

import hashlib
from collections.abc import AsyncIterator, Sequence

import pytest

from tests.proxmox.conftest import connection_to
from vmlab.proxmox.client import Api, connect
from vmlab.proxmox.faults import (
    ChecksumWrong,
    InvalidParameter,
    ObjectMissing,
    OutcomeUnknown,
    PermissionMissing,
)
from vmlab.proxmox.pve_tasks import PveTasks
from vmlab.proxmox.storage import Storage
from vmlab.simulator import Simulator

PIECES = [b"\0" * 1000, b"\r\n--not a boundary--\r\n", bytes(range(256)) * 500]
WHOLE = b"".join(PIECES)


async def stream(pieces: Sequence[bytes]) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece


@pytest.fixture
def tasks(api: Api) -> PveTasks:
    return PveTasks(api, first_tick_s=0.02, longest_tick_s=0.1)


async def test_an_upload_arrives_whole(api: Api, tasks: PveTasks):
    storage = Storage(api, "pve1", "local")
    upid = await storage.upload(
        "iso",
        "lab.iso",
        stream(PIECES),
        len(WHOLE),
        sha256=hashlib.sha256(WHOLE).hexdigest(),
    )
    (await tasks.wait(upid, timeout_s=20)).raise_if_failed()
    (volume,) = await storage.volumes("iso")
    assert (volume.volid, volume.size_bytes) == ("local:iso/lab.iso", len(WHOLE))


async def test_a_file_that_changed_on_its_way(api: Api, tasks: PveTasks):
    upid = await Storage(api, "pve1", "local").upload(
        "iso", "lab.iso", stream(PIECES), len(WHOLE), sha256="0" * 64
    )
    result = await tasks.wait(upid, timeout_s=20)
    with pytest.raises(ChecksumWrong):
        result.raise_if_failed()


@pytest.mark.parametrize("announced", [len(WHOLE) - 1, len(WHOLE) + 1])
async def test_a_source_that_is_not_as_long_as_announced(api: Api, announced: int):
    storage = Storage(api, "pve1", "local")
    with pytest.raises(OutcomeUnknown):
        await storage.upload("iso", "lab.iso", stream(PIECES), announced)
    assert await storage.volumes("iso") == []


async def test_a_name_with_the_wrong_ending(api: Api):
    with pytest.raises(InvalidParameter) as caught:
        await Storage(api, "pve1", "local").upload("iso", "lab.txt", stream([b"x"]), 1)
    assert "filename" in caught.value.errors


@pytest.mark.parametrize("filename", ['a".iso', "a b.iso", "../a.iso", "a\r\n.iso", "é.iso", ""])
async def test_a_name_that_proxmox_would_change(api: Api, filename: str):
    with pytest.raises(ValueError, match="file's name"):
        await Storage(api, "pve1", "local").upload("iso", filename, stream([b"x"]), 1)
    assert api.calls.total() == 0


async def test_uploads_go_to_the_nodes_own_host(sim: Simulator, api: Api):
    api.wire.hosts.assign("pve2", sim.hosts[1])
    await sim.node_down("pve1")
    await Storage(api, "pve2", "local").upload("iso", "lab.iso", stream([b"x"]), 1)
    assert api.calls == {("POST", "/nodes/{node}/storage/{storage}/upload"): 1}


async def test_a_storage_that_is_not_there(sim: Simulator):
    async with connect(connection_to(sim, root=True)) as root:
        with pytest.raises(ObjectMissing):
            await Storage(root, "pve1", "nosuch").volumes()


async def test_deleting_a_volume(sim: Simulator, api: Api, tasks: PveTasks):
    ours = Storage(api, "pve1", "local")
    await tasks.wait(await ours.upload("iso", "lab.iso", stream([b"x"]), 1), timeout_s=20)
    async with connect(connection_to(sim, root=True)) as root:
        upid = await Storage(root, "pve1", "vmdisks").upload("iso", "lab.iso", stream([b"x"]), 1)
        await PveTasks(root, first_tick_s=0.02).wait(upid, timeout_s=20)
    with pytest.raises(PermissionMissing):
        await Storage(api, "pve1", "vmdisks").delete("vmdisks:iso/lab.iso")
    deletion = await ours.delete("local:iso/lab.iso")
    assert deletion is not None
    await tasks.wait(deletion, timeout_s=20)
    assert await ours.volumes("iso") == []
