"""A guest's machine without a machine: a text screen with a toy command line behind it.

It starts at once, costs a few strings while nobody looks, and can misbehave on purpose.
"""

import asyncio
import socket

from vmlab.simulator.machines.hardware import Hardware
from vmlab.simulator.machines.machine import GuestIdentity, guest_name
from vmlab.simulator.machines.rfb import Misbehaviour, Viewer
from vmlab.simulator.machines.screen import Transcript
from vmlab.simulator.machines.shell import Shell

BANNER = "Simulated guest. Type help for its commands.\n\n"


class DrawnMachine:
    """A machine that is only its screen; see the `Machine` protocol.

    Set `misbehaviour` to have its VNC server fail the viewers that connect from then on.
    """

    agent = None
    has_system = False

    def __init__(self) -> None:
        self.exited = asyncio.Event()
        self.misbehaviour: Misbehaviour | None = None
        self.password = ""
        self._guest: GuestIdentity | None = None
        self._frozen: list[str] = []
        self._viewers: dict[Viewer, bool | None] = {}  # whether each shares; None: not logged in
        self._sessions: set[asyncio.Task[None]] = set()
        self._boot()

    @property
    def running(self) -> bool:
        """Whether the machine is on, be it paused."""
        return self._guest is not None

    @property
    def name(self) -> str:
        """The guest's name, which VNC shows as the desktop's."""
        return guest_name(self._guest) if self._guest else ""

    async def start(
        self, guest: GuestIdentity, hardware: Hardware | None = None, memory: str | None = None
    ) -> None:
        """Switch on and show the prompt."""
        self._guest = guest
        self.exited = asyncio.Event()
        self._frozen = []
        self._boot()

    async def measure(self) -> None:
        """There is nothing to be measured."""

    async def stop(self) -> None:
        """Switch off; whoever looks on is cut off."""
        self._switch_off()
        await asyncio.gather(*self._sessions)

    async def powerdown(self) -> bool:
        """Press the power button; the guest switches itself off at once."""
        self._switch_off()
        return True

    async def ask_to_shut_down(self) -> None:
        """There is no agent that could be asked."""

    async def reset(self) -> None:
        """Boot again; viewers stay connected, as with QEMU."""
        self._boot()
        self._show()

    async def pause(self) -> None:
        """Freeze the screen; keys are lost."""
        self._frozen = self.rows()

    async def resume(self) -> None:
        """Go on."""
        self._frozen = []
        self._show()

    async def connect_vnc(self, password: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Open a connection to the screen's VNC server."""
        if not self.running:
            raise ConnectionRefusedError("the machine is off")
        self.password = password
        near, far = socket.socketpair()
        viewer = Viewer(self, *await asyncio.open_connection(sock=far), self.misbehaviour)
        self._viewers[viewer] = None
        session = asyncio.create_task(self._serve(viewer))
        self._sessions.add(session)
        session.add_done_callback(self._sessions.discard)
        return await asyncio.open_connection(sock=near)

    def rows(self) -> list[str]:
        """What the screen shows, from the top."""
        if self._frozen or self._guest is None:
            return self._frozen
        guest = self._guest
        title = f"{self.name}   VM {guest.vmid} on {guest.node}   up {self._shell.uptime}"
        return [title, *self._transcript.lines]

    def type(self, text: str) -> None:
        """Take characters from a viewer's keyboard."""
        if not self._frozen:
            self._transcript.write(self._shell.type(text))
            self._show()

    def admit(self, viewer: Viewer, shared: bool) -> bool:
        """Let a viewer in. QEMU's rule: who wants to be alone throws the others out, and until
        he leaves nobody is let in who would share."""
        if shared and False in self._viewers.values():
            return False
        if not shared:
            for other, sharing in self._viewers.items():
                if sharing is not None:
                    other.cut()
        self._viewers[viewer] = shared
        return True

    async def _serve(self, viewer: Viewer) -> None:
        try:
            await viewer.serve()
        finally:
            self._viewers.pop(viewer, None)

    def _boot(self) -> None:
        self._shell = Shell(lambda: self.name, self._switch_off)
        self._transcript = Transcript()
        self._transcript.write(BANNER + self._shell.prompt)

    def _show(self) -> None:
        for viewer in self._viewers:
            viewer.changed.set()

    def _switch_off(self) -> None:
        self._guest = None
        self._frozen = []
        for viewer in self._viewers:
            viewer.cut()
        self.exited.set()
