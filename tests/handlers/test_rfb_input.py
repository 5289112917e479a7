"""The filter of what a browser sends to a screen: sizes, view-only, and what is no RFB."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vmlab.handlers.rfb_input import CLIPBOARD_LIMIT_BYTES, InputError, InputFilter

KEY = struct.pack(">BBHI", 4, 1, 0, 0x61)
POINTER = struct.pack(">BBHH", 5, 1, 10, 20)
CLIPBOARD = struct.pack(">BxxxI", 6, 5) + b"hello"
EXTENDED_CLIPBOARD = struct.pack(">Bxxxi", 6, -8) + b"\x01\0\0\x01abcd"
QEMU_KEY = struct.pack(">BBHII", 255, 0, 1, 0x61, 30)
SET_SIZE = struct.pack(">BxHHBx", 251, 800, 600, 1) + bytes(16)
POWER = bytes([250, 0, 1, 2])
INPUTS = [KEY, POINTER, CLIPBOARD, EXTENDED_CLIPBOARD, QEMU_KEY, SET_SIZE, POWER]

PIXEL_FORMAT = bytes(20)
ENCODINGS = struct.pack(">BxHii", 2, 2, 0, 7)
UPDATE = struct.pack(">BBHHHH", 3, 1, 0, 0, 640, 480)
CONTINUOUS = struct.pack(">BBHHHH", 150, 1, 0, 0, 640, 480)
FENCE = struct.pack(">BxxxIB", 248, 0, 3) + b"abc"
AUDIO_OFF = struct.pack(">BBH", 255, 1, 1)
AUDIO_FORMAT = struct.pack(">BBHBBI", 255, 1, 2, 0, 2, 44100)
HARMLESS = [PIXEL_FORMAT, ENCODINGS, UPDATE, CONTINUOUS, FENCE]


@pytest.mark.parametrize("message", [*INPUTS, *HARMLESS, AUDIO_OFF, AUDIO_FORMAT])
def test_a_user_in_control_sends_every_message_whole(message: bytes):
    assert InputFilter(view_only=False).feed(message) == message


@pytest.mark.parametrize("message", INPUTS)
def test_a_watcher_touches_nothing(message: bytes):
    watcher = InputFilter(view_only=True)
    assert watcher.feed(UPDATE + message + UPDATE) == UPDATE + UPDATE
    assert (watcher.passed, watcher.dropped) == (0, 1)


@pytest.mark.parametrize("message", HARMLESS)
def test_a_watcher_may_ask_for_the_picture(message: bytes):
    assert InputFilter(view_only=True).feed(message) == message


@pytest.mark.parametrize("view_only", [False, True])
def test_many_keys_at_once_are_as_many_messages(view_only: bool):
    keys = InputFilter(view_only=view_only)
    passed = keys.feed(KEY * 300 + POINTER + UPDATE + KEY * 2 + KEY[:3])
    assert passed == (UPDATE if view_only else KEY * 300 + POINTER + UPDATE + KEY * 2)
    assert (keys.passed, keys.dropped) == ((0, 303) if view_only else (303, 0))


@given(st.lists(st.sampled_from([*INPUTS, *HARMLESS]), max_size=12), st.data(), st.booleans())
def test_where_the_stream_is_cut_makes_no_difference(
    messages: list[bytes], data: st.DataObject, view_only: bool
):
    stream = b"".join(messages)
    whole = InputFilter(view_only=view_only)
    expected = whole.feed(stream)
    cut = InputFilter(view_only=view_only)
    passed, start = b"", 0
    while start < len(stream):
        end = data.draw(st.integers(start + 1, len(stream)))
        passed += cut.feed(stream[start:end])
        start = end
    assert passed == expected
    assert (cut.passed, cut.dropped) == (whole.passed, whole.dropped)
    if not view_only:
        assert passed == stream


@given(st.binary(max_size=200))
def test_garbage_is_refused_or_waited_for_but_never_another_fault(noise: bytes):
    watcher = InputFilter(view_only=True)
    try:
        passed = watcher.feed(noise)
    except InputError:
        return
    assert not passed or passed[0] in (0, 2, 3, 150, 248)


@pytest.mark.parametrize(
    "message",
    [
        b"\x63",
        struct.pack(">BxxxI", 6, CLIPBOARD_LIMIT_BYTES + 1),
        struct.pack(">Bxxxi", 6, -CLIPBOARD_LIMIT_BYTES - 1),
        bytes([255, 9]),
    ],
)
def test_what_is_no_message_ends_it(message: bytes):
    with pytest.raises(InputError):
        InputFilter(view_only=False).feed(message)
