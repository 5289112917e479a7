"""Files behind storage volumes, for guests that are real QEMU processes.

Uploaded images keep their bytes; disks made from them are QCOW2 files, whatever format the volume
says it has, so that each can be cloned, grown and snapshot alike. A volume without a file (blank
disks, the seeded template) is only counted, as all are where guests are drawn.

    upload ──adopt──> image ──convert──> disk ──overlay──> linked clones
                                           └──convert──> full clones
"""

from __future__ import annotations

import contextlib
import itertools
import os
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from pathlib import Path

from vmlab.simulator import image_headers
from vmlab.simulator.errors import ApiError
from vmlab.simulator.machines import QemuMachine
from vmlab.simulator.machines.programs import ProgramFailed, run
from vmlab.simulator.machines.qmp import QmpError
from vmlab.simulator.state import Volume

CREATE = ("qemu-img", "create", "-q", "-f", "qcow2")


class DiskFiles:
    """The folder of a cluster's volume files.

    A file's name has nothing to do with its volume's, which changes; the volume holds the path.
    """

    def __init__(self, directory: Path, machines: Callable[[], Iterable[QemuMachine]]) -> None:
        """`machines` gives all those that may hold files open."""
        self._directory = directory
        self._machines = machines
        self._snapshots: set[tuple[Path | None, str]] = set()
        self._numbers = itertools.count(1)

    def adopt(self, volume: Volume, file: Path) -> None:
        """Take a file that was received, as it is; it must lie on the same file system."""
        volume.file = self.new_path(volume.format)
        os.rename(file, volume.file)

    async def convert(self, source: Volume, target: Volume, snapshot: str | None = None) -> None:
        """Fill `target` with a copy of `source`, or of a snapshot in it; zeros take no room.

        Does nothing for a source without a file. The target's size becomes the image's.

        Raises:
            ApiError: 500 in qemu-img's words, or for an image that refers to other files.
        """
        if source.file is None:
            return
        target.file = self.new_path("qcow2")
        command = ["qemu-img", "convert", "-q", "-O", "qcow2"]
        command += ["-U"] if source.content == "images" else []
        command += ["-l", f"snapshot.name={snapshot}"] if snapshot else []
        with _in_proxmox_words():
            async with self._at_rest(source.file), image_headers.openable(source) as image:
                await run(*command, image, str(target.file))
        target.size = image_headers.virtual_size(target.file) or target.size

    async def overlay(self, base: Volume, target: Volume) -> None:
        """Make `target` a layer upon `base`, which must not change from now on."""
        if base.file is None:
            return
        target.file = self.new_path("qcow2")
        with _in_proxmox_words():
            await run(*CREATE, "-F", "qcow2", "-b", str(base.file), str(target.file))

    async def blank(self, volume: Volume) -> Path:
        """The volume's file, made empty if there is none yet."""
        if volume.file is None:
            volume.file = self.new_path("qcow2")
            with _in_proxmox_words():
                await run(*CREATE, str(volume.file), str(volume.size))
        return volume.file

    async def resize(self, volume: Volume, size_bytes: int) -> None:
        """Grow a volume's file, under a running guest too."""
        file = volume.file
        if file is None:
            return
        with _in_proxmox_words():
            if machine := self._holder(file):
                await machine.resize_disk(file, size_bytes)
            else:
                await run("qemu-img", "resize", "-q", "-f", "qcow2", str(file), str(size_bytes))

    async def take_snapshot(
        self, name: str, volumes: Sequence[Volume], *, memory: bool = False
    ) -> None:
        """Take a snapshot in each of a guest's disks.

        Args:
            name: as Proxmox has it, which is an internal snapshot's name in QEMU too.
            volumes: the disks; those without a file are passed over.
            memory: save the running guest's memory beside its disks, at the same instant.
        """
        files = [volume.file for volume in volumes if volume.file is not None]
        holders = {file: machine for file in files if (machine := self._holder(file))}
        with _in_proxmox_words():
            if memory:
                for machine in set(holders.values()):
                    await machine.save_memory(name)
            for file in files:
                self._snapshots.add((file, name))
                if file not in holders:
                    await run("qemu-img", "snapshot", "-q", "-c", name, str(file))
                elif not memory:
                    await holders[file].take_snapshot(file, name)

    async def roll_back(self, name: str, volumes: Iterable[Volume]) -> None:
        """Let the disks of a guest that is off be as they were; a disk was blank without one."""
        for volume in volumes:
            if (volume.file, name) in self._snapshots:
                with _in_proxmox_words():
                    await run("qemu-img", "snapshot", "-q", "-a", name, str(volume.file))
            else:
                self.remove(volume)

    async def delete_snapshot(self, name: str, volumes: Iterable[Volume]) -> None:
        """Delete a snapshot where it was taken, with the memory that may be saved in it."""
        for file in [volume.file for volume in volumes if volume.file is not None]:
            if (file, name) not in self._snapshots:
                continue
            with _in_proxmox_words():
                if machine := self._holder(file):
                    await machine.delete_snapshot(file, name)
                else:
                    await run("qemu-img", "snapshot", "-q", "-d", name, str(file))
            self._snapshots.discard((file, name))

    def remove(self, volume: Volume) -> None:
        """Remove a volume's file, if there is one."""
        if volume.file is not None:
            volume.file.unlink(missing_ok=True)
            volume.file = None

    def new_path(self, suffix: str) -> Path:
        """A path for another file, at which there is none yet."""
        self._directory.mkdir(exist_ok=True)
        return self._directory / f"{next(self._numbers)}.{suffix}"

    def _holder(self, file: Path) -> QemuMachine | None:
        """The running machine that has the file open for writing."""
        return next((machine for machine in self._machines() if machine.holds(file)), None)

    @contextlib.asynccontextmanager
    async def _at_rest(self, file: Path) -> AsyncIterator[None]:
        """Keep a running guest's processor still while its disk is read: then all is on it."""
        if machine := self._holder(file):
            async with machine.at_rest():
                yield
        else:
            yield


@contextlib.contextmanager
def _in_proxmox_words() -> Iterator[None]:
    """Let what QEMU's programs say be the reason why the call or the task fails."""
    try:
        yield
    except (ProgramFailed, QmpError) as error:
        raise ApiError(500, str(error)) from error
