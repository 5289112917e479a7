"""WebSocket frames: examples of RFC 6455, and any message cut anywhere."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vmlab.proxmox.websocket_frames import (
    BINARY,
    PING,
    TEXT,
    FrameError,
    FrameReader,
    accept_key,
    frame,
    masked,
)

LIMIT = 1 << 20


def test_the_rfc_own_key():
    assert accept_key(b"dGhlIHNhbXBsZSBub25jZQ==") == b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo="


def test_the_rfc_own_frames():
    """RFC 6455, section 5.7."""
    unmasked = bytes.fromhex("810548656c6c6f")
    assert FrameReader(mask=False, limit_bytes=LIMIT).feed(unmasked) == [(TEXT, b"Hello")]
    assert frame(b"Hello", mask=False, opcode=TEXT) == unmasked
    from_client = bytes.fromhex("818537fa213d7f9f4d5158")
    assert FrameReader(mask=True, limit_bytes=LIMIT).feed(from_client) == [(TEXT, b"Hello")]
    ping = bytes.fromhex("890548656c6c6f")
    assert frame(b"Hello", mask=False, opcode=PING) == ping


@pytest.mark.parametrize("size", [0, 1, 63, 64, 65, 125, 126, 127, 65535, 65536, 70001])
@pytest.mark.parametrize("mask", [True, False])
def test_every_length_there_and_back(size: int, mask: bool):
    payload = bytes(i * 7 & 0xFF for i in range(size))
    reader = FrameReader(mask=mask, limit_bytes=LIMIT)
    assert reader.feed(frame(payload, mask=mask)) == [(BINARY, payload)]
    assert not reader.rest


@given(
    payloads=st.lists(st.binary(max_size=300), max_size=5),
    cuts=st.lists(st.integers(min_value=1, max_value=40), min_size=1),
    mask=st.booleans(),
)
def test_frames_cut_anywhere(payloads: list[bytes], cuts: list[int], mask: bool):
    stream = b"".join(frame(payload, mask=mask) for payload in payloads)
    reader, found, at = FrameReader(mask=mask, limit_bytes=LIMIT), [], 0
    for i in range(len(stream) + 1):
        if at >= len(stream):
            break
        step = cuts[i % len(cuts)]
        found += reader.feed(stream[at : at + step])
        at += step
    assert found == [(BINARY, payload) for payload in payloads]


@given(payload=st.binary(max_size=400), key=st.binary(min_size=4, max_size=4))
def test_a_mask_taken_off_again(payload: bytes, key: bytes):
    assert masked(masked(payload, key), key) == payload
    assert masked(payload, key) == bytes(b ^ key[i % 4] for i, b in enumerate(payload))


def test_an_unfinished_frame_is_kept():
    reader = FrameReader(mask=False, limit_bytes=LIMIT)
    assert reader.feed(b"\x82\x05Hel") == []
    assert bytes(reader.rest) == b"\x82\x05Hel"
    assert reader.feed(b"lo") == [(BINARY, b"Hello")]


@pytest.mark.parametrize(
    ("mask", "data"),
    [
        (False, frame(b"x", mask=True)),
        (True, frame(b"x", mask=False)),
        (False, b"\xc2\x01x"),
        (False, frame(b"x" * 2000, mask=False)),
        (False, b"\x82\x7f\xff\xff\xff\xff\xff\xff\xff\xff"),
    ],
    ids=["masked", "not masked", "extension", "too long", "absurdly long"],
)
def test_what_was_not_agreed_on(mask: bool, data: bytes):
    with pytest.raises(FrameError):
        FrameReader(mask=mask, limit_bytes=1000).feed(data)
