"""Talks to the guest agent inside a real guest, over the socket behind its virtio-serial port."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
from pathlib import Path
from typing import Any

ANSWERS_WITHIN_S = 3.0
LINE_LIMIT = 16 * 1024 * 1024
"""What one answer may have: a file's content in base 64."""


class AgentError(Exception):
    """The agent refused; the text is its own."""


class AgentSilent(Exception):
    """No agent answers: none is installed, or it is not up yet."""


class Agent:
    """One connection to a guest's agent, for as long as the machine is on."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = asyncio.Lock()
        self._ids = itertools.count(1)
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self._synchronous = False

    async def execute(self, command: str, **arguments: Any) -> Any:
        """Run one of the agent's commands and return its result.

        Raises:
            AgentError: the agent's own complaint.
            AgentSilent: no answer within three seconds.
        """
        try:
            async with asyncio.timeout(ANSWERS_WITHIN_S), self._lock:
                await self._synchronise()
                answer = await self._ask(command, arguments)
        except (TimeoutError, OSError, ValueError) as error:
            self._synchronous = False
            raise AgentSilent from error
        if "error" in answer:
            raise AgentError(answer["error"]["desc"])
        return answer["return"]

    async def answers(self) -> bool:
        """Whether it answers a ping."""
        try:
            await self.execute("guest-ping")
        except (AgentError, AgentSilent):
            return False
        return True

    async def tell(self, command: str, **arguments: Any) -> None:
        """Send a command that is not answered if it succeeds, such as guest-shutdown."""
        with contextlib.suppress(TimeoutError, OSError, ValueError):
            async with asyncio.timeout(ANSWERS_WITHIN_S), self._lock:
                await self._synchronise()
                self._send(command, arguments)
        self._synchronous = False

    def rebooted(self) -> None:
        """Trust nothing that was under way: the system inside begins anew."""
        self._synchronous = False

    def close(self) -> None:
        """Hang up."""
        if self._streams:
            self._streams[1].close()
            self._streams = None

    async def _synchronise(self) -> None:
        """Pass over what an earlier question is answered late."""
        if self._streams is None:
            self._streams = await asyncio.open_unix_connection(self._path, limit=LINE_LIMIT)
        if self._synchronous:
            return
        number = next(self._ids)
        answer = await self._ask("guest-sync", {"id": number})
        while answer.get("return") != number:
            answer = await self._line()
        self._synchronous = True

    async def _ask(self, command: str, arguments: dict[str, Any]) -> dict[str, Any]:
        self._send(command, arguments)
        return await self._line()

    def _send(self, command: str, arguments: dict[str, Any]) -> None:
        assert self._streams is not None
        request = {"execute": command, "arguments": arguments}
        self._streams[1].write(json.dumps(request).encode() + b"\n")

    async def _line(self) -> dict[str, Any]:
        assert self._streams is not None
        line = await self._streams[0].readline()
        if not line:
            raise ConnectionError("the machine went off")
        answer: dict[str, Any] = json.loads(line)
        return answer
