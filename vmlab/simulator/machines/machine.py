"""What every machine behind a guest can do, whichever kind it is."""

import asyncio
from typing import Any, Protocol

from vmlab.simulator.machines.agent import Agent
from vmlab.simulator.machines.gauges import Gauges
from vmlab.simulator.machines.hardware import Hardware


class GuestIdentity(Protocol):
    """What a machine shows of the guest that it runs."""

    @property
    def vmid(self) -> int: ...
    @property
    def node(self) -> str: ...
    @property
    def config(self) -> dict[str, Any]: ...


def guest_name(guest: GuestIdentity) -> str:
    """The guest's name, or Proxmox's stand-in for one that has none."""
    return str(guest.config.get("name", f"VM {guest.vmid}"))


class Machine(Protocol):
    """One virtual machine's hardware, on or off."""

    @property
    def exited(self) -> asyncio.Event:
        """Set when the present run is over, whoever ended it. Each start makes a new one."""

    @property
    def running(self) -> bool: ...

    @property
    def agent(self) -> Agent | None:
        """The way to a real guest's agent, where there is one."""

    @property
    def has_system(self) -> bool:
        """Whether it runs, or ran last, a system from a disk of its own."""

    async def measure(self) -> Gauges | None:
        """What a real machine uses now; None for others, and for one that is off."""

    async def start(
        self, guest: GuestIdentity, hardware: Hardware | None = None, memory: str | None = None
    ) -> None:
        """Switch on. Raises RuntimeError, with the reason, if the machine does not come up.

        Args:
            hardware: what a real machine consists of; None where the guest has no disk of its own.
            memory: the name of the snapshot with which memory was saved, to go on from there.
        """

    async def stop(self) -> None:
        """Pull the plug. Does nothing to a machine that is off."""

    async def powerdown(self) -> bool:
        """Press the power button. True: the guest listens, and `exited` will be set soon."""

    async def ask_to_shut_down(self) -> None:
        """Have a real guest's agent shut the system down; `exited` will be set soon."""

    async def reset(self) -> None: ...

    async def pause(self) -> None: ...

    async def resume(self) -> None: ...

    async def connect_vnc(self, password: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Open an RFB connection whose VNC authentication wants `password`.

        As in QEMU there is one password a machine, the latest. Raises ConnectionRefusedError
        if the machine is off.
        """
