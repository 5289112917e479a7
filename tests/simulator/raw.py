"""A plain HTTP client for the simulator: keeps status, reason phrase, headers and body as sent."""

from __future__ import annotations

import json
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import urlencode

import aiohttp
from yarl import URL

from vmlab.simulator import Simulator


@dataclass(frozen=True)
class Answer:
    """A response; `json` is None where the body is no JSON."""

    status: int
    reason: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body) if self.body[:1] in (b"{", b"[") else None

    @property
    def data(self) -> Any:
        return self.json["data"]


class RawClient:
    """Sends calls as one token, one ticket, or nobody."""

    def __init__(self, sim: Simulator, authorization: str | None = "root", node: int = 0) -> None:
        self.sim = sim
        self.base = f"https://{sim.hosts[node]}"
        if authorization == "root":
            token = sim.cluster.tokens["root@pam!vmlab"]
            authorization = f"PVEAPIToken={token.full}={token.secret}"
        self.headers = {"Authorization": authorization} if authorization else {}
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        context = ssl.create_default_context(cafile=str(self.sim.ca_path))
        connector = aiohttp.TCPConnector(ssl=context)
        self._session = aiohttp.ClientSession(
            connector=connector, cookie_jar=aiohttp.DummyCookieJar()
        )
        return self

    async def __aexit__(self, *exc: object) -> None:
        assert self._session is not None
        await self._session.close()

    async def __call__(
        self,
        method: str,
        path: str,
        params: Mapping[str, Any] | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        data: Any = None,
        prefix: str = "/api2/json",
    ) -> Answer:
        """Send a call; `params` go to the query for GET and DELETE, else into a form."""
        assert self._session is not None
        url, sent = self.base + prefix + path, {**self.headers, **(headers or {})}
        if params and method in ("GET", "DELETE"):
            url += "?" + urlencode(params)
        elif params:
            data = urlencode(params, doseq=True).encode()
            sent.setdefault("Content-Type", "application/x-www-form-urlencoded")
        async with self._session.request(
            method, URL(url, encoded=True), headers=sent, data=data
        ) as response:
            body = await response.read()
            return Answer(response.status, response.reason or "", response.headers, body)

    async def done(self, method: str, path: str, params: Mapping[str, Any] | None = None) -> str:
        """Send a call that starts a task, wait for its end; returns its exit status."""
        answer = await self(method, path, params)
        assert answer.status == 200, answer
        job = await self.sim.jobs.wait(answer.data)
        assert job.status is not None
        return job.status
