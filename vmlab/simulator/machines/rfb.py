"""The server's side of RFB 3.8 (RFC 6143), the protocol of VNC, for one viewer of a text screen.

VNC authentication, raw encoding and 32-bit pixels only, which every client can do. On request
it misbehaves in ways that QEMU cannot be made to, for tests of what stands in front of it.
"""

import asyncio
import os
import struct
from typing import Literal, Protocol

from vmlab.simulator.machines.screen import HEIGHT, ROW_HEIGHT, WIDTH, draw_row
from vmlab.simulator.machines.vncauth import CHALLENGE_LENGTH, challenge_response

Misbehaviour = Literal["wrong_security", "cut_off", "slow"]
"""wrong_security: offer only a kind nobody has asked for (VeNCrypt); cut_off: hang up in the
middle of the first picture; slow: pictures come at some 80 kB/s."""

VERSION = b"RFB 003.008\n"
SECURITY_VNC = 2
SECURITY_VENCRYPT = 19
RAW_ENCODING = 0
CLIPBOARD_LIMIT = 1 << 20

_PIXEL_FORMAT = struct.Struct(">BBBBHHHBBB3x")
_NATIVE_FORMAT = _PIXEL_FORMAT.pack(32, 24, 0, 1, 255, 255, 255, 16, 8, 0)
_SPECIAL_KEYS = {0xFF0D: "\r", 0xFF8D: "\r", 0xFF08: "\b"}
_SLOW_CHUNK = 4096
_SLOW_PAUSE_S = 0.05
_REFRESH_S = 1.0
"""How often a waiting viewer is shown the running clock."""


class ProtocolError(Exception):
    """The client sent what this server does not take."""


class Display(Protocol):
    """What a viewer looks at."""

    @property
    def name(self) -> str: ...
    @property
    def password(self) -> str: ...

    def rows(self) -> list[str]:
        """The screen's rows from the top, the title first."""

    def type(self, text: str) -> None:
        """Take typed characters, Enter as a carriage return."""

    def admit(self, viewer: "Viewer", shared: bool) -> bool:
        """Let a viewer in, who wants to share the screen or have it alone."""


class Viewer:
    """One connection, from the protocol's version to its end."""

    def __init__(
        self,
        display: Display,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        misbehaviour: Misbehaviour | None,
    ) -> None:
        self.changed = asyncio.Event()
        self._display = display
        self._reader = reader
        self._writer = writer
        self._misbehaviour = misbehaviour
        self._requested = asyncio.Event()
        self._shown: list[str] = []
        self._raw_mode = "BGRX"

    def cut(self) -> None:
        """Break the connection, whatever is still to be sent; `serve` returns soon after."""
        self._writer.transport.abort()

    async def serve(self) -> None:
        """Talk to the client until either side hangs up."""
        try:
            await self._log_in()
            async with asyncio.TaskGroup() as group:
                group.create_task(self._send_updates())
                while True:
                    await self._receive()
        except* (asyncio.IncompleteReadError, ConnectionError, ProtocolError):
            pass  # the client left, or is none: nothing but hanging up is to be done
        finally:
            self._writer.close()

    async def _log_in(self) -> None:
        self._writer.write(VERSION)
        if await self._reader.readexactly(len(VERSION)) != VERSION:
            raise ProtocolError("another version")
        wrong = self._misbehaviour == "wrong_security"
        kind = SECURITY_VENCRYPT if wrong else SECURITY_VNC
        self._writer.write(bytes([1, kind]))
        if (await self._reader.readexactly(1))[0] != kind or wrong:
            raise ProtocolError("another kind of security")
        challenge = os.urandom(CHALLENGE_LENGTH)
        self._writer.write(challenge)
        answer = await self._reader.readexactly(CHALLENGE_LENGTH)
        if answer != challenge_response(self._display.password, challenge):
            self._writer.write(struct.pack(">I", 1) + _text("Authentication failed"))
            raise ProtocolError("wrong password")
        self._writer.write(struct.pack(">I", 0))
        shared = (await self._reader.readexactly(1))[0] != 0
        if not self._display.admit(self, shared):
            raise ProtocolError("another viewer wants to be alone")
        size = struct.pack(">HH", WIDTH, HEIGHT)
        self._writer.write(size + _NATIVE_FORMAT + _text(self._display.name))

    async def _receive(self) -> None:
        """Read one message of the client and act on it."""
        read = self._reader.readexactly
        match (await read(1))[0]:
            case 0:
                self._raw_mode = _raw_mode(_PIXEL_FORMAT.unpack((await read(19))[3:]))
                self._shown = []
            case 2:  # encodings: raw is always among them
                (count,) = struct.unpack(">xH", await read(3))
                await read(4 * count)
            case 3:
                if not (await read(9))[0]:  # not incremental
                    self._shown = []
                self._requested.set()
            case 4:
                pressed, keysym = struct.unpack(">?2xI", await read(7))
                if pressed and (text := _key_text(keysym)):
                    self._display.type(text)
            case 5:  # pointer
                await read(5)
            case 6:  # clipboard; a negative length marks the extended form
                (length,) = struct.unpack(">3xi", await read(7))
                if abs(length) > CLIPBOARD_LIMIT:
                    raise ProtocolError("clipboard too long")
                await read(abs(length))
            case other:
                raise ProtocolError(f"message type {other}")

    async def _send_updates(self) -> None:
        """Answer each request for an update, as soon as there is something to show."""
        while True:
            await self._requested.wait()
            self._requested.clear()
            while (rows := self._display.rows()) == self._shown:
                await self._wait_for_change()
            before: list[str | None] = [*self._shown] or [None] * len(rows)
            changed = [i for i, row in enumerate(rows) if row != before[i]]
            self._shown = rows
            update = struct.pack(">BxH", 0, len(changed))
            await self._send(update + b"".join(self._rectangle(i, rows[i]) for i in changed))

    async def _wait_for_change(self) -> None:
        self.changed.clear()
        try:
            async with asyncio.timeout(_REFRESH_S):
                await self.changed.wait()
        except TimeoutError:
            pass

    def _rectangle(self, index: int, text: str) -> bytes:
        head = struct.pack(">HHHHi", 0, index * ROW_HEIGHT, WIDTH, ROW_HEIGHT, RAW_ENCODING)
        return head + draw_row(text, title=index == 0).tobytes("raw", self._raw_mode)

    async def _send(self, update: bytes) -> None:
        if self._misbehaviour == "cut_off":
            self._writer.write(update[: len(update) // 2])
            self._writer.close()
            return
        chunk = _SLOW_CHUNK if self._misbehaviour == "slow" else len(update)
        for start in range(0, len(update), chunk):
            self._writer.write(update[start : start + chunk])
            await self._writer.drain()
            if self._misbehaviour == "slow":
                await asyncio.sleep(_SLOW_PAUSE_S)


def _text(text: str) -> bytes:
    data = text.encode()
    return struct.pack(">I", len(data)) + data


def _key_text(keysym: int) -> str:
    """The character of a key, by X11's numbers: Latin-1 as it is, the rest of Unicode offset."""
    if keysym in _SPECIAL_KEYS:
        return _SPECIAL_KEYS[keysym]
    code = keysym & 0xFFFFFF
    if 0x20 <= keysym <= 0xFF or 0x1000100 <= keysym <= 0x110FFFF:
        return chr(code)
    return ""


def _raw_mode(pixel_format: tuple[int, ...]) -> str:
    """Pillow's name for a client's pixel layout, such as "BGRX"."""
    bits, _, big_endian, true_colour, *maxima, red, green, blue = pixel_format
    shifts = {red: "R", green: "G", blue: "B"}
    if bits != 32 or not true_colour or maxima != [255] * 3 or not shifts.keys() <= {0, 8, 16, 24}:
        raise ProtocolError("pixels other than four bytes")
    layout = [shifts.get(shift, "X") for shift in (0, 8, 16, 24)]
    mode = "".join(reversed(layout) if big_endian else layout)
    if mode not in ("BGRX", "RGBX", "XRGB", "XBGR"):
        raise ProtocolError(f"pixels in the order {mode}")
    return mode
