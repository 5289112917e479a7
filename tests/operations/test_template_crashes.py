"""A worker dies after every write and every call of the verbs on templates; the next one goes on.

In the end there is one template and nothing else: no trial clone, no image, no number; or, where
the making fails in the end, nothing at all.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from tests.operations.lab import lives
from tests.operations.template_lab import TemplateLab, template_lab
from tests.storage import corpus
from vmlab.models import File, GuestNumber, Task, Template, TemplateStatus, Vm
from vmlab.operations import delete_template
from vmlab.proxmox import mark
from vmlab.simulator import Simulator
from vmlab.simulator.state import Guest

pytestmark = pytest.mark.sweep

Case = Callable[[TemplateLab, File], Awaitable[tuple[Template, Task]]]


@pytest.fixture
async def lab(sqlite: str, sim: Simulator, tmp_path: Path) -> AsyncIterator[TemplateLab]:
    async with template_lab(sim, tmp_path / "files") as lab:
        yield lab


async def importing(lab: TemplateLab, file: File) -> tuple[Template, Task]:
    return await lab.submit_import(file)


async def copying(lab: TemplateLab, file: File) -> tuple[Template, Task]:
    vm = await Vm.first()
    return await lab.submit_copy((vm or await lab.make_vm()).id)


async def deleting(lab: TemplateLab, file: File) -> tuple[Template, Task]:
    template, task = await importing(lab, file)
    assert (await lab.walk(task)).status == "succeeded"
    deletion = await delete_template.admit(template.id, created_by_id=None)
    assert deletion is not None
    return template, deletion


async def guests(lab: TemplateLab) -> list[Guest]:
    """All that are neither the simulator's template nor a machine."""
    machines = {vm.vmid for vm in await Vm.all()}
    return [guest for guest in lab.made_guests() if guest.vmid not in machines]


async def check_clean(lab: TemplateLab, file: File, *kept: Template) -> None:
    """Nothing is there but these templates, and machines."""
    known = {template.uuid: template.vmid for template in kept}
    known |= {vm.uuid: vm.vmid for vm in await Vm.all()}
    assert {row.uuid: row.vmid for row in await GuestNumber.all()} == known
    assert sorted(guest.vmid for guest in lab.made_guests()) == sorted(
        vmid or 0 for vmid in known.values()
    )
    assert lab.images() == []
    assert lab.stored() == [file.key]
    assert all(any(f"-{vmid}-" in volid for vmid in known.values()) for volid in lab.disks())


async def remove(lab: TemplateLab, template: Template) -> None:
    task = await delete_template.admit(template.id, created_by_id=None)
    if task is not None:
        assert (await lab.walk(task)).status == "succeeded"


@pytest.mark.parametrize("case", ["import", "copy", "delete"])
async def test_dying_at_each_boundary(case: str, lab: TemplateLab) -> None:
    begin: Case = {"import": importing, "copy": copying, "delete": deleting}[case]
    file = await lab.upload(corpus.boot_sector())

    async def after(crashes: list[int]) -> int:
        template, task = await begin(lab, file)
        task, passed = await lives(lab, task, crashes)
        assert task.status == "succeeded", task.error
        if case == "delete":
            await check_clean(lab, file)
            assert not await Template.exists(id=template.id)
            return passed
        template = await lab.reload(template)
        assert template.status is TemplateStatus.READY
        [guest] = await guests(lab)
        assert (guest.vmid, guest.config["template"]) == (template.vmid, 1)
        assert mark.find(guest.config["description"]) == template.uuid
        await check_clean(lab, file, template)
        await remove(lab, template)
        return passed

    boundaries = await after([])
    for boundary in range(boundaries):
        await after([boundary])


async def test_dying_at_each_boundary_of_an_unwinding(lab: TemplateLab) -> None:
    file = await lab.upload(corpus.boot_sector())

    async def after(crashes: list[int]) -> int:
        fault = lab.sim.faults.add("task_fails", path="/qmstart/")
        template, task = await importing(lab, file)
        task, passed = await lives(lab, task, crashes)
        lab.sim.faults.clear()
        assert fault.fired
        assert task.status == "failed"
        assert "stuck" not in (task.error or {})["details"], task.error
        assert await guests(lab) == []
        await check_clean(lab, file)
        template = await lab.reload(template)
        assert (template.status, template.vmid) == (TemplateStatus.ERROR, None)
        await remove(lab, template)
        return passed

    for boundary in range(await after([])):
        await after([boundary])
