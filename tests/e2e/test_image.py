"""A disk image of a gigabyte, from a teacher's machine to a student's screen, through `kill -9`.

The image is sparse and has a boot sector that fills some lines of the screen, so what is seen in
the end has come all the way: in chunks to the server, from there to Proxmox, into a template, a
linked clone, a real QEMU process, and its pixels through VMLab's console.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import io
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.e2e.processes import PASSWORD, Client, Site, cluster
from tests.rfb_client import RfbClient
from vmlab.simulator.machines.bootsector import boot_sector

MIB = 1 << 20
IMAGE_BYTES = 1024 * MIB
CHUNK_BYTES = 64 * MIB
PICTURE = boot_sector("\N{FULL BLOCK}" * 320)
LIT_BY_PICTURE = 100_000
"""Bytes of the screen; what the simulator shows of a guest without an image lights some 6,400."""
SHOWS_WITHIN_S = 60
STORAGES = """
[templates]
import_storage = "local"
disk_storage = "vmdisks"
[storage]
directory = "{directory}"
"""


@pytest.fixture
async def pve() -> AsyncIterator[dict[str, Any]]:
    """A simulated cluster whose guests are QEMU processes."""
    async with cluster("--guests", "qemu") as said:
        yield said


@pytest.fixture
async def site(sqlite_url: str, tmp_path: Path, pve: dict[str, Any]) -> AsyncIterator[Site]:
    """A prepared installation that makes templates of images."""
    made = Site(tmp_path, pve, sqlite_url)
    with made.config.open("a", encoding="utf-8") as config:
        config.write(STORAGES.format(directory=tmp_path / "files"))
    await made.prepare()
    yield made
    await made.end_all()


@pytest.fixture
def image(tmp_path: Path) -> Path:
    """A boot sector, and then nothing at all."""
    path = tmp_path / "lab.img"
    path.write_bytes(PICTURE)
    with path.open("rb+") as file:
        file.truncate(IMAGE_BYTES)
    return path


def chunk(image: Path, index: int) -> io.BytesIO:
    """A chunk of the image."""
    with image.open("rb") as file:
        file.seek(index * CHUNK_BYTES)
        return io.BytesIO(file.read(CHUNK_BYTES))


async def send(client: Client, image: Path, upload_id: int | None, index: int) -> dict[str, Any]:
    """Upload one chunk."""
    form = aiohttp.FormData()
    fields: dict[str, Any] = {
        "filename": "lab.img",
        "purpose": "template",
        "total_size": IMAGE_BYTES,
    }
    fields |= {"chunk_size": CHUNK_BYTES, "chunk_index": index}
    if upload_id is not None:
        fields["upload_id"] = upload_id
    for name, value in fields.items():
        form.add_field(name, str(value))
    form.add_field("chunk", chunk(image, index), filename="chunk")
    url = f"{client.base}/api/v1/files/upload/chunk/"
    async with client.session.post(url, data=form, headers=client.headers) as response:
        answer = await response.json()
    assert answer["success"], answer
    return dict(answer["data"])


async def killed_while(site: Site, server: Process, work: Any, *, after_s: float) -> Process:
    """Kill the server in the middle of a request; gives the next one."""
    going = asyncio.ensure_future(work)
    await asyncio.sleep(after_s)
    server.kill()
    await server.wait()
    with contextlib.suppress(aiohttp.ClientError, AssertionError):
        await going
    return await site.serve()


async def missing(client: Client, upload_id: int) -> list[int]:
    """The chunks that are not there yet."""
    progress = await client.get("files/upload/chunk/", upload_id=upload_id)
    return [n for first, last in progress["missing"] for n in range(first, last + 1)]


@pytest.mark.timeout(300)
async def test_an_image_becomes_machines_though_the_server_is_killed(
    site: Site, http: aiohttp.ClientSession, image: Path
):
    server = await site.serve()
    admin = await Client(http, site.base).sign_in("admin")
    account = {"username": "ann", "email": "ann@example.edu", "password": PASSWORD}
    await admin.post("users/", {**account, "roles": ["student"]})
    course = await admin.post("courses/", {"name": "Networks"})
    await admin.post(f"courses/{course['id']}/students/", {"usernames": ["ann"]})

    # Up it goes, in chunks.
    upload_id = (await send(admin, image, None, 0))["upload_id"]
    for after_s in 0.05, 0.15:
        todo = await missing(admin, upload_id)
        for index in todo[:4]:
            await send(admin, image, upload_id, index)
        server = await killed_while(
            site, server, send(admin, image, upload_id, todo[4]), after_s=after_s
        )
    for index in await missing(admin, upload_id):
        await send(admin, image, upload_id, index)
    file = await admin.post("files/upload/merge/", {"upload_id": upload_id})
    with image.open("rb") as content:
        sha256 = hashlib.file_digest(content, "sha256").hexdigest()
    assert (file["sha256"], file["size_bytes"]) == (sha256, IMAGE_BYTES)

    # It becomes a template.
    wanted = {"name": "Picture", "default_memory_mb": 64, "default_disk_gb": 1}
    source = {"file_id": file["id"]}
    template = await admin.post(f"courses/{course['id']}/templates/", {**wanted, "source": source})
    task = template["task"]
    while task["step"] != "upload":
        await asyncio.sleep(0.05)
        task = await admin.get(f"tasks/{task['id']}/")
        assert task["status"] in ("pending", "running"), task
    server.kill()
    await server.wait()
    await site.serve()
    task = await admin.ended(task["id"], within_s=120)
    assert task["status"] == "succeeded", task
    assert task["attempts"] > 1
    template = await admin.get(f"templates/{template['id']}/")
    assert (template["status"], template["size_bytes"]) == ("ready", IMAGE_BYTES)
    assert template["validation"]["valid"] is True
    await admin.delete(f"files/{file['id']}/")

    # A student's machine boots it.
    ann = await Client(http, site.base).sign_in("ann")
    order = {"name": "picture", "template_id": template["id"], "course_id": course["id"]}
    vm = await ann.post("vms/", {**order, "start": True})
    assert (await ann.ended(vm["task"]["id"]))["status"] == "succeeded"
    grant = await ann.post(f"vms/{vm['id']}/console/vnc/token/")
    async with http.ws_connect(grant["websocket_url"], protocols=("binary",)) as socket:
        screen = RfbClient.over_websocket(socket)
        await screen.log_in(None)
        async with asyncio.timeout(SHOWS_WITHIN_S):
            pixels = await screen.screenshot()
            while len(pixels) - pixels.count(0) < LIT_BY_PICTURE:
                pixels = await screen.wait_for_change()
        await screen.close()
