"""The upload of an ISO, a container template or an import image, and the task that files it."""

from __future__ import annotations

import asyncio
import hashlib
import re
from pathlib import Path
from typing import Any

from vmlab.simulator.api.storage import directory_of, usable
from vmlab.simulator.errors import ApiError, invalid
from vmlab.simulator.image_headers import virtual_size
from vmlab.simulator.jobs import Job
from vmlab.simulator.routes import Call, route
from vmlab.simulator.state import Cluster, Storage, Volume
from vmlab.simulator.uploads import Upload

SUFFIXES = {
    "iso": r"\.(iso|img)",
    "vztmpl": r"\.tar\.(gz|xz|zst|bz2)",
    "import": r"\.(ova|qcow2|raw|vmdk)",
}
BYTES_A_SECOND = 500 * 10**6


@route("POST", "/nodes/{node}/storage/{storage}/upload")
async def upload(call: Call) -> Any:
    """Check the name and start the copying; a refused file stays in the spool, as in Proxmox."""
    received = call.upload
    assert received is not None
    if call.node is None:
        name = call.params["node"]
        raise ApiError(500, f"no such cluster node '{name}'")
    storage, content = usable(call, call.params["storage"]), call.params["content"]
    name = check_target(storage, content, call.params["filename"])
    return call.fork("imgcopy", "", _Copy(call, storage, content, name, received).run)


def check_target(storage: Storage, content: str, filename: str) -> str:
    """The name under which a file will lie on the storage.

    Raises:
        ApiError: 500 if the storage takes no such files, 400 for a wrong extension.
    """
    if not storage.file_based:
        raise ApiError(500, f"can't upload to storage type '{storage.type}'")
    if content not in storage.content:
        raise ApiError(500, f"storage '{storage.storage}' does not support '{content}' content")
    name = re.sub(r"[^A-Za-z0-9_.\-]", "_", re.split(r"[/\\]", filename)[-1])
    if not re.search(SUFFIXES[content] + "$", name, re.IGNORECASE):
        raise invalid(filename="wrong file extension")
    return name


def file_volume(storage: Storage, content: str, name: str, file: Path, now: float) -> Volume:
    """The volume of a file that was received, described from the file itself."""
    suffix = name.rpartition(".")[2].lower()
    return Volume(
        volid=f"{storage.storage}:{content}/{name}",
        content=content,
        format={"iso": "iso", "vztmpl": f"t{suffix}"}.get(content, suffix),
        size=file.stat().st_size,
        ctime=int(now),
        virtual_size=virtual_size(file),
    )


def file_away(cluster: Cluster, there: dict[str, Volume], volume: Volume, file: Path) -> None:
    """Make a received file's volume known, in the place of one of that name if there is one."""
    if cluster.files is not None:
        if old := there.get(volume.volid):
            cluster.files.remove(old)
        cluster.files.adopt(volume, file)
    there[volume.volid] = volume


class _Copy:
    def __init__(
        self, call: Call, storage: Storage, content: str, name: str, received: Upload
    ) -> None:
        assert received.file is not None
        assert call.node is not None
        self._call = call
        self._storage = storage
        self._content = content
        self._name = name
        self._file = received.file
        self._size = received.size
        self._node = call.node.name
        self._digests: dict[str, str] = {}

    async def run(self, job: Job) -> None:
        """The worker: verify, copy, make the volume known."""
        spool = f"/var/tmp/{self._file.name}"  # noqa: S108
        job.log(f"starting file import from: {spool}")
        try:
            await self._verify(job)
            target = f"{directory_of(self._storage, self._content)}/{self._name}"
            job.log(f"target node: {self._node}")
            job.log(f"target file: {target}")
            job.log(f"file size is: {self._size}")
            job.log(f"command: cp -- {spool} {target}")
            await self._call.clock.sleep(self._size / BYTES_A_SECOND)
            now = self._call.clock.time()
            volume = file_volume(self._storage, self._content, self._name, self._file, now)
            volume.digests |= self._digests
            file_away(self._call.cluster, self._storage.on(self._node), volume, self._file)
        finally:
            self._file.unlink(missing_ok=True)
        job.log("finished file import successfully")

    async def _verify(self, job: Job) -> None:
        wanted = self._call.params.get("checksum")
        if wanted is None:
            return
        algorithm = self._call.params["checksum-algorithm"]
        digest = await asyncio.to_thread(_digest, self._file, algorithm)
        if digest != wanted.lower():
            job.log("calculating checksum...")
            raise ApiError(500, f"checksum mismatch: got '{digest}' != expect '{wanted}'")
        self._digests[algorithm] = digest
        job.log("calculating checksum...OK, checksum verified")


def _digest(file: Path, algorithm: str) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, algorithm).hexdigest()
