"""A node fetching a file from the web by itself."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import aiohttp

from vmlab.simulator.api.storage import directory_of, usable
from vmlab.simulator.api.upload import check_target, file_away, file_volume
from vmlab.simulator.errors import ApiError
from vmlab.simulator.jobs import Job
from vmlab.simulator.routes import Call, route
from vmlab.simulator.state import Storage

CHUNK_BYTES = 256 * 1024


@route("POST", "/nodes/{node}/storage/{storage}/download-url")
async def download(call: Call) -> Any:
    """Start the fetching; a file that is there already is never overwritten."""
    storage = usable(call, call.params["storage"])
    name = check_target(storage, call.params["content"], call.params["filename"])
    return call.fork("download", name, _Download(call, storage, name).run)


class _Download:
    def __init__(self, call: Call, storage: Storage, name: str) -> None:
        assert call.node is not None
        self._call = call
        self._storage = storage
        self._node = call.node.name
        self._name = name
        self._target = f"{directory_of(storage, call.params['content'])}/{name}"
        self._algorithm = call.params.get("checksum-algorithm", "sha256")
        self._wanted = call.params.get("checksum", "").lower()

    async def run(self, job: Job) -> None:
        """The worker: fetch, compare, make the volume known (pve-common's Tools.pm)."""
        url = self._call.params["url"]
        job.log(f"downloading {url} to {self._target}")
        if self._is_there(job):
            return
        file = self._call.sim.directory / f"download-{job.pid}"
        try:
            digest = await self._fetch(url, file)
            if self._wanted:
                job.log("calculating checksum...")
                if digest != self._wanted:
                    text = f"got '{digest}' != expect '{self._wanted}'"
                    raise ApiError(500, f"checksum mismatch: {text}")
                job.log("OK, checksum verified")
            content, now = self._call.params["content"], self._call.clock.time()
            volume = file_volume(self._storage, content, self._name, file, now)
            volume.digests[self._algorithm] = digest
            file_away(self._call.cluster, self._storage.on(self._node), volume, file)
        finally:
            file.unlink(missing_ok=True)
        job.log(f"download of '{url}' to '{self._target}' finished")

    def _is_there(self, job: Job) -> bool:
        """Whether the right file is there already; another one is an error."""
        volid = f"{self._storage.storage}:{self._call.params['content']}/{self._name}"
        present = self._storage.on(self._node).get(volid)
        if present is None:
            return False
        if not self._wanted:
            raise ApiError(500, f"refusing to override existing file '{self._target}'")
        job.log("calculating checksum of existing file...")
        digest = present.digests.get(self._algorithm, "")
        if digest != self._wanted:
            text = f"mismatch (got '{digest}' != expect '{self._wanted}'), aborting"
            raise ApiError(500, text)
        job.log("OK, got correct file already, no need to download")
        return True

    async def _fetch(self, url: str, file: Path) -> str:
        digest = hashlib.new(self._algorithm)
        verify = bool(self._call.params.get("verify-certificates", 1))
        try:
            async with (
                aiohttp.ClientSession() as session,
                session.get(url, ssl=verify, raise_for_status=True) as response,
            ):
                with file.open("wb") as opened:
                    async for chunk in response.content.iter_chunked(CHUNK_BYTES):
                        digest.update(chunk)
                        opened.write(chunk)
        except aiohttp.ClientError as error:
            raise ApiError(500, f"download failed: {error}") from error
        return digest.hexdigest()
