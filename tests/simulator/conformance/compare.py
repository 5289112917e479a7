"""Whether an answer is the recorded one, but for what differs from one cluster to the next.

`stage` calls `compare` for each recording that it replays. What must agree: status, reason phrase,
the headers that clients act on, an empty body or the same sort of body, error texts, and the shape
of `data`; ids, numbers and sizes may differ.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from tests.simulator.conformance.recordings import Recording
from tests.simulator.conformance.shapes import Shape, differences, shape_of

_HEADERS = ("Connection", "Content-Type")
_WORDS = frozenset({"status", "qmpstatus", "exitstatus", "lock", "type", "template", "hasFeature"})
_UPID = re.compile(
    r"UPID:[^:]+:[0-9A-F]{8,9}:[0-9A-F]{8,9}:[0-9A-F]{8}:(\w[\w-]*):([^:]*):([^:]*):"
)


@dataclass(frozen=True)
class Answer:
    """An HTTP response as it came: the reason phrase and the exact body are part of the contract.

    `body` is the decoded JSON if `Content-Type` says JSON, else the text.
    """

    status: int
    reason: str
    headers: Mapping[str, str]
    body: Any

    @property
    def data(self) -> Any:
        """The `data` of a JSON body."""
        return self.body["data"]


def mask(text: str) -> str:
    """`text` with UPIDs reduced to type, presence of an id and user, and numbers taken out."""
    text = _UPID.sub(lambda m: f"UPID of {m[1]}{' with id' if m[2] else ''} by {m[3]}", text)
    text = re.sub(r"\b[0-9a-f]{40,64}\b|\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", "ID", text)
    return re.sub(r"\d+", "N", text)


def compare(recording: Recording, answer: Answer, peers: Sequence[Recording]) -> list[str]:
    """The differences between `answer` and `recording`, one line each; empty if they agree.

    `peers` are the recordings that ask the same; see `shapes.differences` for what they allow.
    """
    return [
        *_line_differences(recording, answer),
        *_body_differences(recording, answer, peers),
    ]


def _line_differences(recording: Recording, answer: Answer) -> Iterator[str]:
    if answer.status != recording.status:
        yield f"status: {answer.status} instead of {recording.status}"
    if mask(answer.reason) != mask(recording.reason):
        yield f"reason: {answer.reason!r} instead of {recording.reason!r}"
    for name in _HEADERS:
        got, wanted = answer.headers.get(name), recording.headers.get(name)
        if got != wanted:
            yield f"{name}: {got!r} instead of {wanted!r}"


def _body_differences(
    recording: Recording, answer: Answer, peers: Sequence[Recording]
) -> Iterator[str]:
    wanted, got = recording.body, answer.body
    if isinstance(wanted, str) or isinstance(got, str):
        if wanted != got:
            yield f"body: {got!r:.200} instead of {wanted!r:.200}"
        return
    if set(got) != set(wanted):
        yield f"body: keys {sorted(got)} instead of {sorted(wanted)}"
        return
    for key in sorted(set(wanted) - {"data", "total"}):
        yield from _text_differences(key, wanted[key], got[key])
    for key in sorted({"data", "total"} & set(wanted)):
        shapes = [_shape(peer, key) for peer in peers if key in peer.body]
        yield from differences(key, _shape(recording, key), shape_of([got[key]]), shapes)
    yield from _word_differences(wanted["data"], got["data"])


@cache
def _shape(recording: Recording, key: str) -> Shape:
    return shape_of([recording.body[key]])


def _text_differences(where: str, wanted: Any, got: Any) -> Iterator[str]:
    """Compare error texts, which must be the same but for numbers."""
    if isinstance(wanted, dict) and isinstance(got, dict):
        for key in sorted({*wanted, *got}):
            yield from _text_differences(f"{where}.{key}", wanted.get(key), got.get(key))
    elif _masked(wanted) != _masked(got):
        yield f"{where}: {got!r} instead of {wanted!r}"


def _word_differences(wanted: Any, got: Any) -> Iterator[str]:
    """Compare the few values that are words of the protocol: states, results, UPIDs' types."""
    if isinstance(wanted, dict) and isinstance(got, dict):
        for key in sorted(_WORDS & set(wanted) & set(got)):
            yield from _text_differences(f"data.{key}", wanted[key], got[key])
    elif isinstance(wanted, str) and isinstance(got, str) and _UPID.fullmatch(wanted):
        yield from _text_differences("data", wanted, got)
    elif (end := _last_line(wanted)).startswith("TASK "):
        yield from _text_differences("data[-1].t", end, _last_line(got))


def _last_line(rows: Any) -> str:
    """The last line of a task's log; empty for anything else."""
    last = rows[-1] if isinstance(rows, list) and rows else {}
    text = last.get("t", "") if isinstance(last, dict) else ""
    return text if isinstance(text, str) else ""


def _masked(value: Any) -> Any:
    return mask(value) if isinstance(value, str) else value
