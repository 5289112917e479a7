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
from vmlab.simulator.machines.hardware import Hardware
from vmlab.simulator.machines.machine import GuestIdentity, Machine, guest_name
from vmlab.simulator.machines.network import LabNetwork
from vmlab.simulator.machines.qemu import PROGRAMS, QemuMachine

__all__ = ["DrawnMachine", "GuestIdentity", "Machine", "Machines", "QemuMachine", "guest_name"]

BOOTS_AT_ONCE = 2
BOOT_LIMIT_S = 10.0
AGENT_POLL_S = 0.25


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
        self._network: LabNetwork | None = None
        if self.real:
            self._make = lambda: QemuMachine(directory)
        self._machines: dict[int, Machine] = {}
        self._booting = asyncio.Semaphore(BOOTS_AT_ONCE)
        self._boots: set[asyncio.Task[None]] = set()

    def of(self, vmid: int) -> Machine:
        """Return the machine of a guest, which is off if the guest never started."""
        if vmid not in self._machines:
            self._machines[vmid] = self._make()
        return self._machines[vmid]

    @property
    def network(self) -> LabNetwork | None:
        """The real guests' network, taken when first asked for; None where guests are drawn."""
        if self._network is None and self.real:
            self._network = LabNetwork()
        return self._network

    def address_of(self, vmid: int) -> str:
        """Where a real guest's SSH server is found; empty where there are no real guests."""
        return self.network.address_of(vmid) if self.network else ""

    async def start(
        self, guest: GuestIdentity, hardware: Hardware | None, memory: str | None
    ) -> None:
        """Switch a guest's machine on; one that boots a system waits until few enough do.

        A boot takes all of a processor for seconds; many at once take minutes. Raises
        RuntimeError, with the reason, if the machine does not come up.
        """
        machine = self.of(guest.vmid)
        if hardware is None or memory is not None:
            await machine.start(guest, hardware, memory)
            return
        await self._booting.acquire()
        try:
            await machine.start(guest, hardware)
        finally:
            task = asyncio.create_task(self._boot(machine))
            self._boots.add(task)
            task.add_done_callback(self._boots.discard)

    async def _boot(self, machine: Machine) -> None:
        """Count a machine among those that boot until its agent answers, if it has one."""
        try:
            if machine.agent:
                async with asyncio.timeout(BOOT_LIMIT_S):
                    await self.until_agent(machine)
        except TimeoutError:
            pass  # nobody knows how far it is
        finally:
            self._booting.release()

    async def until_agent(self, machine: Machine) -> None:
        """Wait until a real guest's agent answers, or the machine is off."""
        while machine.agent is not None:
            if await machine.agent.answers():
                return
            await asyncio.sleep(AGENT_POLL_S)

    def processes(self) -> list[QemuMachine]:
        """The machines that are QEMU processes while they are on."""
        return [each for each in self._machines.values() if isinstance(each, QemuMachine)]

    async def forget(self, vmid: int) -> None:
        """Stop and drop the machine of a guest that is being deleted."""
        if machine := self._machines.pop(vmid, None):
            await machine.stop()
        if self._network:
            self._network.forget(vmid)

    async def stop_all(self) -> None:
        """Switch every machine off, when the simulator ends."""
        for task in self._boots:
            task.cancel()
        await asyncio.gather(*(machine.stop() for machine in self._machines.values()))
        if self._network:
            self._network.close()
