"""A leg of a console with its other end in the test's hands, over a real socket."""

import asyncio

from vmlab.proxmox.leg import Leg


class Pipe:
    """A leg and the other end of its connection, on a real socket."""

    def __init__(
        self, leg: Leg, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.leg, self.reader, self.writer = leg, reader, writer

    async def close(self) -> None:
        self.writer.transport.abort()
        self.leg.transport.abort()
        await self.leg.closed


async def pipe() -> Pipe:
    ends: asyncio.Queue[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = asyncio.Queue()

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await ends.put((reader, writer))

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    address = server.sockets[0].getsockname()
    _, leg = await asyncio.get_running_loop().create_connection(Leg, *address)
    reader, writer = await ends.get()
    server.close()
    return Pipe(leg, reader, writer)
