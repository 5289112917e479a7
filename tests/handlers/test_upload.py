"""A file in one form: streamed to the disk, in any order of fields, and refused in good time."""

from __future__ import annotations

import asyncio
import dataclasses
import hashlib
import io
import random
from pathlib import Path
from typing import Any

import pytest
from aiohttp import FormData

from tests.handlers.conftest import Client
from tests.handlers.people import Person
from tests.handlers.stored_files import make_file
from tests.tasks.waiting import until
from vmlab.config import Settings, Storage
from vmlab.handlers.parts import ApiParts
from vmlab.models import File

UPLOAD = "/api/v1/files/upload/"
CONTENT = random.Random(1).randbytes(3_000_001)
SHA256 = hashlib.sha256(CONTENT).hexdigest()
MULTIPART = "multipart/form-data; boundary=b"


@pytest.fixture
def settings(settings: Settings, tmp_path: Path) -> Settings:
    """Narrow limits."""
    storage = Storage(
        directory=str(tmp_path / "files"),
        file_limit_mb=4,
        user_limit_mb=8,
        upload_stall_s=0.5,
        keep_free_mb=0,
    )
    return dataclasses.replace(settings, storage=storage)


def form(*fields: tuple[str, Any], filename: str = "disk.img") -> FormData:
    """A form with these fields in this order; bytes are files."""
    made = FormData(quote_fields=False, default_to_multipart=True)
    for name, value in fields:
        if isinstance(value, bytes):
            content = io.BytesIO(value)
            made.add_field(name, content, filename=filename, content_type="image/x; a=b")
        else:
            made.add_field(name, value)
    return made


async def send(client: Client, who: Person, data: Any, **headers: str) -> tuple[int, Any]:
    """Status, and data or error."""
    answer = await client.post(UPLOAD, data=data, headers=who.headers | headers)
    content = await answer.json()
    return answer.status, content.get("data") or content.get("error")


def left_over(parts: ApiParts) -> list[str]:
    """Files on the disk."""
    root = Path(parts.settings.storage.directory)
    return sorted(p.relative_to(root).parts[0] for p in root.rglob("*") if p.is_file())


@pytest.mark.parametrize("order", [1, -1], ids=["fields first", "file first"])
async def test_fields_come_in_any_order(client: Client, parts: ApiParts, ann: Person, order: int):
    fields = [("purpose", "attachment"), ("sha256", SHA256.upper()), ("file", CONTENT)][::order]
    status, file = await send(client, ann, form(*fields))
    assert status == 201
    assert file == {
        "id": file["id"],
        "name": "disk.img",
        "size_bytes": len(CONTENT),
        "content_type": "image/x",
        "purpose": "attachment",
        "sha256": SHA256,
        "owner": {"id": ann.id, "username": "ann"},
        "status": "ready",
        "created_at": file["created_at"],
        "expires_at": None,
    }
    row = await File.get(id=file["id"])
    assert parts.uploads.store.path(row.key).read_bytes() == CONTENT
    assert left_over(parts) == ["files"]


async def test_a_body_of_unknown_length_is_taken_too(client: Client, parts: ApiParts, ann: Person):
    async def body() -> Any:
        yield b'--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
        for begin in range(0, len(CONTENT), 100_000):
            yield CONTENT[begin : begin + 100_000]
        yield b"\r\n--b--\r\n"

    status, file = await send(client, ann, body(), **{"Content-Type": MULTIPART})
    assert (status, file["sha256"], file["size_bytes"]) == (201, SHA256, len(CONTENT))


@pytest.mark.parametrize(
    ("filename", "name"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\x\\disk.img", "disk.img"),
        ("photo\u202egnp.exe", "photognp.exe"),
        ("a\tb", "ab"),
        ("盘.img", "盘.img"),
        ("x" * 400, "x" * 255),
    ],
)
async def test_a_name_is_never_a_path(client: Client, ann: Person, filename: str, name: str):
    status, file = await send(client, ann, form(("file", b"x"), filename=filename))
    assert (status, file["name"]) == (201, name)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ([("purpose", "attachment")], "file"),
        ([("file", b"x"), ("color", "red")], "color"),
        ([("color", "red"), ("file", b"x")], "color"),
        ([("purpose", "fun"), ("file", b"x")], "purpose"),
        ([("file", b"x"), ("sha256", "12")], "sha256"),
        ([("file", b"x"), ("file", b"y")], "file"),
        ([("purpose", "iso"), ("purpose", "iso"), ("file", b"x")], "purpose"),
        ([("purpose", "x" * 5000), ("file", b"x")], "purpose"),
    ],
)
async def test_a_wrong_field_is_named(
    client: Client, parts: ApiParts, ann: Person, fields: list[tuple[str, Any]], field: str
):
    status, error = await send(client, ann, form(*fields))
    assert (status, error["code"], list(error["details"])) == (400, "VALIDATION_001", [field])
    assert left_over(parts) == []
    assert not await File.exists()


@pytest.mark.parametrize("filename", ["..", ".", "\u202e"])
async def test_what_is_no_name_is_refused(client: Client, ann: Person, filename: str):
    status, error = await send(client, ann, form(("file", b"x"), filename=filename))
    assert (status, list(error["details"])) == (400, ["file"])


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("multipart/form-data", b"--b--\r\n"),
        ("multipart/form-data; boundary=" + "b" * 71, b""),
        (MULTIPART, b""),
        (MULTIPART, b"no boundary anywhere"),
        (MULTIPART, b"--b\r\n"),
        (MULTIPART, b"--b\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\nhello"),
        (MULTIPART, b"--b\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\nhello\r\n--b"),
        (MULTIPART, b"--b\r\nno header at all\r\n\r\nhello\r\n--b--\r\n"),
        (MULTIPART, b"--b\r\nX: " + b"y" * 20_000 + b"\r\n\r\nhello\r\n--b--\r\n"),
        (MULTIPART, b"--b\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n--c--\r\n--b--\r\n"),
        (
            MULTIPART,
            b"--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n"
            b"Content-Transfer-Encoding: base64\r\n\r\naGk=\r\n--b--\r\n",
        ),
    ],
)  # fmt: skip
async def test_a_malformed_form_is_refused(
    client: Client, parts: ApiParts, ann: Person, content_type: str, body: bytes
):
    status, error = await send(client, ann, body, **{"Content-Type": content_type})
    assert (status, error["code"]) == (400, "VALIDATION_001")
    assert left_over(parts) == []
    assert not await File.exists()


async def test_json_is_no_form(client: Client, ann: Person):
    status, error = await send(client, ann, b"{}", **{"Content-Type": "application/json"})
    assert (status, error["code"]) == (415, "VALIDATION_001")


async def test_a_checksum_that_differs_is_refused(client: Client, parts: ApiParts, ann: Person):
    status, error = await send(client, ann, form(("file", CONTENT), ("sha256", "0" * 64)))
    assert (status, error["code"], error["details"]["sha256"]) == (400, "FILE_002", SHA256)
    assert left_over(parts) == []
    assert not await File.exists()


async def test_what_is_no_image_is_refused_as_one(client: Client, parts: ApiParts, ann: Person):
    status, error = await send(client, ann, form(("file", CONTENT), ("purpose", "template")))
    assert (status, error["code"]) == (400, "FILE_002")
    assert error["details"]["reason"] == "unknown_format"
    assert left_over(parts) == []


async def test_a_file_that_is_too_large_is_refused_before_it_comes(
    client: Client, parts: ApiParts, ann: Person
):
    status, error = await send(client, ann, form(("file", bytes(6 << 20))))
    assert (status, error["code"]) == (413, "FILE_001")
    assert error["details"]["max_bytes"] == 4 << 20
    assert left_over(parts) == []


async def test_a_file_that_turns_out_too_large_is_refused(
    client: Client, parts: ApiParts, ann: Person
):
    async def body() -> Any:
        yield b'--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
        for _ in range(6):
            yield bytes(1 << 20)
        yield b"\r\n--b--\r\n"

    status, error = await send(client, ann, body(), **{"Content-Type": MULTIPART})
    assert (status, error["code"]) == (413, "FILE_001")
    assert left_over(parts) == []
    assert not await File.exists()


async def test_a_users_files_have_a_limit_in_all(client: Client, parts: ApiParts, ann: Person):
    for _ in range(2):
        assert (await send(client, ann, form(("file", CONTENT))))[0] == 201
    status, error = await send(client, ann, form(("file", CONTENT)))
    assert (status, error["code"]) == (400, "QUOTA_001")
    details = error["details"]
    assert (details["resource"], details["quota"]) == ("file_bytes", 8 << 20)
    assert details["used"] == 2 * len(CONTENT)
    assert await File.all().count() == 2


async def test_uploads_at_the_same_moment_keep_to_the_limit_too(
    client: Client, parts: ApiParts, ann: Person
):
    answers = await asyncio.gather(*(send(client, ann, form(("file", CONTENT))) for _ in range(5)))
    assert sorted(status for status, _ in answers) == [201, 201, 400, 400, 400]
    assert left_over(parts) == ["files", "files"]


async def test_a_key_makes_an_upload_happen_once(client: Client, parts: ApiParts, ann: Person):
    first = await send(client, ann, form(("file", CONTENT)), **{"Idempotency-Key": "k"})
    again = await send(client, ann, form(("file", CONTENT)), **{"Idempotency-Key": "k"})
    other = await send(client, ann, form(("file", b"other")), **{"Idempotency-Key": "k"})
    assert (first[0], again, other[0]) == (201, first, 409)
    assert left_over(parts) == ["files"]


def head(client: Client, who: Person, length: int, **headers: str) -> bytes:
    """The beginning of an upload, for a socket of our own."""
    lines = [
        f"POST {UPLOAD} HTTP/1.1",
        "Host: localhost",
        f"Content-Type: {MULTIPART}",
        f"Content-Length: {length}",
        *(f"{name}: {value}" for name, value in (who.headers | headers).items()),
    ]
    return "\r\n".join([*lines, "", ""]).encode()


PART = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'


async def test_a_client_that_goes_away_leaves_nothing(client: Client, parts: ApiParts, ann: Person):
    _, writer = await asyncio.open_connection(client.host, client.port)
    writer.write(head(client, ann, 3_000_000) + PART + bytes(2_000_000))
    await writer.drain()
    await until(File.exists)
    writer.close()

    async def gone() -> bool:
        return not await File.exists()

    await until(gone)
    assert left_over(parts) == []


async def test_a_client_that_falls_silent_is_told(client: Client, parts: ApiParts, ann: Person):
    reader, writer = await asyncio.open_connection(client.host, client.port)
    writer.write(head(client, ann, 3_000_000) + PART + bytes(1000))
    answer = await reader.readline()
    assert answer == b"HTTP/1.1 408 Request Timeout\r\n"
    assert not await File.exists()
    writer.close()


async def test_a_client_that_asks_first_hears_before_it_sends(
    client: Client, parts: ApiParts, ann: Person
):
    reader, writer = await asyncio.open_connection(client.host, client.port)
    body = PART + b"hello\r\n--b--\r\n"
    writer.write(head(client, ann, len(body), Expect="100-continue"))
    assert await reader.readline() == b"HTTP/1.1 100 Continue\r\n"
    await reader.readline()
    writer.write(body)
    assert await reader.readline() == b"HTTP/1.1 201 Created\r\n"
    writer.close()


async def test_a_client_that_asks_first_without_credentials_sends_nothing(
    client: Client, ann: Person
):
    reader, writer = await asyncio.open_connection(client.host, client.port)
    stranger = dataclasses.replace(ann, headers={})
    writer.write(head(client, stranger, 5_000_000, Expect="100-continue"))
    assert await reader.readline() == b"HTTP/1.1 401 Unauthorized\r\n"
    writer.close()


async def test_a_full_disk_is_said(client: Client, parts: ApiParts, ann: Person):
    await make_file(parts, ann)
    storage = dataclasses.replace(parts.settings.storage, keep_free_mb=1 << 40)
    settings = dataclasses.replace(parts.settings, storage=storage)
    parts.uploads.room = dataclasses.replace(parts.uploads.room, settings=settings)
    status, error = await send(client, ann, form(("file", b"x")))
    assert (status, error["code"]) == (503, "SERVER_001")
    assert await File.all().count() == 1
