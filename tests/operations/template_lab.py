"""A lab in which VMLab makes templates: a store with images in it, and storages to import to."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from tests.operations.lab import QUICK, Lab, parts_of, populate
from vmlab import config
from vmlab.models import File, GuestNumber, Task, Template
from vmlab.operations import import_template, template_from_vm
from vmlab.operations.new_template import NewTemplate
from vmlab.operations.uploads import NewFile, Uploads
from vmlab.rules.images import Purpose
from vmlab.simulator import Simulator
from vmlab.simulator.state import Guest
from vmlab.storage import Writer

TEMPLATES = config.Templates(import_storage="local", disk_storage="vmdisks")


class TemplateLab(Lab):
    """What a test of a verb on templates works with."""

    async def upload(
        self, content: bytes, *, name: str = "disk.img", purpose: Purpose = Purpose.TEMPLATE
    ) -> File:
        """Have a file of the teacher's in the store."""
        uploads = Uploads(self.parts.files, self.settings)
        new = NewFile(owner_id=self.teacher.id, name=name, size_bytes=len(content), purpose=purpose)
        file = await uploads.begin(new)
        async with uploads.store.locked(file.key) as fd:
            writer = Writer(uploads.store.run, fd)
            await writer.write(content)
            await writer.finish()
        await uploads.finish(file, len(content), hashlib.sha256(content).hexdigest(), None)
        return file

    def said(self, **said: Any) -> dict[str, Any]:
        """What is said of a template."""
        return {"name": "Lab 1", "course_id": self.course.id, "owner_id": self.teacher.id} | said

    async def submit_import(self, file: File, **said: Any) -> tuple[Template, Task]:
        """Have the making of a template from an image accepted."""
        wanted = import_template.ImportTemplate(**self.said(**said), source_file_id=file.id)
        return await import_template.admit(
            wanted, settings=self.settings, created_by_id=self.teacher.id
        )

    async def submit_copy(self, vm_id: int, **said: Any) -> tuple[Template, Task]:
        """Have the making of a template from a machine accepted."""
        return await template_from_vm.admit(
            NewTemplate(**self.said(**said)),
            vm_id,
            settings=self.settings,
            created_by_id=self.teacher.id,
        )

    def made_guests(self) -> list[Guest]:
        """All simulated guests but the simulator's own template."""
        return [guest for vmid, guest in self.sim.cluster.guests.items() if vmid != 9000]

    def images(self) -> list[str]:
        """What lies in the import storages."""
        return [
            volid
            for storage in self.sim.cluster.storages.values()
            for node in self.sim.cluster.nodes
            for volid in storage.on(node)
            if ":import/" in volid
        ]

    def stored(self) -> list[str]:
        """Names of all files in the store."""
        root = Path(self.settings.storage.directory)
        return sorted(path.name for path in root.rglob("*") if path.is_file())

    def disks(self) -> set[str]:
        """The disks of guests on all storages, those of the simulator's own template excepted."""
        return {
            volid
            for storage in self.sim.cluster.storages.values()
            for node in self.sim.cluster.nodes
            for volid, volume in storage.on(node).items()
            if volume.content == "images" and volume.vmid != 9000
        }

    async def check_nothing_left(self, template: Template, *files: File) -> None:
        """See that Proxmox is as it was before, and the uploaded files are too."""
        assert self.made_guests() == []
        assert self.disks() == set()
        assert self.images() == []
        assert await GuestNumber.all().count() == 0
        assert self.stored() == sorted(file.key for file in files)
        template = await self.reload(template)
        assert (template.vmid, template.node, template.smbios_uuid) == (None, None, None)


@asynccontextmanager
async def template_lab(sim: Simulator, directory: Path) -> AsyncIterator[TemplateLab]:
    """The lab, over an open database."""
    rows = await populate()
    settings = config.Settings(
        tasks=QUICK, templates=TEMPLATES, storage=config.Storage(directory=str(directory))
    )
    async with parts_of(sim, settings) as (parts, api):
        yield TemplateLab(sim, api, parts, *rows)
