"""Uploads by the tus protocol: with a real client of it, and by hand where that is too polite."""

from __future__ import annotations

import asyncio
import base64
import dataclasses
import hashlib
import io
import random
from pathlib import Path
from typing import Any

import pytest
from tusclient.client import TusClient
from tusclient.exceptions import TusCommunicationError

from tests.handlers.conftest import Client
from tests.handlers.people import People, Person
from tests.handlers.rows import make_template
from tests.handlers.stored_files import make_upload
from tests.tasks.waiting import until
from vmlab.config import Settings, Storage
from vmlab.handlers.parts import ApiParts
from vmlab.models import File, FileStatus, TemplateStatus, Upload

TUS = "/api/v1/files/tus/"
CONTENT = random.Random(3).randbytes(300_001)
SHA256 = hashlib.sha256(CONTENT).hexdigest()
VERSION = {"Tus-Resumable": "1.0.0"}
BYTES = {"Content-Type": "application/offset+octet-stream"}


@pytest.fixture
def settings(settings: Settings, tmp_path: Path) -> Settings:
    """Narrow limits."""
    storage = Storage(
        directory=str(tmp_path / "files"), file_limit_mb=4, upload_stall_s=0.5, keep_free_mb=0
    )
    return dataclasses.replace(settings, storage=storage)


def encoded(text: str | bytes) -> str:
    """Base64."""
    return base64.b64encode(text.encode() if isinstance(text, str) else text).decode()


def metadata(**said: str) -> dict[str, str]:
    """The header with these pairs."""
    return {"Upload-Metadata": ",".join(f"{name} {encoded(text)}" for name, text in said.items())}


async def create(
    client: Client, who: Person, size: int = len(CONTENT), data: bytes | None = None, **said: str
) -> Any:
    """Begin an upload."""
    headers = who.headers | VERSION | {"Upload-Length": str(size)} | metadata(**said)
    if data is not None:
        headers |= BYTES
    return await client.post(TUS, data=data, headers=headers)


async def patch(client: Client, who: Person, path: str, offset: int, data: Any, **more: str) -> Any:
    """Add bytes."""
    headers = who.headers | VERSION | BYTES | {"Upload-Offset": str(offset)} | more
    return await client.patch(path, data=data, headers=headers)


async def offset_of(client: Client, who: Person, path: str) -> int:
    """How far it is."""
    answer = await client.head(path, headers=who.headers | VERSION)
    assert answer.status == 200
    assert answer.headers["Cache-Control"] == "no-store"
    return int(answer.headers["Upload-Offset"])


def real_client(client: Client, who: Person) -> TusClient:
    """A client of the protocol that was not written here."""
    return TusClient(str(client.make_url(TUS)), headers=who.headers)


async def test_a_real_client_uploads_in_pieces_with_checksums(
    client: Client, parts: ApiParts, ann: Person
):
    uploader = real_client(client, ann).uploader(
        file_stream=io.BytesIO(CONTENT),
        chunk_size=100_000,
        metadata={"filename": "磁盘.img", "filetype": "image/x", "sha256": SHA256},
        upload_checksum=True,
    )
    await asyncio.to_thread(uploader.upload)
    file = await File.get()
    assert (file.status, file.name, file.sha256) == (FileStatus.READY, "磁盘.img", SHA256)
    assert (file.content_type, file.expires_at) == ("image/x", None)
    assert parts.uploads.store.path(file.key).read_bytes() == CONTENT


async def test_a_real_client_goes_on_where_another_left_off(client: Client, ann: Person):
    first = real_client(client, ann).uploader(file_stream=io.BytesIO(CONTENT), chunk_size=70_000)
    await asyncio.to_thread(first.upload, stop_at=140_000)
    assert not await File.filter(status=FileStatus.READY).exists()
    second = await asyncio.to_thread(  # it asks for the offset already
        real_client(client, ann).uploader,
        file_stream=io.BytesIO(CONTENT),
        chunk_size=70_000,
        url=first.url,
    )
    assert second.offset == 140_000
    await asyncio.to_thread(second.upload)
    assert (await File.get()).sha256 == SHA256


async def test_a_real_client_is_told_that_it_may_not(client: Client, ann: Person):
    stranger = dataclasses.replace(ann, headers={})
    uploader = real_client(client, stranger).uploader(file_stream=io.BytesIO(CONTENT))
    with pytest.raises(TusCommunicationError) as refused:
        await asyncio.to_thread(uploader.upload)
    assert refused.value.status_code == 401


async def test_options_tell_what_there_is(client: Client):
    answer = await client.options(TUS)
    assert answer.status == 204
    assert answer.headers["Tus-Version"] == "1.0.0"
    assert answer.headers["Tus-Max-Size"] == str(4 << 20)
    assert set(answer.headers["Tus-Extension"].split(",")) == {
        "creation",
        "creation-with-upload",
        "checksum",
        "expiration",
        "termination",
    }
    assert "sha1" in answer.headers["Tus-Checksum-Algorithm"].split(",")


async def test_the_first_bytes_may_come_along(client: Client, ann: Person):
    answer = await create(client, ann, data=CONTENT[:1000], filename="a")
    assert (answer.status, answer.headers["Upload-Offset"]) == (201, "1000")
    assert answer.headers["Upload-Expires"].endswith(" GMT")
    path = answer.headers["Location"]
    answer = await patch(client, ann, path, 1000, CONTENT[1000:])
    assert (answer.status, answer.headers["Upload-Offset"]) == (204, str(len(CONTENT)))
    assert "Upload-Expires" not in answer.headers
    assert (await File.get()).sha256 == SHA256
    assert await offset_of(client, ann, path) == len(CONTENT)


@pytest.mark.parametrize("data", [None, b""])
async def test_an_empty_file_is_ready_at_once(client: Client, ann: Person, data: bytes | None):
    answer = await create(client, ann, size=0, data=data)
    assert answer.status == 201
    assert (await answer.json())["data"]["file"]["status"] == "ready"


@pytest.mark.parametrize("offset", [0, 5, 20])
async def test_bytes_for_elsewhere_are_refused(client: Client, ann: Person, offset: int):
    path = (await create(client, ann, data=CONTENT[:10])).headers["Location"]
    answer = await patch(client, ann, path, offset, b"x")
    assert answer.status == 409
    assert (await answer.json())["error"]["details"]["offset"] == 10
    assert await offset_of(client, ann, path) == 10


@pytest.mark.parametrize("algorithm", ["sha1", "sha256", "sha512"])
async def test_bytes_count_only_if_their_checksum_matches(
    client: Client, ann: Person, algorithm: str
):
    path = (await create(client, ann)).headers["Location"]
    good = encoded(hashlib.new(algorithm, CONTENT).digest())
    bad = encoded(hashlib.new(algorithm, b"other").digest())
    answer = await patch(client, ann, path, 0, CONTENT, **{"Upload-Checksum": f"{algorithm} {bad}"})
    assert answer.status == 460
    assert await offset_of(client, ann, path) == 0
    answer = await patch(
        client, ann, path, 0, CONTENT, **{"Upload-Checksum": f"{algorithm} {good}"}
    )
    assert answer.status == 204


@pytest.mark.parametrize("said", ["crc32 AAAA", "sha1", "sha1 AAAA", "sha1 !", "", "md5 AAAA"])
async def test_an_unknown_checksum_is_refused(client: Client, ann: Person, said: str):
    path = (await create(client, ann)).headers["Location"]
    answer = await patch(client, ann, path, 0, b"x", **{"Upload-Checksum": said})
    assert answer.status == 400
    assert "Upload-Checksum" in (await answer.json())["error"]["details"]


async def test_more_bytes_than_announced_are_refused(client: Client, ann: Person):
    path = (await create(client, ann, size=10)).headers["Location"]
    assert (await patch(client, ann, path, 0, b"x" * 11)).status == 413
    assert await offset_of(client, ann, path) == 0


async def test_a_wrong_checksum_of_the_whole_keeps_it_from_being_a_file(
    client: Client, ann: Person
):
    path = (await create(client, ann, sha256="0" * 64)).headers["Location"]
    answer = await patch(client, ann, path, 0, CONTENT)
    assert (answer.status, (await answer.json())["error"]["code"]) == (400, "FILE_002")
    assert not await File.filter(status=FileStatus.READY).exists()


async def test_an_image_that_is_none_is_given_up(client: Client, ann: Person):
    path = (await create(client, ann, purpose="template")).headers["Location"]
    answer = await patch(client, ann, path, 0, CONTENT)
    assert (await answer.json())["error"]["details"]["reason"] == "unknown_format"
    assert (await client.head(path, headers=ann.headers | VERSION)).status == 404


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Tus-Resumable": "0.2.2"}, 412),
        ({"Tus-Resumable": ""}, 412),
        ({"Upload-Length": ""}, 400),
        ({"Upload-Length": "-1"}, 400),
        ({"Upload-Length": "1e3"}, 400),
        ({"Upload-Length": "9" * 19}, 400),
        ({"Upload-Length": str(8 << 20)}, 413),
        ({"Upload-Metadata": "filename ???"}, 400),
        ({"Upload-Metadata": f"filename {encoded(b'/..')}"}, 400),
        ({"Upload-Metadata": f"filename {encoded(bytes([255]))}"}, 400),
        ({"Upload-Metadata": f"purpose {encoded('fun')}"}, 400),
        ({"Upload-Metadata": f"sha256 {encoded('12')}"}, 400),
        ({"Content-Type": "text/plain"}, 415),
    ],
)
async def test_a_wrong_beginning_is_refused(
    client: Client, ann: Person, headers: dict[str, str], status: int
):
    usual = ann.headers | VERSION | {"Upload-Length": "5"}
    data = b"hello" if "Content-Type" in headers else None
    answer = await client.post(TUS, data=data, headers=usual | headers)
    assert answer.status == status
    assert answer.headers["Tus-Resumable"] == "1.0.0"
    assert not await File.exists()


async def test_bytes_of_another_type_are_refused(client: Client, parts: ApiParts, ann: Person):
    path = f"{TUS}{(await make_upload(parts, ann)).id}/"
    headers = ann.headers | VERSION | {"Upload-Offset": "0", "Content-Type": "text/plain"}
    assert (await client.patch(path, data=b"hello", headers=headers)).status == 415


async def test_what_came_before_a_client_fell_silent_is_kept(client: Client, ann: Person):
    path = (await create(client, ann)).headers["Location"]

    async def body() -> Any:
        yield CONTENT[:100_000]
        await asyncio.sleep(60)

    answer = await patch(client, ann, path, 0, body())
    assert answer.status == 408
    assert await offset_of(client, ann, path) == 100_000
    assert (await patch(client, ann, path, 100_000, CONTENT[100_000:])).status == 204
    assert (await File.get()).sha256 == SHA256


async def test_what_came_before_a_client_went_away_is_kept(
    client: Client, parts: ApiParts, ann: Person
):
    content = CONTENT * 10
    path = (await create(client, ann, size=len(content))).headers["Location"]
    key = (await File.get()).key
    on_disk = Path(parts.settings.storage.directory) / "uploads" / key
    _, writer = await asyncio.open_connection(client.host, client.port)
    headers = ann.headers | VERSION | BYTES | {"Upload-Offset": "0", "Host": "x"}
    headers["Content-Length"] = str(len(content))
    lines = [f"PATCH {path} HTTP/1.1", *(f"{name}: {text}" for name, text in headers.items())]
    writer.write("\r\n".join([*lines, "", ""]).encode() + content[:2_500_000])

    async def arriving() -> bool:
        return on_disk.stat().st_size > 0

    async def recorded() -> bool:
        return bool((await Upload.get()).received_bytes)

    await until(arriving)
    writer.close()
    await until(recorded)
    offset = await offset_of(client, ann, path)
    assert 0 < offset <= 2_500_000
    rest = io.BytesIO(content[offset:])
    assert (await patch(client, ann, path, offset, rest)).status == 204
    assert (await File.get()).sha256 == hashlib.sha256(content).hexdigest()


async def test_only_one_adds_at_a_time(client: Client, parts: ApiParts, ann: Person):
    upload = await make_upload(parts, ann)
    async with parts.uploads.store.locked(upload.file.key):
        answer = await patch(client, ann, f"{TUS}{upload.id}/", 0, b"hello")
    assert answer.status == 423


async def test_a_crash_between_renaming_and_writing_it_down_is_mended(
    client: Client, parts: ApiParts, ann: Person
):
    path = (await create(client, ann, data=CONTENT[:-1])).headers["Location"]
    file = await File.get()
    async with parts.uploads.store.locked(file.key) as fd:
        await asyncio.to_thread(io.FileIO(fd, "r+", closefd=False).write, CONTENT)
    await parts.uploads.store.complete(file.key)
    assert await offset_of(client, ann, path) == len(CONTENT)
    assert (await File.get()).sha256 == SHA256


async def test_an_upload_can_be_ended(client: Client, parts: ApiParts, ann: Person):
    path = (await create(client, ann, data=CONTENT[:10])).headers["Location"]
    assert (await client.delete(path, headers=ann.headers | VERSION)).status == 204
    assert (await client.head(path, headers=ann.headers | VERSION)).status == 404
    assert (await patch(client, ann, path, 10, b"x")).status == 404
    uploads = Path(parts.settings.storage.directory) / "uploads"
    assert list(uploads.iterdir()) == []


async def test_what_a_template_is_made_from_cannot_be_ended(
    client: Client, people: People, ann: Person
):
    path = (await create(client, ann, data=CONTENT)).headers["Location"]
    course, file = await people.course("c", [ann], []), await File.get()
    await make_template(course, ann, source_file=file, status=TemplateStatus.IMPORTING)
    assert (await client.delete(path, headers=ann.headers | VERSION)).status == 409


async def test_a_key_begins_an_upload_once(client: Client, ann: Person):
    headers = ann.headers | VERSION | {"Upload-Length": "5", "Idempotency-Key": "k"}
    first = await client.post(TUS, headers=headers)
    again = await client.post(TUS, headers=headers)
    assert (first.status, again.status) == (201, 201)
    assert (await first.json())["data"]["id"] == (await again.json())["data"]["id"]
    assert await Upload.all().count() == 1
