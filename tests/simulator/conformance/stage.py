"""A simulated one-node cluster on which recordings are replayed and judged.

The scenes drive it: set-ups by `admin`, recorded exchanges by `replay`. Its clock stands still
unless an exchange or a worker task needs it to move, so what is under way stays under way.
"""

from __future__ import annotations

import asyncio
import re
import ssl
from collections.abc import AsyncIterator, Awaitable, Iterator, Mapping
from contextlib import asynccontextmanager
from itertools import chain, repeat
from typing import Any, TypeVar
from urllib.parse import quote, urlencode

from tests.simulator.conformance.compare import Answer, compare
from tests.simulator.conformance.recordings import VERSIONS, Recording, peers, recordings
from tests.simulator.conformance.wire import Wire
from vmlab.simulator import Clock, Simulator

T = TypeVar("T")

PASSWORD = "correct horse battery"
FORM = "application/x-www-form-urlencoded"
NODE = "pve1"
# Half a minute past an hour: no scene crosses the end of a curve's row by chance.
_BEGINNING_S = 1_795_327_230.0
# A request that has no answer by then, in the machine's time, waits for the cluster's clock.
_PATIENCE_S = 0.5
_LATER_PATIENCE_S = 0.05


class Stage:
    """A running simulator, those who talk to it, and the verdicts so far.

    `verdicts` has the differences found, by the name of the recording; none: it agrees.
    """

    def __init__(self, version: str, simulator: Simulator) -> None:
        self.version = version
        self.simulator = simulator
        self.verdicts: dict[str, list[str]] = {}
        self.secrets: dict[str, str] = {}
        self.ticket = ""
        self.csrf_token = ""
        tls = ssl.create_default_context(cafile=str(simulator.ca_path))
        self._wire = Wire(simulator.hosts[0], tls)

    async def close(self) -> None:
        """Hang up."""
        await self._wire.close()

    async def replay(
        self,
        *names: str,
        vmid: int | None = None,
        upid: str | None = None,
        pid: int | None = None,
        sent: Mapping[str, Any] | bytes | None = None,
        headers: Mapping[str, str] | None = None,
        wait: bool = True,
    ) -> Answer:
        """Send what was recorded under `names`, judge the answers, return the last.

        A name that only the other version has is sent but not judged, so that a scene is the same
        for both.

        Args:
            names: of recordings.
            vmid: replaces the VMID in the recorded path.
            upid: replaces the UPID in the recorded path.
            pid: replaces the process in the recorded query.
            sent: replaces the recorded body, which is only hinted at where it was long or secret;
                a mapping holds the fields of a form.
            headers: replace the identity that was recorded.
            wait: whether to wait for the worker task that an answer names, and judge its end, too.
        """
        for name in names:
            recording = self._recording(name)
            target = _retarget(recording.target, vmid, upid, pid)
            who = self.identify(recording) if headers is None else headers
            body = _content(recording.sent if sent is None else sent)
            typed = {"Content-Type": recording.content_type} if recording.content_type else {}
            answer = await self._ask(recording.method, target, {**who, **typed}, body)
            self._judge(name, answer)
            if wait and (worker := _upid(answer)):
                await self.finish(worker)
                await self._replay_end(name, worker)
        return answer

    async def replay_only(self, version: str, *names: str, vmid: int | None = None) -> None:
        """`replay`, if the stage is of that version: the other's recordings began otherwise."""
        if self.version == version:
            await self.replay(*names, vmid=vmid)

    async def _replay_end(self, name: str, upid: str) -> None:
        for suffix in ("-task-status", "-task-log"):
            if f"{name}{suffix}" in recordings(self.version):
                await self.replay(f"{name}{suffix}", upid=upid)

    async def ask(
        self, method: str, path: str, /, who: str = "root@pam!vmlab", **params: Any
    ) -> Answer:
        """A call with the token `who`, unjudged; `path` is below /api2/json."""
        content = urlencode(params, doseq=True)
        headers = {**self.token(who), "Content-Type": FORM}
        if method in ("GET", "DELETE"):
            return await self._ask(method, f"/api2/json{path}?{content}".rstrip("?"), headers, b"")
        return await self._ask(method, f"/api2/json{path}", headers, content.encode())

    async def admin(self, method: str, path: str, /, **params: Any) -> Any:
        """What an administrator does to set things up: `ask`, then wait for the task it names.

        Raises:
            AssertionError: it is refused or its task fails; then the scene makes no sense.
        """
        answer = await self.ask(method, path, **params)
        assert answer.status == 200, (method, path, params, answer)
        if worker := _upid(answer):
            status = await self.finish(worker)
            assert status == "OK" or status.startswith("WARNINGS"), (method, path, params, status)
        return answer.data

    async def finish(self, upid: str) -> str:
        """Let time pass until the worker task has ended; its exit status."""
        job = self.simulator.jobs.find(upid)
        assert job is not None, upid
        for tick_s in _ticks():
            if job.status is not None:
                break
            await self.advance(tick_s)
        return job.status or ""

    async def passing(self, work: Awaitable[T]) -> T:
        """Await `work`, moving the cluster's clock only while it does not end by itself."""
        task = asyncio.ensure_future(work)
        done, _ = await asyncio.wait({task}, timeout=_PATIENCE_S)
        ticks = _ticks()
        while not done:
            await self.advance(next(ticks))
            done, _ = await asyncio.wait({task}, timeout=_LATER_PATIENCE_S)
        return task.result()

    async def advance(self, seconds: float) -> None:
        """Let `seconds` of the cluster's time pass."""
        await self.simulator.clock.advance(seconds)

    def identify(self, recording: Recording) -> dict[str, str]:
        """The headers that make a request that of the one who made the recorded one."""
        if recording.identity is None:
            return {}
        if recording.identity == "ticket cookie":
            cookie = {"Cookie": f"PVEAuthCookie={quote(self.ticket, safe='')}"}
            return {**cookie, "CSRFPreventionToken": self.csrf_token} if recording.csrf else cookie
        return self.token(recording.identity)

    def token(self, identity: str) -> dict[str, str]:
        """The headers of an API token, by its full name."""
        return {"Authorization": f"PVEAPIToken={identity}={self.secrets[identity]}"}

    async def _ask(
        self, method: str, target: str, headers: Mapping[str, str], content: bytes
    ) -> Answer:
        return await self.passing(self._wire.send(method, target, headers, content))

    def _recording(self, name: str) -> Recording:
        return next(recordings(v)[name] for v in (self.version, *VERSIONS) if name in recordings(v))

    def _judge(self, name: str, answer: Answer) -> None:
        recording = recordings(self.version).get(name)
        if recording is not None:
            alike = peers(self.version, recording)
            self.verdicts.setdefault(name, []).extend(compare(recording, answer, alike))


@asynccontextmanager
async def stage(version: str) -> AsyncIterator[Stage]:
    """A stage with a one-node cluster without guests, as the recordings began with."""
    simulator = Simulator(
        version=version,
        nodes=(NODE,),
        clock=Clock(explicit=True, start=_BEGINNING_S),
        auth_delay_s=0,
        guests="synthetic",
        seed=False,
    )
    async with simulator:
        made = Stage(version, simulator)
        try:
            yield made
        finally:
            await made.close()


def _ticks() -> Iterator[float]:
    """Steps of time while something is waited for: small ones first, to be near its end."""
    return chain(repeat(0.25, 12), repeat(2.0))


def _retarget(target: str, vmid: int | None, upid: str | None, pid: int | None) -> str:
    if vmid is not None:
        target = re.sub(r"(/qemu/)\d+", rf"\g<1>{vmid}", target)
    if upid is not None:
        target = re.sub(r"UPID(:|%3A)[^/]*", lambda _: quote(upid, safe=""), target)
    if pid is not None:
        target = re.sub(r"pid=\d+", f"pid={pid}", target)
    return target


def _content(body: str | Mapping[str, Any] | bytes | None) -> bytes:
    if body is None:
        return b""
    if isinstance(body, Mapping):
        body = urlencode(body, doseq=True)
    return body.encode() if isinstance(body, str) else body


def _upid(answer: Answer) -> str | None:
    data = answer.body.get("data") if isinstance(answer.body, dict) else None
    return data if isinstance(data, str) and data.startswith("UPID:") else None
