"""The VNC login, spoken with scripted screens."""

import pytest

from vmlab.proxmox.rfb import RfbError, log_in, vnc_response


class Screen:
    """Sends what it was given, keeps what it gets."""

    def __init__(self, *pieces: bytes) -> None:
        self.coming = b"".join(pieces)
        self.got: list[bytes] = []

    async def take(self, size: int) -> bytes:
        if len(self.coming) < size:
            raise ConnectionError("hung up")
        taken, self.coming = self.coming[:size], self.coming[size:]
        return taken

    def send(self, payload: bytes) -> None:
        self.got.append(payload)


VERSION = b"RFB 003.008\n"
CHALLENGE = bytes(range(16))
OK = bytes(4)


def text(words: str) -> bytes:
    return len(words).to_bytes(4, "big") + words.encode()


def test_the_response_that_other_clients_give():
    """Computed with OpenSSL's DES: the key is the password with the bits of each byte reversed."""
    assert vnc_response("password", CHALLENGE) == bytes.fromhex("b866924125c8eebb9debc1db61c538e2")


def test_only_eight_bytes_of_a_password_count():
    assert vnc_response("12345678rest", CHALLENGE) == vnc_response("12345678", CHALLENGE)
    assert vnc_response("1234567", CHALLENGE) != vnc_response("12345678", CHALLENGE)


async def test_login_with_a_password():
    screen = Screen(VERSION, b"\x02\x01\x02", CHALLENGE, OK, b"ServerInit")
    await log_in(screen, "secret12")
    response = vnc_response("secret12", CHALLENGE)
    assert screen.got == [VERSION, b"\x02", response, b"\x01"]
    assert screen.coming == b"ServerInit"


async def test_login_where_none_is_wanted():
    screen = Screen(VERSION, b"\x01\x01", OK)
    await log_in(screen, "secret12")
    assert screen.got == [VERSION, b"\x01", b"\x01"]


@pytest.mark.parametrize(
    ("pieces", "words"),
    [
        ([b"HTTP/1.1 200"], "does not speak RFB"),
        ([VERSION, b"\x00", text("Too many security failures")], "Too many security failures"),
        ([VERSION, b"\x01\x13"], r"security of the types \[19\]"),
        (
            [VERSION, b"\x01\x02", CHALLENGE, b"\0\0\0\1", text("Authentication failed")],
            "Authentication failed",
        ),
    ],
)
async def test_a_screen_that_refuses(pieces: list[bytes], words: str):
    with pytest.raises(RfbError, match=words):
        await log_in(Screen(*pieces), "secret12")


async def test_a_screen_that_hangs_up():
    with pytest.raises(ConnectionError, match="hung up"):
        await log_in(Screen(VERSION, b"\x01"), "secret12")
