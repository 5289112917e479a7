"""A client for QMP, QEMU's control protocol: commands one at a time, events passed over."""

import asyncio
import json
from collections import deque
from typing import Any, Self


class QmpError(Exception):
    """QEMU refused a command, or went away before it answered."""


class Qmp:
    """One connection to a QEMU's control socket. Made by `open`; ends when QEMU exits."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._waiting: deque[asyncio.Future[Any]] = deque()
        self._listener: asyncio.Task[None] | None = None

    @classmethod
    async def open(cls, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Self:
        """Wait for QEMU's greeting and agree on capabilities. Raises QmpError if QEMU dies."""
        qmp = cls(reader, writer)
        if not await reader.readline():
            writer.close()
            raise QmpError("QEMU exited before it could be controlled")
        qmp._listener = asyncio.create_task(qmp._listen())
        await qmp.execute("qmp_capabilities")
        return qmp

    async def execute(self, command: str, **arguments: Any) -> Any:
        """Run a command and return its result. Raises QmpError with QEMU's own words."""
        if self._listener is None or self._listener.done():
            raise QmpError("QEMU has exited")
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting.append(answer)
        request = {"execute": command, "arguments": arguments}
        self._writer.write(json.dumps(request).encode() + b"\n")
        return await answer

    async def close(self) -> None:
        """Hang up. QEMU goes on running."""
        self._writer.close()
        if self._listener is not None:
            await self._listener

    async def _listen(self) -> None:
        # QEMU answers in the order of the commands; lines with "event" come in between.
        try:
            while line := await self._reader.readline():
                message = json.loads(line)
                if "event" not in message:
                    self._settle(self._waiting.popleft(), message)
        except ConnectionError:
            pass
        finally:
            for answer in self._waiting:
                if not answer.done():
                    answer.set_exception(QmpError("QEMU has exited"))
            self._waiting.clear()

    @staticmethod
    def _settle(answer: asyncio.Future[Any], message: dict[str, Any]) -> None:
        if answer.done():  # whoever asked has been cancelled meanwhile
            return
        if "error" in message:
            answer.set_exception(QmpError(message["error"]["desc"]))
        else:
            answer.set_result(message["return"])
