"""A file in chunks: any order, in parallel, repeated, after a restart; then made one."""

from __future__ import annotations

import asyncio
import dataclasses
import hashlib
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer

from tests.handlers.conftest import Client
from tests.handlers.forms import form
from tests.handlers.people import People, Person
from tests.handlers.stored_files import make_upload
from vmlab.app import make_app, open_parts
from vmlab.config import Settings, Storage
from vmlab.handlers.parts import ApiParts
from vmlab.models import File, Upload
from vmlab.reconcile import AbandonedUploads

CHUNK = "/api/v1/files/upload/chunk/"
MERGE = "/api/v1/files/upload/merge/"
SIZE = 1000
CONTENT = random.Random(2).randbytes(10 * SIZE - 3)
SHA256 = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def settings(settings: Settings, tmp_path: Path) -> Settings:
    """Chunks of one MiB at most."""
    storage = Storage(directory=str(tmp_path / "files"), chunk_limit_mb=1, keep_free_mb=0)
    return dataclasses.replace(settings, storage=storage)


@pytest.fixture
def store(database: str) -> str:
    """SQLite and PostgreSQL."""
    return database


async def send(
    client: Client, who: Person, index: int, upload_id: int | None = None, **changed: Any
) -> tuple[int, Any]:
    """Send one chunk; status, and data or error."""
    chunk = changed.pop("chunk", CONTENT[index * SIZE : (index + 1) * SIZE])
    headers = changed.pop("headers", {})
    fields = {
        "filename": "disk.img",
        "total_size": len(CONTENT),
        "chunk_size": SIZE,
        "chunk_index": index,
        **({} if upload_id is None else {"upload_id": upload_id}),
        **changed,
    }
    data = form("chunk", chunk, fields={name: str(value) for name, value in fields.items()})
    answer = await client.post(CHUNK, data=data, headers=who.headers | headers)
    content = await answer.json()
    return answer.status, content.get("data") or content.get("error")


async def merge(client: Client, who: Person, upload_id: int, **more: str) -> tuple[int, Any]:
    """Ask for the file; status, and data or error."""
    body = {"upload_id": upload_id, **more}
    answer = await client.post(MERGE, json=body, headers=who.headers)
    content = await answer.json()
    return answer.status, content.get("data") or content.get("error")


async def send_all(client: Client, who: Person) -> int:
    """All chunks, from the last to the first; the upload's id."""
    _, opened = await send(client, who, 9)
    for index in range(8, -1, -1):
        assert (await send(client, who, index, opened["upload_id"]))[0] == 200
    return int(opened["upload_id"])


async def test_chunks_come_in_any_order_and_in_parallel(
    client: Client, parts: ApiParts, ann: Person
):
    status, opened = await send(client, ann, 4)
    upload_id = opened["upload_id"]
    assert (status, opened["received"]) == (200, [[4, 4]])
    assert opened["missing"] == [[0, 3], [5, 9]]
    order = [7, 1, 9, 0, 3, 8, 2, 6, 5, 7, 1, 4]
    answers = await asyncio.gather(*(send(client, ann, i, upload_id) for i in order))
    assert {status for status, _ in answers} == {200}
    status, file = await merge(client, ann, upload_id, sha256=SHA256)
    assert (status, file["sha256"], file["status"]) == (201, SHA256, "ready")
    assert (file["size_bytes"], file["expires_at"]) == (len(CONTENT), None)
    row = await File.get(id=file["id"])
    assert parts.uploads.store.path(row.key).read_bytes() == CONTENT


async def test_what_is_here_can_be_asked_for_and_missing_chunks_are_named(
    client: Client, ann: Person
):
    _, opened = await send(client, ann, 0)
    for index in 1, 2, 7:
        await send(client, ann, index, opened["upload_id"])
    query = {"upload_id": opened["upload_id"]}
    answer = await client.get(CHUNK, params=query, headers=ann.headers)
    found = (await answer.json())["data"]
    assert found == {
        "upload_id": opened["upload_id"],
        "received": [[0, 2], [7, 7]],
        "missing": [[3, 6], [8, 9]],
    }
    status, error = await merge(client, ann, opened["upload_id"])
    assert (status, error["code"]) == (409, "RESOURCE_002")
    assert error["details"]["missing"] == [[3, 6], [8, 9]]


async def test_an_upload_goes_on_after_a_restart(client: Client, settings: Settings, ann: Person):
    _, opened = await send(client, ann, 3)
    async with open_parts(settings) as parts, TestClient(TestServer(make_app(parts))) as later:
        status, found = await send(later, ann, 5, opened["upload_id"])
    assert (status, found["received"]) == (200, [[3, 3], [5, 5]])


async def test_a_chunk_that_comes_again_changes_nothing(client: Client, ann: Person):
    upload_id = await send_all(client, ann)
    status, _ = await send(client, ann, 2, upload_id, chunk=bytes(SIZE))
    assert status == 200
    assert (await merge(client, ann, upload_id))[1]["sha256"] == SHA256


async def test_merging_again_gives_the_same_file(client: Client, ann: Person):
    upload_id = await send_all(client, ann)
    answers = await asyncio.gather(*(merge(client, ann, upload_id) for _ in range(4)))
    assert {status for status, _ in answers} == {201}
    assert len({file["id"] for _, file in answers}) == 1
    status, late = await send(client, ann, 2, upload_id)
    assert (status, late["received"], late["missing"]) == (200, [[0, 9]], [])
    assert await File.all().count() == 1


async def test_a_checksum_of_a_chunk_is_looked_at(client: Client, ann: Person):
    digest = hashlib.sha256(CONTENT[:SIZE]).hexdigest()
    assert (await send(client, ann, 0, chunk_sha256=digest))[0] == 200
    status, error = await send(client, ann, 0, chunk_sha256="0" * 64)
    assert (status, error["code"]) == (400, "FILE_002")
    assert error["details"]["sha256"] == digest


async def test_a_wrong_checksum_of_the_file_can_be_mended(client: Client, ann: Person):
    upload_id = await send_all(client, ann)
    status, error = await merge(client, ann, upload_id, sha256="0" * 64)
    assert (status, error["code"], error["details"]["sha256"]) == (400, "FILE_002", SHA256)
    assert (await merge(client, ann, upload_id, sha256=SHA256))[0] == 201


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"chunk": b"short"}, "chunk"),
        ({"chunk": bytes(SIZE + 1)}, "chunk"),
        ({"chunk_index": 10}, "chunk_index"),
        ({"chunk_index": -1}, "chunk_index"),
        ({"chunk_index": "x"}, "chunk_index"),
        ({"chunk_size": 0}, "chunk_size"),
        ({"chunk_size": 2 << 20, "chunk": CONTENT}, "chunk_size"),
        ({"chunk_size": 1, "total_size": 200_000, "chunk": b"x"}, "chunk_size"),
        ({"total_size": -1}, "total_size"),
        ({"total_size": 2**63}, "total_size"),
        ({"filename": ".."}, "filename"),
        ({"filename": ""}, "filename"),
        ({"purpose": "fun"}, "purpose"),
        ({"upload_id": 0}, "upload_id"),
    ],
)
async def test_a_chunk_that_does_not_fit_is_refused(
    client: Client, ann: Person, changed: dict[str, Any], field: str
):
    status, error = await send(client, ann, 0, **changed)
    assert (status, error["code"], list(error["details"])) == (400, "VALIDATION_001", [field])
    assert not await Upload.exists()


async def test_a_chunk_of_another_file_is_refused(client: Client, ann: Person):
    _, opened = await send(client, ann, 0)
    status, error = await send(client, ann, 1, opened["upload_id"], total_size=len(CONTENT) + 1)
    assert (status, list(error["details"])) == (400, ["total_size"])


async def test_a_chunk_that_is_too_large_is_refused_while_it_comes(
    client: Client, parts: ApiParts, ann: Person
):
    status, error = await send(client, ann, 0, chunk=bytes((1 << 20) + 1))
    assert (status, error["code"]) == (413, "FILE_001")
    spool = Path(parts.settings.storage.directory) / "spool"
    assert list(spool.iterdir()) == []


async def test_other_peoples_uploads_are_not_there(client: Client, people: People, ann: Person):
    _, opened = await send(client, ann, 0)
    ben = await people.add("ben", "teacher")
    assert (await send(client, ben, 1, opened["upload_id"]))[0] == 404
    assert (await merge(client, ben, opened["upload_id"]))[0] == 404


async def test_what_comes_byte_after_byte_takes_no_chunks(
    client: Client, parts: ApiParts, ann: Person
):
    upload = await make_upload(parts, ann)
    assert (await send(client, ann, 1, upload.id))[0] == 404


async def test_an_image_that_is_none_is_given_up(client: Client, ann: Person):
    _, opened = await send(client, ann, 0, purpose="template")
    for index in range(1, 10):
        await send(client, ann, index, opened["upload_id"])
    status, error = await merge(client, ann, opened["upload_id"])
    assert (status, error["details"]["reason"]) == (400, "unknown_format")
    assert not await File.exists()


async def test_an_empty_file_is_one_empty_chunk(client: Client, ann: Person):
    status, opened = await send(client, ann, 0, total_size=0, chunk=b"")
    assert (status, opened["missing"]) == (200, [])
    status, file = await merge(client, ann, opened["upload_id"])
    assert (status, file["size_bytes"]) == (201, 0)


async def test_a_key_opens_an_upload_once(client: Client, ann: Person):
    headers = {"Idempotency-Key": "k"}
    first = await send(client, ann, 0, headers=headers)
    assert await send(client, ann, 0, headers=headers) == first
    assert (await send(client, ann, 1, headers=headers))[0] == 409
    assert await Upload.all().count() == 1


async def test_a_crash_between_renaming_and_writing_it_down_is_mended(
    client: Client, parts: ApiParts, ann: Person
):
    upload_id = await send_all(client, ann)
    file = await File.get()
    await parts.uploads.store.complete(file.key)
    status, merged = await merge(client, ann, upload_id)
    assert (status, merged["id"], merged["sha256"]) == (201, file.id, SHA256)


async def test_an_upload_that_was_given_up_can_be_deleted_early_or_expires(
    client: Client, parts: ApiParts, ann: Person
):
    for _ in range(3):
        await send(client, ann, 0)
    first, second, third = await File.all().order_by("id")
    answer = await client.delete(f"/api/v1/files/{first.id}/", headers=ann.headers)
    assert answer.status == 200
    past = datetime.now(UTC) - timedelta(seconds=1)
    await File.filter(id=second.id).update(expires_at=past)
    assert await AbandonedUploads(parts.uploads).tick() == 1
    assert [file.id for file in await File.all()] == [third.id]
    uploads = Path(parts.settings.storage.directory) / "uploads"
    assert {path.name for path in uploads.iterdir()} == {third.key, f"{third.key}.map"}


async def test_going_on_puts_the_end_off(client: Client, ann: Person):
    _, opened = await send(client, ann, 0)
    soon = datetime.now(UTC) + timedelta(seconds=60)
    await File.all().update(expires_at=soon)
    await send(client, ann, 1, opened["upload_id"])
    expires_at = (await File.get()).expires_at
    assert expires_at is not None
    assert expires_at > soon
