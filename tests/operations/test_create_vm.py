"""Making machines, when everything goes well."""

from __future__ import annotations

from tests.operations.lab import Lab
from vmlab.models import VmStatus
from vmlab.proxmox import mark


async def test_a_machine_is_made_as_asked(lab: Lab) -> None:
    vm = await lab.make_vm(cpu_cores=2, memory_mb=2048, disk_gb=20, start=True)
    guest = lab.guest(vm)
    assert vm.status is VmStatus.RUNNING
    assert guest.running
    assert guest.node == vm.node
    assert guest.config["name"] == "web"
    assert guest.config["tags"] == f"course-{lab.course.id};vmlab"
    assert int(guest.config["protection"]) == 1
    assert (int(guest.config["cores"]), int(guest.config["memory"])) == (2, 2048)
    assert "size=20G" in guest.config["scsi0"]
    assert mark.find(guest.config["description"]) == vm.uuid
    assert vm.smbios_uuid is not None
    assert vm.smbios_uuid in guest.config["smbios1"]
    assert vm.mac_address is not None
    assert vm.mac_address in guest.config["net0"].lower()
    assert vm.vmid in lab.sim.cluster.pools["vmlab"].vms
    assert lab.settings.guests.vmid_first <= (vm.vmid or 0) <= lab.settings.guests.vmid_last
