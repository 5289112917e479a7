"""Templates made of uploaded images: what comes of them, and what is left when that goes wrong."""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.operations.lab import live
from tests.operations.template_lab import TemplateLab, template_lab
from tests.storage import corpus
from vmlab import config
from vmlab.errors import Conflict, Invalid, NotFound, WrongTaskState
from vmlab.models import File, GuestNumber, Step, StepStatus, Task, Template, TemplateStatus
from vmlab.operations import delete_template, operations
from vmlab.operations.uploads import Uploads
from vmlab.proxmox import mark
from vmlab.rules.images import Purpose
from vmlab.simulator import Simulator
from vmlab.tasks import request_cancel, retry

CALLS = {
    "upload": ("POST", r"/storage/local/upload$"),
    "create": ("POST", r"/qemu$"),
    "convert": ("POST", r"/qemu/\d+/template$"),
    "trial clone": ("POST", r"/qemu/\d+/clone$"),
    "trial start": ("POST", r"/status/start$"),
    "trial stop": ("POST", r"/status/stop$"),
    "trial destroy": ("DELETE", r"/qemu/\d+$"),
    "tidy": ("DELETE", r"/storage/local/content/"),
}
JOBS = {
    "upload": "/imgcopy/",
    "create": "/qmcreate/",
    "convert": "/qmtemplate/",
    "trial clone": "/qmclone/",
    "trial start": "/qmstart/",
}


@pytest.fixture
async def lab(sqlite: str, sim: Simulator, tmp_path: Path) -> AsyncIterator[TemplateLab]:
    async with template_lab(sim, tmp_path / "files") as lab:
        yield lab


def codes(template: Template) -> list[tuple[str, str]]:
    assert template.validation is not None
    return [(issue["severity"], issue["code"]) for issue in template.validation["issues"]]


async def check_made(lab: TemplateLab, template: Template, task: Task) -> Template:
    assert task.status == "succeeded", task.error
    template = await lab.reload(template)
    [guest] = lab.made_guests()
    assert (template.status, template.vmid) == (TemplateStatus.READY, guest.vmid)
    assert guest.config["template"] == 1
    assert mark.find(guest.config["description"]) == template.uuid
    assert f"uuid={template.smbios_uuid}" in guest.config["smbios1"]
    assert guest.vmid in lab.sim.cluster.pools["vmlab"].vms
    assert lab.images() == []
    assert {row.uuid for row in await GuestNumber.all()} == {template.uuid}
    assert all(f"-{guest.vmid}-" in volid for volid in lab.disks())
    return template


async def check_unmade(lab: TemplateLab, template: Template, task: Task, file: File) -> None:
    assert task.status == "failed"
    assert "stuck" not in (task.error or {})["details"], task.error
    assert {s.status for s in await Step.filter(task_id=task.id)} == {StepStatus.UNDONE}
    await lab.check_nothing_left(template, file)


async def test_an_image_becomes_a_template_that_machines_are_made_of(lab: TemplateLab) -> None:
    file = await lab.upload(corpus.by_qemu("qcow2"))
    template, task = await lab.submit_import(file, os_type="Linux", default_disk_gb=1)
    assert (template.status, template.made_here) == (TemplateStatus.PENDING, True)
    template = await check_made(lab, template, await lab.walk(task))
    assert (template.format, template.size_bytes) == ("qcow2", corpus.DISK_BYTES)
    assert (template.sha256, template.source_file_id) == (file.sha256, None)
    assert (template.storage, template.shared_storage, template.disk_gb) == ("vmdisks", True, 1)
    assert template.validation is not None
    assert (template.validation["valid"], codes(template)) == (True, [])
    config = lab.made_guests()[0].config
    assert config["tags"] == f"course-{lab.course.id};vmlab"
    assert config["ostype"] == "l26"
    assert "bridge=vmbr0" in config["net0"]
    assert "cloudinit" in config["ide2"]
    lab.template = template
    vm = await lab.make_vm(start=True, disk_gb=2)
    assert lab.guest(vm).running


@pytest.mark.parametrize(
    ("image", "format_", "issues"),
    [
        ("qcow2", "qcow2", []),
        ("vmdk stream", "vmdk", []),
        ("vdi", "vdi", [("info", "converted")]),
        ("vhdx", "vhdx", [("info", "converted")]),
    ],
)
async def test_images_of_all_kinds(
    image: str, format_: str, issues: list[tuple[str, str]], lab: TemplateLab
) -> None:
    file = await lab.upload(corpus.by_qemu(image))
    template, task = await lab.submit_import(file)
    template = await check_made(lab, template, await lab.walk(task))
    assert codes(template) == issues
    assert lab.stored() == [file.key]
    assert template.size_bytes == corpus.DISK_BYTES


async def test_the_disk_in_an_archive_is_sent_alone(lab: TemplateLab) -> None:
    file = await lab.upload(corpus.ova())
    template, task = await lab.submit_import(file)
    planned = lab.sim.faults.add("task_fails", path="/qmcreate/")
    await lab.walk(task)
    assert planned.fired
    upload = await Step.get(task_id=task.id, name="prepare")
    assert upload.output["name"].endswith(".vmdk")
    assert 0 < upload.output["start"] < file.size_bytes
    lab.sim.faults.clear()
    await retry(task.id, operations(lab.settings), lab.parts.bus)
    await check_made(lab, template, await lab.walk(task))


async def test_disks_may_go_to_volumes_of_one_node(lab: TemplateLab) -> None:
    imports = dataclasses.replace(lab.settings.templates, disk_storage="local-lvm")
    settings = dataclasses.replace(lab.settings, templates=imports)
    lab.parts = dataclasses.replace(lab.parts, settings=settings)
    await lab.sim.admin(
        "PUT",
        "/access/acl",
        {
            "path": "/storage/local-lvm",
            "roles": "VMLabStore",
            "users": "vmlab@pve",
            "tokens": lab.sim.token_id,
        },
    )
    template, task = await lab.submit_import(await lab.upload(corpus.raw_disk()))
    template = await check_made(lab, template, await lab.walk(task))
    assert (template.storage, template.shared_storage) == ("local-lvm", False)
    assert template.format == "raw"
    lab.template = template
    vm = await lab.make_vm()
    assert vm.node == template.node


@pytest.mark.parametrize("lack", [{"enabled": False}, {"total_bytes": 1 << 20}])
async def test_without_a_node_that_has_both_storages_nothing_is_sent(
    lack: dict[str, int], lab: TemplateLab
) -> None:
    for name, value in lack.items():
        setattr(lab.sim.cluster.storages["local"], name, value)
    file = await lab.upload(corpus.raw_disk())
    template, task = await lab.submit_import(file)
    task = await lab.walk(task)
    await check_unmade(lab, template, task, file)
    assert (task.error or {})["details"]["step"] == "choose"


async def test_a_number_that_a_stranger_takes_meanwhile_is_left_to_them(lab: TemplateLab) -> None:
    template, task = await lab.submit_import(await lab.upload(corpus.raw_disk()))
    planned = lab.sim.faults.add("refuse", method="POST", path=r"/qemu$")
    going = lab.in_background(lab.walk(task))
    while not planned.fired:
        await lab.sim.clock.sleep(1)
    wanted = (await lab.reload(template)).vmid
    assert wanted is not None
    stranger = await lab.plant_stranger(wanted)
    lab.sim.faults.clear()
    task = await going
    assert task.status == "succeeded", task.error
    template = await lab.reload(template)
    assert template.vmid != wanted
    assert lab.sim.cluster.guests[wanted] is stranger


async def test_what_has_to_be_converted_needs_the_tool(
    lab: TemplateLab, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = await lab.upload(corpus.by_qemu("vdi"))
    template, task = await lab.submit_import(file)
    monkeypatch.setenv("PATH", "/nowhere")
    task = await lab.walk(task)
    await check_unmade(lab, template, task, file)
    template = await lab.reload(template)
    assert (template.status, codes(template)[-1]) == (
        TemplateStatus.INVALID,
        ("error", "FILE_002"),
    )


async def test_an_image_that_has_changed_meanwhile_is_refused(lab: TemplateLab) -> None:
    file = await lab.upload(corpus.raw_disk())
    template, task = await lab.submit_import(file)
    path = lab.parts.files.path(file.key)
    content = bytearray(path.read_bytes())
    content[4096] ^= 1
    path.write_bytes(content)
    task = await lab.walk(task)
    await check_unmade(lab, template, task, file)


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("fault", ["drop_reply", "refuse", "no_quorum", "restart"])
async def test_a_call_that_fails_once_does_no_harm(call: str, fault: str, lab: TemplateLab) -> None:
    method, path = CALLS[call]
    planned = lab.sim.faults.add(fault, method=method, path=path, times=1)  # type: ignore[arg-type]
    template, task = await lab.submit_import(await lab.upload(corpus.raw_disk()))
    task = await lab.walk(task)
    assert planned.fired == 1
    await check_made(lab, template, task)


@pytest.mark.parametrize("call", JOBS)
async def test_work_that_fails_leaves_nothing_behind(call: str, lab: TemplateLab) -> None:
    planned = lab.sim.faults.add("task_fails", path=JOBS[call])
    file = await lab.upload(corpus.raw_disk())
    template, task = await lab.submit_import(file)
    task = await lab.walk(task)
    assert planned.fired
    await check_unmade(lab, template, task, file)
    template = await lab.reload(template)
    assert template.status is TemplateStatus.ERROR
    assert codes(template) == [("error", "VM_001")]
    lab.sim.faults.clear()
    await retry(task.id, operations(lab.settings), lab.parts.bus)
    assert (await lab.reload(template)).status is TemplateStatus.PENDING
    await check_made(lab, template, await lab.walk(task))


async def test_a_cancelled_import_leaves_nothing_behind(lab: TemplateLab) -> None:
    file = await lab.upload(corpus.raw_disk())
    boundaries = 20
    for boundary in range(0, boundaries, 3):
        template, task = await lab.submit_import(file)
        over, _ = await live(lab, task, crash_at=boundary)
        assert not over
        await request_cancel(task.id, lab.parts.bus)
        task = await lab.walk(task)
        assert task.status == "cancelled", task.error
        await lab.check_nothing_left(template, file)
        template = await lab.reload(template)
        assert (template.status, codes(template)) == (
            TemplateStatus.ERROR,
            [("error", "cancelled")],
        )
        await template.delete()


async def test_rights_are_looked_at_before_anything_is_sent(lab: TemplateLab) -> None:
    role = lab.sim.cluster.roles["VMLabImport"]
    lab.sim.cluster.roles["VMLabImport"] = type(role)(
        role.roleid, role.privs - {"Datastore.Allocate"}
    )
    file = await lab.upload(corpus.raw_disk())
    template, task = await lab.submit_import(file)
    task = await lab.walk(task)
    await check_unmade(lab, template, task, file)
    assert "Datastore.Allocate" in (task.error or {})["details"]["reason"]


async def test_a_file_is_held_only_while_it_is_imported(lab: TemplateLab) -> None:
    file = await lab.upload(corpus.raw_disk())
    uploads = Uploads(lab.parts.files, lab.settings)
    planned = lab.sim.faults.add("task_fails", path="/qmcreate/")
    template, task = await lab.submit_import(file)
    with pytest.raises(Conflict, match="in use"):
        await uploads.remove(file)
    await lab.walk(task)
    assert planned.fired
    await uploads.remove(file)
    assert (await lab.reload(template)).source_file_id is None
    with pytest.raises(Conflict, match="deleted"):
        await retry(task.id, operations(lab.settings), lab.parts.bus)
    assert lab.stored() == []


async def test_what_cannot_be_imported_is_refused_at_once(lab: TemplateLab) -> None:
    with pytest.raises(Invalid):
        await lab.submit_import(await lab.upload(b"hello", purpose=Purpose.ATTACHMENT))
    gone = await lab.upload(corpus.raw_disk())
    await gone.delete()
    with pytest.raises(NotFound):
        await lab.submit_import(gone)
    uploads = Uploads(lab.parts.files, lab.settings)
    open_upload = await lab.upload(corpus.raw_disk())
    await File.filter(id=open_upload.id).update(status="uploading")
    with pytest.raises(Conflict):
        await lab.submit_import(open_upload)
    assert uploads.store is lab.parts.files
    assert await Template.all().count() == 1


async def test_what_was_deleted_cannot_be_tried_again(lab: TemplateLab) -> None:
    planned = lab.sim.faults.add("task_fails", path="/qmcreate/")
    template, task = await lab.submit_import(await lab.upload(corpus.raw_disk()))
    await lab.walk(task)
    assert planned.fired
    assert await delete_template.admit(template.id, created_by_id=None) is None
    with pytest.raises(WrongTaskState):
        await retry(task.id, operations(lab.settings), lab.parts.bus)


async def test_a_trial_that_nobody_can_tell_ends_with_the_template(lab: TemplateLab) -> None:
    """The clone cannot be destroyed; a person takes it over and deletes the template."""
    template, task = await lab.submit_import(await lab.upload(corpus.raw_disk()))
    planned = lab.sim.faults.add("task_fails", path="/qmdestroy/")
    task = await lab.walk(task)
    assert planned.fired
    assert (task.error or {})["details"]["stuck"] == "trial clone", task.error
    assert (await lab.reload(template)).status is TemplateStatus.ERROR
    lab.sim.faults.clear()
    numbers = {row.vmid for row in await GuestNumber.all()}
    assert len(numbers) == 2
    trial = next(guest for guest in lab.made_guests() if "template" not in guest.config)
    await lab.sim.admin("PUT", f"/nodes/{trial.node}/qemu/{trial.vmid}/config", {"description": ""})
    deletion = await delete_template.admit(template.id, created_by_id=None)
    # The clone is linked to the template's disk, so that stays as long as the clone does.
    assert deletion is not None
    assert (await lab.walk(deletion)).status == "failed"
    await lab.sim.admin("DELETE", f"/nodes/{trial.node}/qemu/{trial.vmid}", {})
    await lab.settled(lambda: trial.vmid not in lab.sim.cluster.guests)
    deletion = await delete_template.admit(template.id, created_by_id=None)
    assert deletion is not None
    assert (await lab.walk(deletion)).status == "succeeded"
    assert lab.made_guests() == []
    assert await GuestNumber.all().count() == 0


async def test_other_settings_do_not_strand_what_was_begun(lab: TemplateLab) -> None:
    file = await lab.upload(corpus.raw_disk())
    for boundary in range(6, 12):
        template, task = await lab.submit_import(file)
        await live(lab, task, crash_at=boundary)
        before = lab.parts
        elsewhere = config.Templates(import_storage="vmdisks", disk_storage="local-lvm")
        settings = dataclasses.replace(lab.settings, templates=elsewhere)
        lab.parts = dataclasses.replace(lab.parts, settings=settings)
        await request_cancel(task.id, lab.parts.bus)
        assert (await lab.walk(task)).status == "cancelled"
        lab.parts = before
        await lab.check_nothing_left(template, file)
        await template.delete()
