"""Gets an image into Proxmox's import storage, and out of it again.

VMLab sends it to the node's own host, or the node fetches it from a one-time address. Either way a
task of Proxmox files it that is listed under no number, so what was lost is told by the image's
name, which nobody else uses, and by its size.

Steps of `vmlab.operations.import_template_steps`, which has decided before what is sent (the output
of `prepare`) and where to (that of `choose`).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

from vmlab.operations.making import wait_for_lost
from vmlab.operations.offers import Offer, offer
from vmlab.proxmox.faults import PermissionMissing
from vmlab.proxmox.storage import Storage
from vmlab.tasks.run import Run

_TRANSFERS = ("imgcopy", "download")
"""What Proxmox calls the tasks by which an image gets into a storage."""
_TELL_EVERY_S = 2.0
"""How often it is written down how far an upload is."""


async def require(run: Run, path: str, wanted: frozenset[str]) -> None:
    """Ask before: what Proxmox refuses to take stays on the node for ever (pve-manager 8.4)."""
    held = (await run.parts.cluster.permissions(path)).get(path, frozenset())
    for privilege in sorted(wanted - held):
        raise PermissionMissing(f"Permission check failed ({path}, {privilege})")


async def upload(run: Run) -> str:
    """Send the image to the node, or have the node fetch it."""
    if not is_fetched(run):
        return await run.interruptible(_send(run))
    image, settings = run.output("prepare"), run.parts.settings
    offered = Offer(key=image["key"], start=image["start"], bytes=image["bytes"])
    url = await offer(run.parts.bus, offered, settings)
    storage = _import_storage(run)
    return await storage.download_url(url, "import", image["name"], sha256=image["sha256"])


def is_fetched(run: Run) -> bool:
    """Whether nodes fetch images by themselves, and know from where."""
    settings = run.parts.settings
    return settings.templates.download and bool(settings.server.public_url)


def _import_storage(run: Run) -> Storage:
    chosen = run.output("choose")
    return run.parts.storages.on(chosen["node"], chosen["import_storage"])


async def _send(run: Run) -> str:
    """Send the image's bytes, and tell meanwhile how many have gone."""
    image, sent = run.output("prepare"), 0

    async def counted() -> AsyncIterator[bytes]:
        nonlocal sent
        reading = run.parts.files.read(image["key"], image["start"], image["bytes"])
        async with aclosing(reading) as content:
            async for piece in content:
                yield piece
                sent += len(piece)

    sending = asyncio.ensure_future(
        _import_storage(run).upload(
            "import", image["name"], counted(), image["bytes"], sha256=image["sha256"]
        )
    )
    try:
        while not (await asyncio.wait({sending}, timeout=_TELL_EVERY_S))[0]:
            await run.note_progress(100 * sent // image["bytes"])
        return await sending
    finally:
        sending.cancel()
        await asyncio.wait({sending})


async def uploaded(run: Run) -> dict[str, Any] | None:
    """Whether the whole image is there; waits for uploads that were lost and are being filed."""
    await _wait_for_lost_uploads(run)
    image = run.output("prepare")
    size = (await _in_storage(run)).get(image["name"])
    return {"bytes": size} if size == image["bytes"] else None


async def _in_storage(run: Run) -> dict[str, int]:
    """Sizes of the images in the import storage by their names."""
    volumes = await _import_storage(run).volumes("import")
    return {volume.volid.rpartition("/")[2]: volume.size_bytes for volume in volumes}


async def _wait_for_lost_uploads(run: Run) -> None:
    """An upload's task is listed by the host that took the bytes, and under no number."""
    since = run.output("choose")["since"]
    view = await run.parts.cluster.resources()
    for node in [node.name for node in view.nodes.values() if node.online]:
        for type_ in _TRANSFERS:
            await wait_for_lost(run, node, type=type_, vmid=None, since=since)


async def unsend(run: Run) -> str | None:
    """Delete what there is of the image in the import storage; the UPID, if there is one."""
    await _wait_for_lost_uploads(run)
    return await tidy(run)


async def tidy(run: Run) -> str | None:
    name = run.output("prepare")["name"]
    if name not in await _in_storage(run):
        return None
    storage = run.output("choose")["import_storage"]
    return await _import_storage(run).delete(f"{storage}:import/{name}")


async def tidied(run: Run) -> dict[str, bool] | None:
    gone = run.output("prepare")["name"] not in await _in_storage(run)
    return {"gone": True} if gone else None
