"""Storages, their content, and the upload form that Proxmox alone understands."""

import hashlib
import struct
from collections.abc import AsyncIterator

import pytest
from aiohttp import web

from tests.simulator.raw import Answer, RawClient
from vmlab.simulator import Simulator
from vmlab.simulator.state import Volume

BOUNDARY = "----vmlab"
IMAGE = b"x" * 300_000
QCOW2 = b"QFI\xfb" + struct.pack(">IQIIQ", 3, 0, 0, 16, 2 * 2**30) + b"\0" * 100


def _field(name: str, value: str) -> bytes:
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'
    return f"{head}{value}\r\n".encode()


def _file(name: str, data: bytes, *, type_first: bool = False, field: str = "filename") -> bytes:
    disposition = f'Content-Disposition: form-data; name="{field}"; filename="{name}"\r\n'
    kind = "Content-Type: application/octet-stream\r\n"
    head = kind + disposition if type_first else disposition + kind
    return f"--{BOUNDARY}\r\n{head}\r\n".encode() + data + b"\r\n"


async def _upload(
    api: RawClient, *parts: bytes, storage: str = "local", node: str = "pve1"
) -> Answer:
    kind = f"multipart/form-data; boundary={BOUNDARY}"
    return await api(
        "POST",
        f"/nodes/{node}/storage/{storage}/upload",
        headers={"Content-Type": kind},
        data=b"".join(parts) + f"--{BOUNDARY}--\r\n".encode(),
    )


def _checksum(data: bytes) -> list[bytes]:
    digest = hashlib.sha256(data).hexdigest()
    return [_field("checksum-algorithm", "sha256"), _field("checksum", digest)]


async def test_an_upload_becomes_a_volume(sim: Simulator, api: RawClient) -> None:
    answer = await _upload(
        api, _field("content", "iso"), *_checksum(IMAGE), _file("a b.iso", IMAGE)
    )
    assert answer.headers["Connection"] == "close"
    assert ":imgcopy::root@pam!vmlab:" in answer.data
    job = await sim.jobs.wait(answer.data)
    assert job.status == "OK"
    assert job.lines[1] == "calculating checksum...OK, checksum verified"
    assert job.lines[-2:] == ["finished file import successfully", "TASK OK"]
    rows = (await api("GET", "/nodes/pve1/storage/local/content", {"content": "iso"})).data
    assert rows == [
        {
            "volid": "local:iso/a_b.iso",
            "content": "iso",
            "format": "iso",
            "size": len(IMAGE),
            "ctime": rows[0]["ctime"],
        }
    ]
    elsewhere = (await api("GET", "/nodes/pve2/storage/local/content")).data
    assert elsewhere == [], "local is every node's own"
    assert list(sim.directory.glob("pveupload-*")) == []


async def test_an_image_knows_what_it_holds(sim: Simulator, api: RawClient) -> None:
    answer = await _upload(api, _field("content", "import"), _file("d.qcow2", QCOW2))
    await sim.jobs.wait(answer.data)
    volume = sim.cluster.storages["local"].on("pve1")["local:import/d.qcow2"]
    assert (volume.size, volume.virtual_size) == (len(QCOW2), 2 * 2**30)


async def test_a_wrong_checksum_fails_the_task(sim: Simulator, api: RawClient) -> None:
    fields = [_field("checksum-algorithm", "sha256"), _field("checksum", "0" * 64)]
    answer = await _upload(api, _field("content", "iso"), *fields, _file("x.iso", IMAGE))
    job = await sim.jobs.wait(answer.data)
    digest = hashlib.sha256(IMAGE).hexdigest()
    assert job.status == f"checksum mismatch: got '{digest}' != expect '{'0' * 64}'"


async def test_the_order_of_fields_matters(api: RawClient) -> None:
    first = await _upload(api, _file("x.iso", IMAGE), _field("content", "iso"))
    assert first.json["errors"] == {"content": "property is missing and it is not optional"}
    algorithm, checksum = _checksum(IMAGE)
    swapped = await _upload(
        api, _field("content", "iso"), checksum, algorithm, _file("x.iso", IMAGE)
    )
    assert (swapped.status, swapped.reason, swapped.body) == (400, "Bad Request", b"")


async def test_a_part_that_begins_with_its_type_is_no_file(api: RawClient) -> None:
    answer = await _upload(api, _field("content", "iso"), _file("x.iso", IMAGE, type_first=True))
    assert (answer.status, answer.reason) == (500, "upload failed")


async def test_the_files_field_is_called_filename(api: RawClient) -> None:
    answer = await _upload(api, _field("content", "iso"), _file("x.iso", IMAGE, field="file"))
    assert answer.status == 500


@pytest.mark.parametrize(
    ("storage", "content", "name", "text"),
    [
        ("local", "iso", "x.exe", None),
        ("vmdisks", "vztmpl", "x.tar.gz", "storage 'vmdisks' does not support 'vztmpl' content"),
        ("nosuch", "iso", "x.iso", "storage 'nosuch' does not exist"),
        ("local-lvm", "iso", "x.iso", "can't upload to storage type 'lvmthin'"),
    ],
)
async def test_refused_uploads(
    api: RawClient, storage: str, content: str, name: str, text: str | None
) -> None:
    answer = await _upload(api, _field("content", content), _file(name, IMAGE), storage=storage)
    if text is None:
        assert answer.json["errors"] == {"filename": "wrong file extension"}
    else:
        assert (answer.status, answer.reason) == (500, text)


async def test_without_the_right_nothing_is_read(sim: Simulator) -> None:
    sim.cluster.acl = {entry for entry in sim.cluster.acl if entry.path != "/storage/local"}
    async with RawClient(sim, f"PVEAPIToken={sim.token_id}={sim.token_secret}") as client:
        answer = await _upload(client, _field("content", "iso"), _file("x.iso", b"x"))
    assert (answer.status, answer.body) == (403, b"")
    text = "Permission check failed (/storage/local, Datastore.AllocateTemplate)"
    assert answer.reason == text
    assert list(sim.directory.glob("pveupload-*")) == []


async def test_deleting_a_volume_twice_is_fine(sim: Simulator, api: RawClient) -> None:
    await sim.jobs.wait((await _upload(api, _field("content", "iso"), _file("x.iso", b"x"))).data)
    path = "/nodes/pve1/storage/local/content/local:iso/x.iso"
    assert (await api("GET", path)).data["path"] == "/var/lib/vz/template/iso/x.iso"
    for _ in range(2):
        assert await api.done("DELETE", path) == "OK"
    assert (await api("DELETE", path, {"delay": 5})).data is None
    assert sim.cluster.storages["local"].on("pve1") == {}


async def test_a_base_in_use_stays(sim: Simulator, api: RawClient) -> None:
    base = "vmdisks:9000/base-9000-disk-0.qcow2"
    clone = f"{base}/100/vm-100-disk-0.qcow2"
    volumes = sim.cluster.storages["vmdisks"].on("pve1")
    volumes[clone] = Volume(clone, "images", "qcow2", 8 * 2**30, 0, vmid=100, parent=base)
    status = await api.done("DELETE", f"/nodes/pve1/storage/vmdisks/content/{base}")
    assert status == f"base volume '{base}' is still in use by linked cloned"
    row = (await api("GET", "/nodes/pve2/storage/vmdisks/content", {"vmid": 100})).data[0]
    assert row["parent"] == "../9000/base-9000-disk-0.qcow2"


async def test_lists_and_status(api: RawClient) -> None:
    rows = (await api("GET", "/nodes/pve1/storage")).data
    assert [row["storage"] for row in rows] == ["local", "local-lvm", "vmdisks"]
    shared = rows[2]
    assert shared["used"] + shared["avail"] == shared["total"]
    assert (shared["active"], shared["enabled"], shared["shared"]) == (1, 1, 1)
    images = (await api("GET", "/nodes/pve1/storage", {"content": "images"})).data
    assert [row["storage"] for row in images] == ["local-lvm", "vmdisks"]
    status = (await api("GET", "/nodes/pve1/storage/vmdisks/status")).data
    assert "storage" not in status
    unknown = await api("GET", "/nodes/pve1/storage/nosuch/status")
    assert unknown.json["errors"] == {"storage": "No such storage."}


async def test_a_disabled_or_absent_storage(sim: Simulator, api: RawClient) -> None:
    sim.cluster.storages["local"].enabled = False
    answer = await api("GET", "/nodes/pve1/storage/local/content")
    assert answer.reason == "storage 'local' is disabled"
    sim.cluster.storages["local-lvm"].nodes = frozenset({"pve2"})
    answer = await api("GET", "/nodes/pve1/storage/local-lvm/content")
    assert answer.reason == "storage 'local-lvm' is not available on node 'pve1'"
    listed = (await api("GET", "/nodes/pve1/storage", {"enabled": 1})).data
    assert [row["storage"] for row in listed] == ["vmdisks"]


async def test_disks_need_rights_on_their_guest(sim: Simulator) -> None:
    async with RawClient(sim, f"PVEAPIToken={sim.token_id}={sim.token_secret}") as client:
        path = "/nodes/pve1/storage/vmdisks/content"
        assert (await client("GET", path)).data == []
        sim.cluster.pools["vmlab"].vms.add(9000)
        sim.cluster.acl = {entry for entry in sim.cluster.acl if entry.path != "/vms/9000"}
        assert [row["vmid"] for row in (await client("GET", path)).data] == [9000]


async def test_allocation(api: RawClient) -> None:
    form = {"vmid": 103, "filename": "vm-103-disk-9.qcow2", "size": "64M", "format": "qcow2"}
    path = "/nodes/pve1/storage/vmdisks/content"
    assert (await api("POST", path, form)).data == "vmdisks:103/vm-103-disk-9.qcow2"
    row = (await api("GET", path, {"vmid": 103})).data[0]
    assert (row["size"], row["format"]) == (64 * 2**20, "qcow2")
    assert (await api("POST", path, form)).status == 500
    assert (await api("POST", path, {**form, "filename": "other.qcow2"})).status == 400


async def test_definitions(api: RawClient) -> None:
    rows = {row["storage"]: row for row in (await api("GET", "/storage")).data}
    assert rows["vmdisks"]["path"] == "/srv/vmdisks"
    assert "shared" not in rows["local"]


@pytest.fixture
async def website() -> AsyncIterator[str]:
    """An HTTP server with one file."""

    async def serve(request: web.BaseRequest) -> web.Response:
        found = request.path == "/x.iso"
        return web.Response(body=IMAGE) if found else web.Response(status=404)

    runner = web.ServerRunner(web.Server(serve))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


async def test_a_node_fetches_a_file_itself(sim: Simulator, api: RawClient, website: str) -> None:
    path, digest = "/nodes/pve1/storage/local/download-url", hashlib.sha256(IMAGE).hexdigest()
    form = {"url": f"{website}/x.iso", "content": "iso", "filename": "x.iso"}
    checked = {**form, "checksum": digest, "checksum-algorithm": "sha256"}
    assert await api.done("POST", path, checked) == "OK"
    assert sim.cluster.storages["local"].on("pve1")["local:iso/x.iso"].size == len(IMAGE)
    assert await api.done("POST", path, checked) == "OK", "the right file is there already"
    file = "/var/lib/vz/template/iso/x.iso"
    assert await api.done("POST", path, form) == f"refusing to override existing file '{file}'"
    wrong = {**checked, "filename": "y.iso", "checksum": "0" * 64}
    assert await api.done("POST", path, wrong) == (
        f"checksum mismatch: got '{digest}' != expect '{'0' * 64}'"
    )
    missing = {**form, "url": f"{website}/none", "filename": "z.iso"}
    assert (await api.done("POST", path, missing)).startswith("download failed: 404")
    assert list(sim.directory.glob("download-*")) == []


async def test_fetching_needs_rights_on_the_node_too(sim: Simulator, website: str) -> None:
    form = {"url": f"{website}/x.iso", "content": "iso", "filename": "x.iso"}
    async with RawClient(sim, f"PVEAPIToken={sim.token_id}={sim.token_secret}") as client:
        answer = await client("POST", "/nodes/pve1/storage/local/download-url", form)
    assert (answer.status, answer.reason) == (403, "Permission check failed")
