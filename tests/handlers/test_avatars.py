"""Pictures of people: taken, shown, replaced; and forms that are not quite right."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

import pytest
from aiohttp import FormData
from PIL import Image

from tests.handlers.conftest import Client
from tests.handlers.forms import form
from tests.handlers.people import People, Person
from vmlab.config import Settings

AVATAR = "/api/v1/auth/user/avatar/"
PROFILE = "/api/v1/auth/user/profile/"


def picture(color: str = "red") -> bytes:
    """A PNG."""
    file = io.BytesIO()
    Image.new("RGB", (300, 200), color).save(file, "PNG")
    return file.getvalue()


def files(settings: Settings) -> list[str]:
    """Names of the pictures that are kept."""
    folder = Path(settings.storage.directory) / "avatars"
    return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []


async def send(client: Client, who: Person, data: Any, **headers: str) -> tuple[int, Any]:
    """Status, and the picture's address or the error."""
    answer = await client.post(AVATAR, data=data, headers=who.headers | headers)
    content = await answer.json()
    return answer.status, content["data"]["avatar_url"] if content["success"] else content["error"]


async def refusal(client: Client, who: Person, data: Any, **headers: str) -> tuple[int, str]:
    """Status and code of a refusal."""
    status, error = await send(client, who, data, **headers)
    return status, error["code"]


async def test_a_picture_is_shown_to_anybody_with_safe_headers(client: Client, ann: Person):
    status, url = await send(client, ann, form("avatar", picture(), content_type="image/png"))
    assert status == 200
    assert re.fullmatch(r"/avatars/[0-9a-f]{32}\.webp", url)
    profile = await client.get(PROFILE, headers=ann.headers)
    assert (await profile.json())["data"]["avatar_url"] == url
    answer = await client.get(url)
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "image/webp"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    with Image.open(io.BytesIO(await answer.read())) as shown:
        assert (shown.format, shown.size) == ("WEBP", (256, 256))


async def test_a_new_picture_takes_the_place_of_the_old_one(
    client: Client, ann: Person, settings: Settings
):
    _, first = await send(client, ann, form("avatar", picture("red")))
    _, second = await send(client, ann, form("avatar", picture("blue")))
    assert first != second
    assert (await client.get(first)).status == 404
    assert files(settings) == [second.removeprefix("/avatars/")]


async def test_a_picture_goes_with_its_user(
    client: Client, people: People, ann: Person, settings: Settings
):
    admin = await people.add("admin", "admin")
    await send(client, ann, form("avatar", picture()))
    listed = await client.get("/api/v1/users/", params={"search": "ann"}, headers=admin.headers)
    assert (await listed.json())["data"]["results"][0]["avatar_url"].startswith("/avatars/")
    answer = await client.delete(f"/api/v1/users/{ann.id}/", headers=admin.headers)
    assert answer.status == 200
    assert files(settings) == []


@pytest.mark.parametrize(
    ("content", "content_type"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "image/svg+xml"),
        (b"GIF89a", "image/gif"),
        (b"", "image/png"),
        (picture()[:-20], "image/png"),
        (picture() + b"PK\x05\x06", "image/png"),
        (picture(), "text/html"),
    ],
    ids=["svg", "gif", "empty", "truncated", "polyglot", "claims html"],
)
async def test_what_is_no_harmless_picture_is_refused(
    client: Client, ann: Person, settings: Settings, content: bytes, content_type: str
):
    data = form("avatar", content, content_type=content_type)
    assert await refusal(client, ann, data) == (400, "FILE_002")
    assert files(settings) == []


async def test_too_many_bytes_are_refused_before_all_of_them_are_read(client: Client, ann: Person):
    limit = 5 * 1024 * 1024
    status, error = await send(client, ann, form("avatar", picture() + b"\0" * limit))
    assert (status, error["code"]) == (413, "FILE_001")
    assert error["details"] == {"max_bytes": limit}


async def test_other_fields_are_named(client: Client, ann: Person):
    status, error = await send(client, ann, form("picture", picture()))
    assert (status, error["details"]) == (400, {"picture": ["Unknown field."]})


async def test_a_form_without_the_file_is_refused(client: Client, ann: Person):
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    status, error = await send(client, ann, b"--x--\r\n", **headers)
    assert status == 400
    assert error["details"] == {"avatar": ["Missing data for required field."]}


async def test_the_file_comes_once(client: Client, ann: Person):
    twice = FormData()
    for _ in range(2):
        twice.add_field("avatar", picture(), filename="a.png")
    status, error = await send(client, ann, twice)
    assert (status, error["details"]) == (400, {"avatar": ["Given more than once."]})


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/json", b"{}"),
        ("image/png", picture()),
        ("application/x-www-form-urlencoded", b"avatar=x"),
    ],
)
async def test_only_forms_are_taken(client: Client, ann: Person, content_type: str, body: bytes):
    got = await refusal(client, ann, body, **{"Content-Type": content_type})
    assert got == (415, "VALIDATION_001")


PART = b'--x\r\nContent-Disposition: form-data; name="avatar"; filename="a"\r\n'


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("multipart/form-data", PART + b"\r\nabc\r\n--x--\r\n"),
        ("multipart/form-data; boundary=" + "x" * 100, PART + b"\r\nabc\r\n--x--\r\n"),
        ("multipart/form-data; boundary=x", b""),
        ("multipart/form-data; boundary=x", b"garbage"),
        ("multipart/form-data; boundary=x", PART),
        ("multipart/form-data; boundary=x", PART + b"\r\nno end"),
        ("multipart/form-data; boundary=x", b"--x\r\nbad header\r\n\r\nabc\r\n--x--\r\n"),
        ("multipart/form-data; boundary=x", b"--x\r\n\r\nabc\r\n--x--\r\n"),
        ("multipart/form-data; boundary=x", PART + b"Content-Length: -5\r\n\r\nabc\r\n--x--\r\n"),
        ("multipart/form-data; boundary=x", PART + b"Content-Length: x\r\n\r\nabc\r\n--x--\r\n"),
        (
            "multipart/form-data; boundary=x",
            b"--x\r\nContent-Type: multipart/mixed; boundary=y\r\n\r\n--y--\r\n--x--\r\n",
        ),
        ("multipart/form-data; boundary=x", PART + b"A: " + b"b" * 100_000 + b"\r\n\r\n\r\n--x--"),
    ],
    ids=range(12),
)
async def test_malformed_forms_are_the_clients_mistake(
    client: Client, ann: Person, content_type: str, body: bytes
):
    status, _ = await send(client, ann, body, **{"Content-Type": content_type})
    assert status == 400


async def test_a_repeated_upload_does_nothing_twice(
    client: Client, ann: Person, settings: Settings
):
    key = {"Idempotency-Key": "k1"}
    first = await send(client, ann, form("avatar", picture()), **key)
    again = await send(client, ann, form("avatar", picture()), **key)
    assert first == again
    assert len(files(settings)) == 1
    assert await refusal(client, ann, form("avatar", picture("blue")), **key) == (
        409,
        "RESOURCE_002",
    )


@pytest.mark.parametrize(
    "name", ["..%2F..%2Fvmlab.db", "%2e%2e", "a.webp", "0" * 32 + ".webp", "0" * 32 + ".webp%0a"]
)
async def test_no_name_leads_anywhere_else(client: Client, name: str):
    answer = await client.get(f"/avatars/{name}")
    assert answer.status == 404
