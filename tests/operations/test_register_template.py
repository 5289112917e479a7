"""Taking templates of Proxmox into a course."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

import pytest

from tests.operations.lab import Lab
from vmlab.errors import Conflict
from vmlab.guests.user_keys import make_private_key, public_half
from vmlab.models import SshAccess, Task, Template, TemplateStatus
from vmlab.operations import register_template, ssh_access
from vmlab.tasks import LockTaken


async def register(lab: Lab, **wanted: Any) -> tuple[Template, Task]:
    asked: dict[str, Any] = {"name": "Debian", "course_id": lab.course.id} | wanted
    template, task = await register_template.admit(
        register_template.RegisterTemplate(owner_id=lab.teacher.id, **asked),
        created_by_id=lab.teacher.id,
    )
    assert template.status is TemplateStatus.VALIDATING
    task = await lab.walk(task)
    return await lab.reload(template), task


def codes(template: Template) -> list[str]:
    assert template.validation is not None
    return [issue["code"] for issue in template.validation["issues"]]


@pytest.fixture(autouse=True)
async def unknown_template(lab: Lab) -> None:
    """Nobody has registered the simulator's template yet."""
    await lab.template.delete()


async def test_a_template_is_read(lab: Lab) -> None:
    template, task = await register(lab, vmid=9000, default_disk_gb=4)
    assert task.status == "succeeded", task.error
    assert template.status is TemplateStatus.READY
    assert (template.node, template.storage, template.shared_storage) == ("pve1", "vmdisks", True)
    assert (template.disk_gb, template.default_disk_gb) == (8, 8)
    assert (template.size_bytes, template.format) == (8 << 30, "qcow2")
    assert template.validation is not None
    assert template.validation["valid"] is True
    assert codes(template) == []
    lab.template = template
    await lab.make_vm(start=True)


async def test_local_storage_is_noticed(lab: Lab) -> None:
    storage = lab.sim.cluster.storages["vmdisks"]
    storage.shared = False
    storage.volumes["pve1"] = storage.volumes.pop("")
    template, _ = await register(lab, vmid=9000)
    assert template.status is TemplateStatus.READY
    assert template.shared_storage is False
    lab.template = template
    vms = [await lab.make_vm(name=f"vm{n}", memory_mb=64) for n in range(3)]
    assert {vm.node for vm in vms} == {"pve1"}


async def test_a_cloud_init_drive_is_noticed_and_used(lab: Lab) -> None:
    drive = {"ide2": "vmdisks:cloudinit"}
    await lab.sim.admin("PUT", "/nodes/pve1/qemu/9000/config", drive)
    template, _ = await register(lab, vmid=9000, ssh_username="debian")
    assert template.validation is not None
    assert template.validation["cloud_init"] is True
    lab.template = template
    vm = await lab.make_vm()
    made = lab.guest(vm).config
    assert made["ciuser"] == "debian"
    [key] = unquote(made["sshkeys"]).splitlines()
    security = lab.settings.security
    private_key = await ssh_access.private_key_of(vm.id, security)
    assert private_key is not None
    assert key == public_half(private_key)
    # What a thief of the database finds is no key.
    access = await SshAccess.get(vm_id=vm.id)
    assert access.user_key is not None
    assert "PRIVATE" not in access.user_key


async def test_keys_of_the_template_stay(lab: Lab) -> None:
    admins = public_half(make_private_key("admin"))
    options = {"ide2": "vmdisks:cloudinit", "sshkeys": ssh_access.authorized_keys("", admins)}
    await lab.sim.admin("PUT", "/nodes/pve1/qemu/9000/config", options)
    lab.template, _ = await register(lab, vmid=9000)
    vm = await lab.make_vm()
    keys = unquote(lab.guest(vm).config["sshkeys"]).splitlines()
    assert keys == [admins, await ssh_access.public_key_for(vm, lab.settings.security)]
    assert "ciuser" not in lab.guest(vm).config


async def test_what_is_not_there_is_invalid(lab: Lab) -> None:
    template, task = await register(lab, vmid=9001)
    assert task.status == "succeeded", task.error
    assert template.status is TemplateStatus.INVALID
    assert codes(template) == ["missing"]


async def test_a_machine_is_no_template(lab: Lab) -> None:
    del lab.sim.cluster.guests[9000].config["template"]
    template, _ = await register(lab, vmid=9000)
    assert template.status is TemplateStatus.INVALID
    assert codes(template) == ["not_a_template"]


async def test_a_storage_without_linked_clones(lab: Lab) -> None:
    lab.sim.cluster.storages["vmdisks"].type = "lvm"
    template, _ = await register(lab, vmid=9000)
    assert codes(template) == ["no_linked_clones"]


async def test_a_cluster_that_does_not_answer_is_an_error(lab: Lab) -> None:
    lab.sim.faults.add("no_quorum", path="/cluster/resources")
    template, task = await register(lab, vmid=9000)
    assert task.status == "failed"
    assert template.status is TemplateStatus.ERROR


async def test_once_a_course(lab: Lab) -> None:
    await register(lab, vmid=9000)
    with pytest.raises(Conflict):
        await register(lab, vmid=9000)


async def test_looked_at_again(lab: Lab) -> None:
    template, _ = await register(lab, vmid=9000)
    del lab.sim.cluster.guests[9000].config["template"]
    task = await register_template.admit_validation(template, created_by_id=None)
    with pytest.raises(LockTaken):
        await register_template.admit_validation(template, created_by_id=None)
    assert (await lab.reload(template)).status is TemplateStatus.READY
    await lab.walk(task)
    assert (await lab.reload(template)).status is TemplateStatus.INVALID
