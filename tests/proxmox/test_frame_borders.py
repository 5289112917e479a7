"""Borders in a copied stream: found wherever it is cut, and what breaks the agreement refused."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vmlab.proxmox.frame_borders import FrameBorders
from vmlab.proxmox.websocket_frames import BINARY, CONTINUATION, PING, FrameError, frame

LIMIT = 1 << 20
SIZES = st.sampled_from([0, 1, 125, 126, 127, 1000, 65_535, 65_536, 70_000])


def fragments(sizes: list[int]) -> bytes:
    """One message in parts, with a ping between them."""
    opcodes = [BINARY, *[CONTINUATION] * (len(sizes) - 1)]
    parts = [
        frame(bytes(size), mask=False, opcode=opcode)
        for size, opcode in zip(sizes, opcodes, strict=True)
    ]
    open_ended = [bytes([part[0] & 0x7F]) + part[1:] for part in parts[:-1]]
    ping = frame(b"here?", mask=False, opcode=PING)
    return ping.join([*open_ended, parts[-1]])


MESSAGES = st.one_of(
    SIZES.map(lambda size: frame(bytes(size), mask=False)),
    st.lists(SIZES, min_size=2, max_size=4).map(fragments),
)


@settings(deadline=None)
@given(st.lists(MESSAGES, min_size=1, max_size=6), st.lists(st.floats(0, 1), max_size=20))
def test_wherever_it_is_cut(messages: list[bytes], cuts: list[float]):
    stream = b"".join(messages)
    ends = {sum(map(len, messages[: i + 1])) for i in range(len(messages))}
    borders, start = FrameBorders(limit_bytes=LIMIT), 0
    for end in sorted({*(round(cut * len(stream)) for cut in cuts), len(stream)} - {0}):
        found = borders.feed(stream[start:end])
        passed = [place for place in ends | {0} if start <= place <= end]
        after = [place for place in passed if place > start]
        if after:
            assert found == max(after) - start
        elif found is not None:
            assert start + found in passed
        assert borders.between == (end in ends)
        start = end
    assert borders.left == 0


@pytest.mark.parametrize(
    "head",
    [
        b"\xc2\x01x",  # an extension
        b"\x82\x81keys",  # masked
        b"\x82\x7f" + (LIMIT + 1).to_bytes(8, "big"),
        b"\x82\x7f" + b"\xff" * 8,
    ],
)
def test_what_was_not_agreed_on(head: bytes):
    whole = frame(b"x", mask=False)
    for stream in (head, whole + head):
        with pytest.raises(FrameError):
            FrameBorders(limit_bytes=LIMIT).feed(stream)


def test_what_is_missing_of_a_frame_is_known():
    borders = FrameBorders(limit_bytes=LIMIT)
    borders.feed(frame(bytes(1000), mask=False)[:-300])
    assert (borders.left, borders.between, borders.in_head) == (300, False, False)
    borders.feed(bytes(300) + b"\x82")
    assert (borders.left, borders.between, borders.in_head) == (0, False, True)
    assert borders.messages == 1


@pytest.mark.parametrize("size", [5, 126, 65_536])
def test_a_head_that_comes_byte_by_byte(size: int):
    stream, borders = frame(bytes(size), mask=False), FrameBorders(limit_bytes=LIMIT)
    for byte in stream[:12]:
        borders.feed(bytes([byte]))
    borders.feed(stream[12:])
    assert (borders.messages, borders.between) == (1, True)
