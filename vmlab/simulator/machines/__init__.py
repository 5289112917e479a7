"""The machines behind the simulator's guests: what runs while a guest is "running".

The power calls of the API start and stop them, the console calls connect to their screens.
There are two kinds: a screen that the simulator draws itself (`drawn`), which costs next to
nothing, and a real QEMU process (`qemu`), which has the guest's disks where they are files.
"""

import asyncio
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Literal

from vmlab.simulator.machines.drawn import DrawnMachine
from vmlab.simulator.machines.machine import GuestIdentity, Machine, guest_name
from vmlab.simulator.machines.qemu import PROGRAMS, QemuMachine

__all__ = ["DrawnMachine", "GuestIdentity", "Machine", "Machines", "QemuMachine", "guest_name"]


class Machines:
    """The machines of a cluster by VMID, each made when first asked for."""

    def __init__(self, guests: Literal["auto", "synthetic", "qemu"], directory: Path) -> None:
        """`auto` takes QEMU where it is installed; `directory` holds its sockets and disks.

        Raises RuntimeError if QEMU is asked for and missing.
        """
        installed = all(shutil.which(program) for program in PROGRAMS)
        if guests == "qemu" and not installed:
            raise RuntimeError(f"QEMU guests need {' and '.join(PROGRAMS)} on the PATH")
        self._make: Callable[[], Machine] = DrawnMachine
        self.real = guests == "qemu" or (guests == "auto" and installed)
        if self.real:
            self._make = lambda: QemuMachine(directory)
        self._machines: dict[int, Machine] = {}

    def of(self, vmid: int) -> Machine:
        """Return the machine of a guest, which is off if the guest never started."""
        if vmid not in self._machines:
            self._machines[vmid] = self._make()
        return self._machines[vmid]

    def processes(self) -> list[QemuMachine]:
        """The machines that are QEMU processes while they are on."""
        return [each for each in self._machines.values() if isinstance(each, QemuMachine)]

    async def forget(self, vmid: int) -> None:
        """Stop and drop the machine of a guest that is being deleted."""
        if machine := self._machines.pop(vmid, None):
            await machine.stop()

    async def stop_all(self) -> None:
        """Switch every machine off, when the simulator ends."""
        await asyncio.gather(*(machine.stop() for machine in self._machines.values()))
