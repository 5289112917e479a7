"""RFB out of WebSocket frames, piece by piece, as long as a handshake is played on a leg.

Both ends of a console begin with it: the screen's (`vmlab.proxmox.console`) and the browser's.
Afterwards `reader` goes on with whatever of a frame has come already.
"""

from __future__ import annotations

from vmlab.proxmox.leg import Leg
from vmlab.proxmox.websocket_frames import CLOSE, PING, PONG, FrameReader, frame


class Payloads:
    """What the frames carry, joined: the borders of messages mean nothing in RFB.

    Attributes:
        reader: cuts frames; after the handshake somebody else goes on with it.
        left: what has come beyond what was taken.
    """

    def __init__(self, leg: Leg, *, from_browser: bool, limit_bytes: int) -> None:
        """Read from this leg.

        Args:
            from_browser: a browser masks what it sends, a server does not.
            limit_bytes: a longer frame ends the connection.
        """
        self.reader = FrameReader(mask=from_browser, limit_bytes=limit_bytes)
        self.left = bytearray()
        self._leg = leg
        self._masks_answers = not from_browser

    async def take(self, size: int) -> bytes:
        """Take exactly so many bytes; pings are answered on the way.

        Raises:
            ConnectionError: the other end hung up.
        """
        while len(self.left) < size:
            while not self._leg.pending:
                await self._leg.more()
            for opcode, payload in self.reader.feed(self._leg.take()):
                if opcode == CLOSE:
                    raise ConnectionError("the other end closed the connection")
                if opcode == PING:
                    self._leg.write(frame(payload, mask=self._masks_answers, opcode=PONG))
                elif opcode != PONG:
                    self.left += payload
        taken = bytes(self.left[:size])
        del self.left[:size]
        return taken
