"""A desk to try consoles at: a simulator with a running guest, and clients of its consoles."""

import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import quote

import aiohttp
from yarl import URL

from tests.rfb_client import RfbClient
from tests.simulator.raw import RawClient
from vmlab.simulator import Simulator
from vmlab.simulator.state import Guest

VMID = 110
CALLS = f"/nodes/pve1/qemu/{VMID}"
WANTED = {"websocket": 1, "generate-password": 1}


class Desk:
    """A simulator with one running guest, and clients of it."""

    def __init__(self, sim: Simulator, session: aiohttp.ClientSession) -> None:
        self.sim = sim
        self._session = session

    def client(self, who: str = "root@pam!vmlab", node: int = 0) -> RawClient:
        token = self.sim.cluster.tokens[who]
        return RawClient(self.sim, f"PVEAPIToken={token.full}={token.secret}", node)

    async def open(
        self, call: str = "vncproxy", params: Mapping[str, Any] = WANTED
    ) -> dict[str, Any]:
        """Ask for a proxy as root's token at the first node; return its data."""
        async with self.client() as api:
            answer = await api("POST", f"{CALLS}/{call}", params)
        assert answer.status == 200, answer
        data: dict[str, Any] = answer.data
        return data

    async def connect(
        self,
        data: dict[str, Any],
        *,
        ticket: str | None = None,
        who: str = "root@pam!vmlab",
        node: int = 0,
        subprotocols: tuple[str, ...] = ("binary",),
    ) -> aiohttp.ClientWebSocketResponse:
        """Open the WebSocket to a proxy."""
        api = self.client(who, node)
        query = f"port={data['port']}&vncticket={ticket or quote(data['ticket'], safe='')}"
        url = URL(f"{api.base}/api2/json{CALLS}/vncwebsocket?{query}", encoded=True)
        return await self._session.ws_connect(url, headers=api.headers, protocols=subprotocols)

    async def view(self, data: dict[str, Any]) -> RfbClient:
        """Connect and log in as a client right for both forms of ticket does."""
        client = RfbClient.over_websocket(await self.connect(data))
        await client.log_in(data.get("password") or data["ticket"])
        return client

    async def end_of(self, data: dict[str, Any]) -> list[str]:
        """Wait for the proxy's task; return its log."""
        return (await self.sim.jobs.wait(data["upid"])).lines


@asynccontextmanager
async def desk_of(sim: Simulator) -> AsyncIterator[Desk]:
    async with sim:
        guest = Guest(VMID, "pve1", {"name": "web-01", "serial0": "socket"}, running=True)
        sim.cluster.guests[VMID] = guest
        sim.cluster.pools["vmlab"].vms.add(VMID)
        await sim.machines.of(VMID).start(guest)
        context = ssl.create_default_context(cafile=str(sim.ca_path))
        connector = aiohttp.TCPConnector(ssl=context)
        async with aiohttp.ClientSession(connector=connector) as session:
            yield Desk(sim, session)


async def dropped(socket: aiohttp.ClientWebSocketResponse) -> None:
    """The connection ends next, without data and without a close frame."""
    assert (await socket.receive()).type is aiohttp.WSMsgType.CLOSED
    assert socket.close_code == 1006
