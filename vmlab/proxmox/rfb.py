"""The beginning of RFB, VNC's protocol, on the side that looks at a screen (RFC 6143, section 7.1).

VMLab logs in at the guest's screen itself, so that neither the password nor Proxmox's ticket ever
reaches a browser.
"""

from __future__ import annotations

from typing import Protocol

from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers import Cipher, modes

VERSION = b"RFB 003.008\n"
SECURITY_NONE = 1
SECURITY_VNC = 2
# ClientInit: others may look on. Without it QEMU throws out everybody who is there already.
SHARED = b"\x01"

_TEXT_LIMIT = 4096


class RfbError(ConnectionError):
    """The screen does not speak RFB, or does not let us in."""


class WrongPassword(RfbError):
    """The screen has another password by now."""


class Stream(Protocol):
    """What the login is spoken over."""

    async def take(self, size: int) -> bytes:
        """Read exactly so many bytes."""

    def send(self, payload: bytes) -> None:
        """Write."""


def vnc_response(password: str, challenge: bytes) -> bytes:
    """Answer the 16 bytes of a VNC challenge: DES, with each byte of the key turned round.

    Args:
        password: only its first eight bytes count.
    """
    padded = password.encode("latin-1")[:8].ljust(8, b"\0")
    key = bytes(int(f"{byte:08b}"[::-1], 2) for byte in padded)
    # DES is triple DES with three times the same key.
    encryptor = Cipher(TripleDES(key * 3), modes.ECB()).encryptor()  # noqa: S305
    return encryptor.update(challenge) + encryptor.finalize()


async def log_in(stream: Stream, password: str) -> None:
    """Exchange version and security, authenticate, and ask to share the screen.

    What comes next from the screen is its ServerInit.

    Raises:
        WrongPassword: it does not know the password.
        RfbError: it refuses.
        ConnectionError: it hung up.
    """
    version = await stream.take(len(VERSION))
    if not version.startswith(b"RFB 003."):
        raise RfbError("the screen does not speak RFB 3")
    stream.send(VERSION)
    count = (await stream.take(1))[0]
    if count == 0:
        raise RfbError(await _reason(stream))
    offered = await stream.take(count)
    if SECURITY_VNC in offered:
        stream.send(bytes([SECURITY_VNC]))
        stream.send(vnc_response(password, await stream.take(16)))
    elif SECURITY_NONE in offered:
        stream.send(bytes([SECURITY_NONE]))
    else:
        raise RfbError(f"the screen wants security of the types {list(offered)}")
    if await _number(stream) != 0:
        raise WrongPassword(await _reason(stream))
    stream.send(SHARED)


async def _number(stream: Stream) -> int:
    return int.from_bytes(await stream.take(4), "big")


async def _reason(stream: Stream) -> str:
    size = min(await _number(stream), _TEXT_LIMIT)
    return (await stream.take(size)).decode("latin-1")
