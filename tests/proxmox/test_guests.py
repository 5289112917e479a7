"""A guest's life in the simulated cluster, by VMLab's least-privilege token."""

import uuid
from collections.abc import AsyncIterator

import pytest

from tests.proxmox.conftest import POOL, connection_to
from vmlab.proxmox import mark
from vmlab.proxmox.client import Api, connect
from vmlab.proxmox.faults import (
    AgentSilent,
    AlreadyExists,
    ConfigChanged,
    FeatureMissing,
    GuestMissing,
    GuestProtected,
    OutcomeUnknown,
    PermissionMissing,
    ShutdownTimeout,
    WrongGuestState,
)
from vmlab.proxmox.guests import Guests, imported_disk
from vmlab.proxmox.pve_tasks import PveTasks, TaskResult
from vmlab.simulator import Simulator

NODE, TEMPLATE, VMID = "pve1", 9000, 10_000


@pytest.fixture(params=["8.4", "9.2"])
async def sim(request: pytest.FixtureRequest) -> AsyncIterator[Simulator]:
    """Each test runs against both versions of Proxmox VE."""
    async with Simulator(auth_delay_s=0.0, speed=1000.0, version=request.param) as simulator:
        yield simulator


@pytest.fixture
def guests(api: Api) -> Guests:
    return Guests(api)


@pytest.fixture
def tasks(api: Api) -> PveTasks:
    return PveTasks(api, first_tick_s=0.02, longest_tick_s=0.1)


async def done(tasks: PveTasks, upid: str) -> TaskResult:
    """Wait for a task that has to succeed."""
    result = await tasks.wait(upid, timeout_s=20)
    result.raise_if_failed()
    return result


@pytest.fixture
async def vmid(guests: Guests, tasks: PveTasks) -> int:
    """A stopped linked clone in VMLab's pool."""
    upid = await guests.clone(
        NODE, TEMPLATE, VMID, name="lab-a1", description=mark.build("", uuid.uuid4()), pool=POOL
    )
    await done(tasks, upid)
    return VMID


async def test_a_clone_carries_the_mark_from_its_first_moment(guests: Guests, tasks: PveTasks):
    ours = uuid.uuid4()
    upid = await guests.clone(
        NODE,
        TEMPLATE,
        VMID,
        name="lab-a1",
        description=mark.build("Machine of Alice in Networks 1.", ours),
        pool=POOL,
    )
    await done(tasks, upid)
    config = await guests.config(NODE, VMID)
    template = await guests.config(NODE, TEMPLATE)
    assert (config.mark, config.name, config.lock, config.template) == (ours, "lab-a1", None, False)
    assert config.uuid not in (None, template.uuid)
    assert config.macs != template.macs
    assert template.disks["scsi0"].volume in config.disks["scsi0"].volume


async def test_a_second_clone_to_the_same_number(guests: Guests, tasks: PveTasks, vmid: int):
    with pytest.raises(AlreadyExists):
        await guests.clone(NODE, TEMPLATE, vmid, name="other", description="x", pool=POOL)
    assert (await guests.config(NODE, vmid)).name == "lab-a1"


async def test_a_clone_whose_answer_is_lost_is_there_all_the_same(
    sim: Simulator, guests: Guests, tasks: PveTasks, api: Api
):
    """Looked for by type, source and the node's clock, it is found and adopted."""
    sim.faults.add("drop_reply", method="POST", path=r"/clone$", times=1)
    await api.version.get()
    since = api.server_time(NODE)
    assert since is not None
    with pytest.raises(OutcomeUnknown):
        await guests.clone(NODE, TEMPLATE, VMID, name="lab-a1", description="x", pool=POOL)
    (found,) = await tasks.find(NODE, type="qmclone", vmid=TEMPLATE, since=since - 10)
    await done(tasks, found.upid)
    assert (await guests.config(NODE, VMID)).name == "lab-a1"


async def test_configuration_is_written_against_its_digest(guests: Guests, vmid: int):
    before = await guests.config(NODE, vmid)
    await guests.set_config(
        NODE, vmid, {"tags": "vmlab;course-7", "protection": True}, digest=before.digest
    )
    after = await guests.config(NODE, vmid)
    assert (set(after.tags), after.protection) == ({"vmlab", "course-7"}, True)
    with pytest.raises(ConfigChanged):
        await guests.set_config(NODE, vmid, {"name": "mine"}, digest=before.digest)
    await guests.set_config(NODE, vmid, {}, delete=["protection", "tags"], digest=after.digest)
    bare = await guests.config(NODE, vmid)
    assert (bare.tags, bare.protection) == ((), False)


async def test_configuration_by_a_worker(guests: Guests, tasks: PveTasks, vmid: int):
    await done(tasks, await guests.start_config(NODE, vmid, {"cores": 2, "memory": "2048"}))
    config = await guests.config(NODE, vmid)
    assert (config.cores, config.memory_mb) == (2, 2048)


async def test_a_disk_grows_and_never_shrinks(guests: Guests, tasks: PveTasks, vmid: int):
    await done(tasks, await guests.resize(NODE, vmid, "scsi0", 12))
    await done(tasks, await guests.resize(NODE, vmid, "scsi0", 12))
    assert (await guests.config(NODE, vmid)).disks["scsi0"].size_bytes == 12 << 30
    smaller = await tasks.wait(await guests.resize(NODE, vmid, "scsi0", 8), timeout_s=20)
    assert (smaller.ok, smaller.exitstatus) == (False, "shrinking disks is not supported")


async def test_power(guests: Guests, tasks: PveTasks, vmid: int):
    await done(tasks, await guests.start(NODE, vmid))
    assert (await guests.status(NODE, vmid)).running
    again = await tasks.wait(await guests.start(NODE, vmid), timeout_s=20)
    with pytest.raises(WrongGuestState) as caught:
        again.raise_if_failed()
    assert caught.value.upid == again.upid
    await done(tasks, await guests.suspend(NODE, vmid))
    assert (await guests.status(NODE, vmid)).paused
    with pytest.raises(WrongGuestState):
        await guests.shutdown(NODE, vmid)
    await done(tasks, await guests.resume(NODE, vmid))
    await done(tasks, await guests.reset(NODE, vmid))
    await done(tasks, await guests.reboot(NODE, vmid))
    await done(tasks, await guests.stop(NODE, vmid))
    await done(tasks, await guests.stop(NODE, vmid, overrule_shutdown=True))


@pytest.mark.parametrize("action", ["reset", "reboot", "suspend", "resume"])
async def test_what_a_stopped_guest_cannot_do(guests: Guests, vmid: int, action: str):
    with pytest.raises(WrongGuestState):
        await getattr(guests, action)(NODE, vmid)


async def test_a_guest_that_does_not_shut_down(
    sim: Simulator, guests: Guests, tasks: PveTasks, vmid: int
):
    await done(tasks, await guests.start(NODE, vmid))
    sim.faults.add(
        "task_fails", path="qmshutdown", text="VM quit/powerdown failed - got timeout", times=1
    )
    result = await tasks.wait(await guests.shutdown(NODE, vmid, timeout_s=1), timeout_s=20)
    with pytest.raises(ShutdownTimeout):
        result.raise_if_failed()
    await done(tasks, await guests.shutdown(NODE, vmid, timeout_s=1, force_stop=True))
    assert not (await guests.status(NODE, vmid)).running


async def test_snapshots(guests: Guests, tasks: PveTasks, vmid: int):
    await done(tasks, await guests.create_snapshot(NODE, vmid, "clean", description="as it was"))
    await done(tasks, await guests.create_snapshot(NODE, vmid, "later"))
    first, second = await guests.snapshots(NODE, vmid)
    assert (first.name, first.description, first.with_memory) == ("clean", "as it was", False)
    assert (second.name, second.parent) == ("later", "clean")
    taken = await tasks.wait(await guests.create_snapshot(NODE, vmid, "clean"), timeout_s=20)
    with pytest.raises(AlreadyExists):
        taken.raise_if_failed()
    await done(tasks, await guests.rollback(NODE, vmid, "clean"))
    await done(tasks, await guests.delete_snapshot(NODE, vmid, "later"))
    assert [snapshot.name for snapshot in await guests.snapshots(NODE, vmid)] == ["clean"]


async def test_a_snapshot_with_memory(guests: Guests, tasks: PveTasks, vmid: int):
    await done(tasks, await guests.start(NODE, vmid))
    await done(tasks, await guests.create_snapshot(NODE, vmid, "live", with_memory=True))
    (live,) = await guests.snapshots(NODE, vmid)
    assert live.with_memory is True


async def test_a_protected_guest_stays(guests: Guests, tasks: PveTasks, vmid: int):
    await guests.set_config(NODE, vmid, {"protection": True})
    with pytest.raises(GuestProtected):
        await guests.delete(NODE, vmid)
    await guests.set_config(NODE, vmid, {}, delete=["protection"])
    await done(tasks, await guests.delete(NODE, vmid))


async def test_a_running_guest_is_not_destroyed(guests: Guests, tasks: PveTasks, vmid: int):
    await done(tasks, await guests.start(NODE, vmid))
    with pytest.raises(WrongGuestState):
        await guests.delete(NODE, vmid)


async def test_what_is_gone_is_missing_or_forbidden(
    sim: Simulator, guests: Guests, tasks: PveTasks, vmid: int
):
    """With rights on the pool only, a guest that is not there looks like one that is not ours."""
    await done(tasks, await guests.delete(NODE, vmid))
    with pytest.raises(PermissionMissing):
        await guests.config(NODE, vmid)
    async with connect(connection_to(sim, root=True)) as root:
        with pytest.raises(GuestMissing):
            await Guests(root).config(NODE, vmid)
        with pytest.raises(GuestMissing):
            await Guests(root).config("pve2", TEMPLATE)


async def test_a_template_of_ones_own(guests: Guests, tasks: PveTasks, vmid: int):
    with pytest.raises(FeatureMissing):
        await guests.clone(NODE, vmid, VMID + 1, name="x", description="x", pool=POOL, full=False)
    await done(tasks, await guests.template(NODE, vmid))
    assert (await guests.config(NODE, vmid)).template is True
    with pytest.raises(WrongGuestState):
        await guests.template(NODE, vmid)


async def test_a_full_clone_to_another_node(guests: Guests, tasks: PveTasks):
    upid = await guests.clone(
        NODE,
        TEMPLATE,
        VMID,
        name="copy",
        description="x",
        pool=POOL,
        full=True,
        storage="vmdisks",
        target="pve2",
    )
    await done(tasks, upid)
    disk = (await guests.config("pve2", VMID)).disks["scsi0"]
    assert (disk.storage, "base-9000" in disk.volume) == ("vmdisks", False)


async def test_a_guest_without_an_agent(guests: Guests, tasks: PveTasks, vmid: int):
    await done(tasks, await guests.start_config(NODE, vmid, {"agent": "0"}))
    await done(tasks, await guests.start(NODE, vmid))
    with pytest.raises(AgentSilent):
        await guests.agent_interfaces(NODE, vmid)


async def test_figures_over_time(guests: Guests, vmid: int):
    points = await guests.rrddata(NODE, vmid, "hour")
    assert points
    assert [point.time for point in points] == sorted(point.time for point in points)


async def test_a_guest_of_which_nothing_was_recorded_yet(sim: Simulator, guests: Guests, vmid: int):
    sim.cluster.guests.pop(vmid)
    assert await guests.rrddata(NODE, vmid, "hour") == []


def test_how_a_disk_is_filled_from_a_volume():
    assert (
        imported_disk("vmdisks", "local:import/x.qcow2")
        == "vmdisks:0,import-from=local:import/x.qcow2,format=qcow2"
    )
    assert imported_disk("lvm", "local:import/x.raw", format=None) == (
        "lvm:0,import-from=local:import/x.raw"
    )
