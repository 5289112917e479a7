"""A guest's serial line as pve-xtermjs' termproxy hands it to a browser.

The client first names itself, `USER:TICKET` and a newline, and is answered `OK`. Then it sends
`0:LENGTH:DATA` for keys, `1:COLUMNS:ROWS:` for its size and `2` to keep the line open; what the
line says comes back as it is.
"""

import asyncio
from collections.abc import Callable

from vmlab.simulator.machines.machine import Machine
from vmlab.simulator.machines.shell import Shell

KEYS_LIMIT = 64 * 1024


async def serve_terminal(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    admit: Callable[[str, str], bool],
    machine: Machine,
    name: Callable[[], str],
) -> None:
    """Talk to one client until it leaves, breaks the protocol, or the machine goes off.

    Args:
        reader, writer: the connection, closed at the end.
        admit: whether a user and a ticket are let in.
        machine: what `poweroff` switches off.
        name: tells the guest's name.
    """
    try:
        user, _, ticket = (await reader.readuntil(b"\n")).decode().rstrip("\n").partition(":")
        if not admit(user, ticket):
            return
        powered_off = asyncio.Event()
        shell = Shell(name, powered_off.set)
        writer.write(b"OK" + shell.prompt.encode())
        while not powered_off.is_set():
            writer.write(shell.type(await _keys(reader)).encode())
            await writer.drain()
        await machine.powerdown()
    except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, ConnectionError, ValueError):
        pass  # the client left, or does not speak the protocol
    finally:
        writer.close()


async def _keys(reader: asyncio.StreamReader) -> str:
    """Read one message; return the typed text, empty for the other kinds."""
    kind = await reader.readexactly(1)
    if kind == b"2":
        return ""
    if kind not in (b"0", b"1"):
        raise ValueError(f"message {kind!r}")
    await reader.readuntil(b":")
    number = int((await reader.readuntil(b":"))[:-1])
    if kind == b"1":
        await reader.readuntil(b":")
        return ""
    if not 0 <= number <= KEYS_LIMIT:
        raise ValueError(f"{number} bytes of keys")
    return (await reader.readexactly(number)).decode()
