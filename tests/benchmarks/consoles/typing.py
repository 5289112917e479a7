"""Many viewers at once, each of whom types and waits for the picture: the time that it takes."""

from __future__ import annotations

import contextlib
import selectors
import ssl
import struct
import time
from collections import deque
from dataclasses import dataclass, field

from tests.benchmarks.consoles.viewer import READ_BYTES, Viewer
from tests.benchmarks.consoles.wire import SHOWN_BYTES, TYPED_BYTES

PER_SECOND = 30
"""Messages of each viewer."""
TYPED = struct.pack(">BBHI", 4, 1, 0, 0x61) + struct.pack(">BBHI", 4, 0, 0, 0x61)
assert len(TYPED) == TYPED_BYTES


@dataclass
class Typist:
    """Somebody at a screen that echoes from now on."""

    viewer: Viewer
    due: deque[float] = field(default_factory=deque)
    """When each message was due whose answer is not there yet."""
    shown_bytes: int = 0

    def __post_init__(self) -> None:
        self.viewer.type()
        self.viewer.socket.setblocking(False)


def round_trips(typists: list[Typist], seconds: float) -> list[float]:
    """Let all type for a while.

    Returns:
        Seconds from the moment at which a message was due, whether or not it could be sent by
        then, until its answer was there, for every message.
    """
    selector = selectors.DefaultSelector()
    for typist in typists:
        selector.register(typist.viewer.socket, selectors.EVENT_READ, typist)
    # One frame for all: the mask may be any, and to make it costs more than to send it.
    messages = {id(typist): typist.viewer.wrap(TYPED) for typist in typists}
    step_s = 1 / (PER_SECOND * len(typists))
    took: list[float] = []
    began = time.perf_counter()
    total, sent = int(seconds / step_s), 0
    give_up = began + seconds + 30
    while len(took) < total:
        now = time.perf_counter()
        while sent < total and began + sent * step_s <= now:
            typist = typists[sent % len(typists)]
            typist.due.append(began + sent * step_s)
            typist.viewer.socket.send(messages[id(typist)])
            sent += 1
        wait = began + sent * step_s - time.perf_counter() if sent < total else 1.0
        for key, _ in selector.select(max(0.0, wait)):
            took += _answers(key.data)
        assert time.perf_counter() < give_up, f"{total - len(took)} answers are missing"
    selector.close()
    return took


def _answers(typist: Typist) -> list[float]:
    with contextlib.suppress(BlockingIOError, ssl.SSLWantReadError):
        while data := typist.viewer.socket.recv(READ_BYTES):
            typist.shown_bytes += typist.viewer.counter.feed(data)
    answers, typist.shown_bytes = divmod(typist.shown_bytes, SHOWN_BYTES)
    now = time.perf_counter()
    return [now - typist.due.popleft() for _ in range(answers)]
