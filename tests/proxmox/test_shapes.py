"""Answers that Proxmox VE really sent, read."""

from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.proxmox.recordings import RECORDED
from vmlab.proxmox.history import AgentInterface, RrdPoint, Snapshot, TaskRow, Volume
from vmlab.proxmox.shapes import (
    Disk,
    GuestConfig,
    GuestRow,
    GuestStatus,
    NodeRow,
    StorageRow,
    as_bool,
    as_float,
    as_int,
    as_list,
    properties,
    size_bytes,
)


def rows(name: str, kind: str) -> list[Any]:
    return [row for row in RECORDED[name] if row["type"] == kind]


def test_a_guest_that_the_node_has_not_reported_yet():
    (row,) = map(GuestRow.from_json, rows("8.4 cluster-resources", "qemu"))
    assert (row.vmid, row.node, row.type, row.status) == (100, "pve1", "qemu", "unknown")
    assert row.reported is False
    assert row.tags == ("lab", "base")
    assert (row.name, row.cpus, row.memory_bytes, row.pool) == (None, None, None, None)
    assert row.template is False


@pytest.mark.parametrize("version", ["8.4", "9.2"])
def test_guests_of_a_whole_cluster(version: str):
    found = {
        row.vmid: row
        for row in map(GuestRow.from_json, rows(f"{version} resources-paused", "qemu"))
    }
    template = found[100]
    assert (template.name, template.template, template.status) == ("tmpl-base", True, "stopped")
    assert (template.cpus, template.max_memory_bytes) == (1, 268435456)
    assert template.max_disk_bytes == 1610612736
    assert all(row.reported for row in found.values())


def test_a_paused_guest_in_the_whole_cluster():
    found = [GuestRow.from_json(row) for row in rows("9.2 resources-paused", "qemu")]
    assert "paused" in {row.status for row in found}


def test_a_guest_in_a_pool():
    found = [GuestRow.from_json(row) for row in rows("9.2 resources-min", "qemu")]
    assert {row.pool for row in found if row.vmid in (601, 700)} == {"vmlab"}


def test_nodes_with_and_without_sys_audit():
    (node,) = map(NodeRow.from_json, rows("8.4 cluster-resources", "node"))
    assert (node.name, node.online, node.cpus) == ("pve1", True, 2)
    assert node.cpu == pytest.approx(0.999521072796935)
    assert (node.memory_bytes, node.max_memory_bytes) == (1380175872, 25276514304)
    (seen,) = map(NodeRow.from_json, rows("9.2 resources-min", "node"))
    assert seen.online
    assert (seen.cpu, seen.max_memory_bytes) == (None, None)


def test_storages():
    found = {
        row.storage: row
        for row in map(StorageRow.from_json, rows("8.4 cluster-resources", "storage"))
    }
    assert found["local"].content == {"vztmpl", "backup", "snippets", "import", "iso"}
    disks = found["vmdisks"]
    assert (disks.node, disks.plugin, disks.shared, disks.available) == ("pve1", "dir", False, True)
    assert (disks.used_bytes, disks.total_bytes) == (32364531712, 270553174016)


def test_status_of_a_stopped_guest():
    status = GuestStatus.from_json(RECORDED["8.4 status-current-stopped"])
    assert (status.vmid, status.name, status.running) == (100, "tmpl-base", False)
    assert (status.qmpstatus, status.paused, status.pid) == ("stopped", False, None)
    assert (status.agent, status.template, status.lock) == (True, False, None)
    assert GuestStatus.from_json(RECORDED["8.4 template-status"]).template is True


def test_status_of_a_paused_guest_which_proxmox_calls_running():
    status = GuestStatus.from_json(RECORDED["8.4 status-paused"])
    assert (status.running, status.paused, status.qmpstatus) == (True, True, "paused")
    assert (status.memory_bytes, status.net_in_bytes, status.net_out_bytes) == (39325696, 220, 796)
    assert status.pid


def test_status_of_a_running_guest():
    status = GuestStatus.from_json(RECORDED["9.2 status-running"])
    assert (status.running, status.paused, status.uptime_s, status.cpus) == (True, False, 56, 1.0)
    assert status.ha_managed is False


def test_status_of_locked_guests():
    assert GuestStatus.from_json(RECORDED["8.4 status-locked"]).lock == "backup"
    target = GuestStatus.from_json(RECORDED["8.4 target-status-during-clone"])
    assert (target.lock, target.name) == ("clone", "VM 140")


def test_configuration_of_a_linked_clone():
    config = GuestConfig.from_json(RECORDED["8.4 config-101"])
    assert config.digest == "299ea19d8d4c093fafade064edef731f12843ad0"
    assert config.uuid == UUID("526a5c75-4db8-49bc-9e2d-d8defb19101b")
    assert (config.name, config.cores, config.sockets, config.memory_mb) == ("linked1", 1, 1, 256)
    assert (config.tags, config.agent, config.template) == (("lab", "base"), True, False)
    volume = "vmdisks:100/base-100-disk-0.qcow2/101/vm-101-disk-0.qcow2"
    assert config.disks == {"scsi0": Disk("scsi0", volume, 1536 << 20, cdrom=False)}
    assert config.disks["scsi0"].storage == "vmdisks"
    assert (config.mark, config.lock, config.protection) == (None, None, False)
    assert GuestConfig.from_json(RECORDED["8.4 template-config"]).template is True


def test_configuration_in_the_middle_of_a_clone():
    config = GuestConfig.from_json(RECORDED["8.4 target-config-during-clone"])
    assert (config.lock, config.description) == ("clone", " qmclone temporary file")
    assert (config.name, config.uuid, config.mark, config.disks) == (None, None, None, {})
    assert config.memory_mb == 512


def test_configuration_with_cloud_init_and_network():
    config = GuestConfig.from_json(RECORDED["8.4 cloudinit-config"])
    assert config.macs == {"net0": "bc:24:11:c4:8a:87"}
    assert config.disks["ide0"].cdrom is True
    assert config.disks["scsi0"].size_bytes == 64 << 20
    assert config.options["ciuser"] == "lab"


def test_configuration_with_an_unused_disk():
    disks = GuestConfig.from_json(RECORDED["8.4 unused-disk"]).disks
    assert set(disks) == {"scsi0", "unused0"}
    assert disks["unused0"].size_bytes is None


def test_configuration_carries_our_mark():
    data = RECORDED["8.4 config-101"] | {
        "description": "Alice\n\nvmlab: 5b0cf6a4-13a5-4a35-8a6b-0d2a3c4d5e6f\n"
    }
    assert GuestConfig.from_json(data).mark == UUID("5b0cf6a4-13a5-4a35-8a6b-0d2a3c4d5e6f")


@pytest.mark.parametrize(
    ("agent", "enabled"),
    [("1", True), ("0", False), ("enabled=1", True), ("1,fstrim_cloned_disks=1", True)],
)
def test_the_agent_option_comes_in_two_forms(agent: str, enabled: bool):
    data = {"digest": "", "agent": agent, "memory": "current=2048"}
    assert GuestConfig.from_json(data).agent is enabled


def test_memory_as_a_property_string():
    assert GuestConfig.from_json({"digest": "", "memory": "current=2048"}).memory_mb == 2048


def test_snapshots():
    found = [Snapshot.from_json(row) for row in RECORDED["8.4 snapshots"]]
    assert found[0] == Snapshot("s1", "with ram", 1795330246, None, True, None)
    assert found[1] == Snapshot("s2", "", 1795330248, "s1", False, None)


def test_volumes():
    found = [Volume.from_json(row) for row in RECORDED["8.4 content-local"]]
    assert found[0] == Volume(
        "local:import/disk.qcow2", "import", "qcow2", 196616, None, 1795329246
    )
    images = [Volume.from_json(row) for row in RECORDED["8.4 storage-content"]]
    assert [volume.vmid for volume in images] == [100, 101, 103]


def test_a_gap_in_the_figures_is_not_zero():
    first, *_, measured, _ = map(RrdPoint.from_json, RECORDED["8.4 rrddata"])
    assert (first.time, first.cpu, first.memory_bytes, first.net_in_bps) == (
        1795327260,
        None,
        None,
        None,
    )
    assert (measured.cpus, measured.max_memory_bytes, measured.cpu) == (1.0, 201326592.0, None)


def test_addresses_from_the_agent():
    lo, eth0 = AgentInterface.list_from_json(RECORDED["8.4 agent-network"])
    assert lo.addresses == ("127.0.0.1", "::1")
    assert (eth0.name, eth0.mac) == ("eth0", "bc:24:11:27:cb:72")
    assert eth0.addresses == ("10.99.0.10", "fe80::be24:11ff:fe27:cb72")


def test_an_agent_that_refuses_the_command():
    refusal = {"result": {"error": {"class": "CommandNotFound", "desc": "disabled"}}}
    assert AgentInterface.list_from_json(refusal) == []


def test_tasks_of_both_halves_of_the_list():
    upid = "UPID:pve1:00005724:00037C15:6B028CE1:qmcreate:111:root@pam!vmlab:"
    row = {"upid": upid, "type": "qmcreate", "id": "111", "user": "u", "starttime": 1795329249}
    ended = TaskRow.from_json(row | {"status": "OK", "endtime": 1795329250})
    assert (ended.exitstatus, ended.ended_at) == ("OK", 1795329250)
    assert TaskRow.from_json(row | {"status": "RUNNING"}).exitstatus is None
    assert TaskRow.from_json(row).exitstatus is None


@pytest.mark.parametrize("value", [True, 1, "1", "on", "yes", "true"])
def test_true(value: object):
    assert as_bool(value) is True


@pytest.mark.parametrize("value", [False, 0, "0", "off", "no", "", None])
def test_false(value: object):
    assert as_bool(value) is False


def test_numbers_that_come_as_strings_or_not_at_all():
    assert (as_int("100"), as_int(7.0), as_int(None), as_int("")) == (100, 7, None, None)
    assert (as_float("0.5"), as_float(2), as_float(None)) == (0.5, 2.0, None)


def test_lists_in_strings():
    assert as_list("a;b,c d") == ("a", "b", "c", "d")
    assert as_list(None) == ()


@pytest.mark.parametrize(
    ("text", "size"),
    [("32G", 32 << 30), ("1536M", 1536 << 20), ("528K", 528 << 10), ("1T", 1 << 40), ("512", 512)],
)
def test_sizes(text: str, size: int):
    assert size_bytes(text) == size


def test_no_size():
    assert size_bytes("") is None
    assert size_bytes("big") is None


@given(
    st.dictionaries(
        st.from_regex(r"[a-z]{1,8}", fullmatch=True), st.from_regex(r"[^,]+", fullmatch=True)
    )
)
def test_property_strings_keep_what_stands_in_them(values: dict[str, str]):
    text = ",".join(f"{key}={value}" for key, value in values.items())
    assert properties(text) == values
