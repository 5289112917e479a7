"""A guest's machine as a real QEMU process, for tests and demos that want real hardware.

It has the disks that it is given, or else boots the one-sector guest in 16 MB of RAM. QEMU is
controlled by QMP over a socket pair and shows its screen on a unix socket. It dies with the
simulator, even if that is killed: `setpriv` has the kernel see to it.
"""

import asyncio
import contextlib
import shutil
import socket
import tempfile
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from vmlab.simulator.machines import gauges
from vmlab.simulator.machines.accelerator import TCG, best
from vmlab.simulator.machines.agent import Agent
from vmlab.simulator.machines.bootsector import boot_sector
from vmlab.simulator.machines.gauges import Gauges
from vmlab.simulator.machines.hardware import Disk, Hardware, arguments, node_name
from vmlab.simulator.machines.iso import iso_image
from vmlab.simulator.machines.machine import GuestIdentity, guest_name
from vmlab.simulator.machines.programs import DIE_WITH_PARENT
from vmlab.simulator.machines.qmp import Qmp, QmpError

PROGRAMS = ("qemu-system-x86_64", "qemu-img", "setpriv")
"""Programs that must be installed."""

DISK_SIZE = 1 << 20
MEMORY_MB = 16
QUIT_TIMEOUT_S = 2.0
JOB_POLL_S = 0.05
PASSWORD_LIFETIME_S = 30
"""qemu-server 8.4: a VNC password expires so long after it was set."""


class QemuMachine:
    """A machine that is a QEMU process while it is on; see the `Machine` protocol.

    `agent` leads to the guest agent while the machine is on and has a port for one; `has_system`
    tells whether it boots a disk of its own.
    """

    def __init__(self, directory: Path) -> None:
        """`directory` must have a short path: a unix socket's may not exceed 107 bytes."""
        self.exited = asyncio.Event()
        self._directory = directory
        self._home = directory
        self._hardware = Hardware(0, ())
        self._process: asyncio.subprocess.Process | None = None
        self._watcher: asyncio.Task[str] | None = None
        self._qmp: Qmp | None = None
        self.agent: Agent | None = None
        self.has_system = False

    @property
    def running(self) -> bool:
        """Whether there is a process, be it paused."""
        return self._process is not None

    @property
    def pid(self) -> int | None:
        """The process's id, None while the machine is off."""
        return self._process.pid if self._process else None

    async def start(
        self, guest: GuestIdentity, hardware: Hardware | None = None, memory: str | None = None
    ) -> None:
        """Switch on. Raises RuntimeError with what QEMU said if it exits.

        Args:
            hardware: what the machine consists of; None: the one-sector guest.
            memory: the snapshot to go on from, where one with memory was taken.
        """
        self._home = Path(tempfile.mkdtemp(prefix=f"{guest.vmid}-", dir=self._directory))
        self._hardware = self._with_seed(hardware) if hardware else self._one_sector(guest)
        accelerator = await asyncio.to_thread(best) if hardware else TCG
        self.agent = Agent(self._home / "agent") if self._hardware.agent else None
        self.has_system = hardware is not None
        self.exited = asyncio.Event()
        control, far_end = socket.socketpair()
        reader, writer = await asyncio.open_connection(sock=control)
        with far_end:
            command = _command_line(
                guest.vmid, self._home, far_end.fileno(), self._hardware, accelerator
            )
            command += ["-loadvm", memory] if hardware and memory else []
            self._process = await asyncio.create_subprocess_exec(
                *command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.PIPE,
                pass_fds=(far_end.fileno(),),
            )
        self._watcher = asyncio.create_task(self._watch(self._process, writer))
        try:
            self._qmp = await Qmp.open(reader, writer)
        except QmpError as error:
            raise RuntimeError(f"QEMU did not start: {await self._watcher}") from error
        if self._hardware.balloon:
            await gauges.watch_memory(self._control)

    async def stop(self) -> None:
        """Have QEMU quit, and kill it if it does not."""
        process = self._process
        if process is None:
            return
        try:
            async with asyncio.timeout(QUIT_TIMEOUT_S):
                await self._control("quit")
                await self.exited.wait()
        except (TimeoutError, QmpError):
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await self.exited.wait()

    async def powerdown(self) -> bool:
        """Press the power button, to which the one-sector guest listens unless paused."""
        await self._control("system_powerdown")
        return True

    async def ask_to_shut_down(self) -> None:
        """Have the guest's agent shut the system down."""
        if self.agent:
            await self.agent.tell("guest-shutdown", mode="powerdown")

    async def reset(self) -> None:
        """Boot again, in the same process."""
        if self.agent:
            self.agent.rebooted()
        await self._control("system_reset")

    async def pause(self) -> None:
        """Stop the processor."""
        await self._control("stop")

    async def resume(self) -> None:
        """Let the processor go on."""
        await self._control("cont")

    async def connect_vnc(self, password: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Set QEMU's VNC password, as Proxmox's proxy does, and connect to its screen."""
        if self._qmp is None:
            raise ConnectionRefusedError("the machine is off")
        await self._control("set_password", protocol="vnc", password=password)
        await self._control("expire_password", protocol="vnc", time=f"+{PASSWORD_LIFETIME_S}")
        return await asyncio.open_unix_connection(self._home / "vnc")

    async def measure(self) -> Gauges | None:
        """What the machine uses; None if it is off."""
        try:
            return await gauges.look(self._control, self.pid) if self.pid else None
        except (QmpError, OSError):
            return None

    def holds(self, file: Path) -> bool:
        """Whether the machine is on and writes to that file."""
        return self.running and any(disk.file == file for disk in self._writable())

    @contextlib.asynccontextmanager
    async def at_rest(self) -> AsyncIterator[None]:
        """Stop the processor for the time of the block; what was written is in the files then."""
        was_running = (await self._control("query-status"))["running"]
        await self._control("stop")
        try:
            yield
        finally:
            if was_running and self.running:
                await self._control("cont")

    async def resize_disk(self, file: Path, size_bytes: int) -> None:
        """Grow a disk; the guest sees it at once."""
        node = node_name(self._disk(file))
        await self._control("block_resize", **{"node-name": node, "size": size_bytes})

    async def take_snapshot(self, file: Path, name: str) -> None:
        """Take a snapshot of one disk."""
        device = node_name(self._disk(file))
        await self._control("blockdev-snapshot-internal-sync", device=device, name=name)

    async def delete_snapshot(self, file: Path, name: str) -> None:
        """Delete a snapshot of one disk, with the memory that may be saved in it."""
        device = node_name(self._disk(file))
        await self._control("blockdev-snapshot-delete-internal-sync", device=device, name=name)

    async def save_memory(self, name: str) -> None:
        """Take a snapshot of memory and all disks at one instant, then go on."""
        nodes = [node_name(disk) for disk in self._writable()]
        job = f"save-{name}"
        where = {"job-id": job, "tag": name, "vmstate": nodes[0], "devices": nodes}
        await self._control("snapshot-save", **where)
        while True:
            jobs = {entry["id"]: entry for entry in await self._control("query-jobs")}
            if jobs[job]["status"] == "concluded":
                break
            await asyncio.sleep(JOB_POLL_S)
        await self._control("job-dismiss", id=job)
        if failure := jobs[job].get("error"):
            raise QmpError(failure)

    def _one_sector(self, guest: GuestIdentity) -> Hardware:
        disk = self._home / "disk"
        disk.write_bytes(boot_sector(_banner(guest)).ljust(DISK_SIZE, b"\0"))
        return Hardware(MEMORY_MB, (Disk("ide0", disk, "raw", boot=0),))

    def _with_seed(self, hardware: Hardware) -> Hardware:
        """The same machine with its cloud-init drive written."""
        if hardware.seed_key is None:
            return hardware
        image = self._home / "seed"
        image.write_bytes(iso_image("cidata", hardware.seed))
        seed = Disk(hardware.seed_key, image, "raw", cdrom=True)
        return replace(hardware, disks=(*hardware.disks, seed))

    def _writable(self) -> list[Disk]:
        return [disk for disk in self._hardware.disks if not disk.cdrom]

    def _disk(self, file: Path) -> Disk:
        return next(disk for disk in self._hardware.disks if disk.file == file)

    async def _control(self, command: str, **arguments: Any) -> Any:
        if self._qmp is None:
            raise QmpError("the machine is off")
        return await self._qmp.execute(command, **arguments)

    async def _watch(
        self, process: asyncio.subprocess.Process, writer: asyncio.StreamWriter
    ) -> str:
        """Wait for QEMU's end, clear up after it and return what it complained about."""
        _, complaints = await process.communicate()
        writer.close()
        if self._qmp is not None:
            await self._qmp.close()
        if self.agent is not None:
            self.agent.close()
        self._process = self._qmp = self.agent = None
        shutil.rmtree(self._home)
        self.exited.set()
        return complaints.decode(errors="replace").strip()


def _banner(guest: GuestIdentity) -> str:
    return (
        f"{guest_name(guest)}\nVM {guest.vmid} on {guest.node}\n\n"
        "Type here. Esc and the power button switch this machine off.\n\n> "
    )


def _command_line(
    vmid: int, home: Path, control: int, hardware: Hardware, accelerator: str
) -> list[str]:
    """QEMU's arguments; `control` is the file descriptor that it inherits for QMP."""
    return [
        *DIE_WITH_PARENT,
        *("qemu-system-x86_64", "-nodefaults", "-no-user-config"),
        *("-name", f"vm-{vmid}", "-machine", "pc"),
        *("-accel", accelerator, "-cpu", "max"),
        *arguments(hardware, home),
        *("-vga", "std", "-display", "none", "-vnc", f"unix:{home / 'vnc'},password=on"),
        *("-chardev", f"socket,id=control,fd={control}", "-mon", "chardev=control,mode=control"),
    ]
