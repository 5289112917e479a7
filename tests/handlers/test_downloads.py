"""Files are listed, given out whole or in part, and deleted unless something needs them."""

from __future__ import annotations

import hashlib

import pytest

from tests.handlers.conftest import Client
from tests.handlers.people import People, Person
from tests.handlers.rows import make_template
from tests.handlers.stored_files import make_file, make_upload
from vmlab.handlers.parts import ApiParts
from vmlab.models import File, Template, TemplateStatus

FILES = "/api/v1/files/"
CONTENT = bytes(range(256)) * 4096


def tag_of(content: bytes) -> str:
    """The entity tag of these bytes."""
    return f'"{hashlib.sha256(content).hexdigest()}"'


async def test_a_list_has_ones_own_files_by_purpose_and_name(
    client: Client, parts: ApiParts, people: People, ann: Person
):
    await make_file(parts, await people.add("ben", "student"), name="his.txt")
    await make_file(parts, ann, name="a.txt")
    await make_upload(parts, ann)
    for query, names in (
        ({}, {"a.txt", "notes.txt"}),
        ({"status": "ready"}, {"a.txt"}),
        ({"search": "NOTES"}, {"notes.txt"}),
        ({"purpose": "iso"}, set()),
    ):
        answer = await client.get(FILES, params=query, headers=ann.headers)
        found = (await answer.json())["data"]["results"]
        assert {file["name"] for file in found} == names, query


async def test_a_download_is_the_file_and_harmless_in_a_browser(
    client: Client, parts: ApiParts, ann: Person
):
    file = await make_file(parts, ann, CONTENT, name='页面 "x".html')
    answer = await client.get(f"{FILES}{file.id}/download/", headers=ann.headers)
    assert await answer.read() == CONTENT
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["ETag"] == tag_of(CONTENT)
    assert answer.headers["Content-Disposition"] == (
        "attachment; filename=\"__ _x_.html\"; filename*=UTF-8''%E9%A1%B5%E9%9D%A2%20%22x%22.html"
    )


async def test_a_head_tells_of_the_file_without_it(client: Client, parts: ApiParts, ann: Person):
    file = await make_file(parts, ann, CONTENT)
    answer = await client.head(f"{FILES}{file.id}/download/", headers=ann.headers)
    assert answer.status == 200
    assert answer.headers["Content-Length"] == str(len(CONTENT))
    assert await answer.read() == b""


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("bytes=0-0", range(1)),
        ("bytes=0-99", range(100)),
        ("bytes=1000-", range(1000, len(CONTENT))),
        ("bytes=-7", range(len(CONTENT) - 7, len(CONTENT))),
        ("bytes=-99999999", range(len(CONTENT))),
        ("bytes=300000-700000", range(300_000, 700_001)),
        ("bytes=5-99999999", range(5, len(CONTENT))),
    ],
)
async def test_a_range_gets_these_bytes(
    client: Client, parts: ApiParts, ann: Person, asked: str, expected: range
):
    file = await make_file(parts, ann, CONTENT)
    headers = ann.headers | {"Range": asked, "If-Range": tag_of(CONTENT)}
    answer = await client.get(f"{FILES}{file.id}/download/", headers=headers)
    assert answer.status == 206
    assert await answer.read() == CONTENT[expected.start : expected.stop]
    last = expected.stop - 1
    assert answer.headers["Content-Range"] == f"bytes {expected.start}-{last}/{len(CONTENT)}"


@pytest.mark.parametrize(
    "headers",
    [
        {"Range": "bytes=0-1,4-5"},
        {"Range": "lines=0-1"},
        {"Range": "bytes=5-4"},
        {"Range": "bytes=-"},
        {"Range": "bytes=x-"},
        {"Range": "bytes=0-1", "If-Range": '"another"'},
        {"Range": "bytes=0-1", "If-Range": "Mon, 23 Nov 2026 00:00:00 GMT"},
        {"If-None-Match": '"another"'},
    ],
)
async def test_what_is_no_range_of_this_version_gets_all_of_it(
    client: Client, parts: ApiParts, ann: Person, headers: dict[str, str]
):
    file = await make_file(parts, ann)
    answer = await client.get(f"{FILES}{file.id}/download/", headers=ann.headers | headers)
    assert (answer.status, await answer.read()) == (200, b"hello")


@pytest.mark.parametrize("asked", ["bytes=5-", "bytes=9-10", "bytes=-0"])
async def test_a_range_past_the_end_is_refused(
    client: Client, parts: ApiParts, ann: Person, asked: str
):
    file = await make_file(parts, ann)
    headers = ann.headers | {"Range": asked}
    answer = await client.get(f"{FILES}{file.id}/download/", headers=headers)
    assert answer.status == 416
    assert answer.headers["Content-Range"] == "bytes */5"


@pytest.mark.parametrize("form", ["{tag}", "W/{tag}", '"x", {tag}', "*"])
async def test_who_has_it_already_gets_nothing(
    client: Client, parts: ApiParts, ann: Person, form: str
):
    file = await make_file(parts, ann)
    headers = ann.headers | {"If-None-Match": form.format(tag=tag_of(b"hello"))}
    answer = await client.get(f"{FILES}{file.id}/download/", headers=headers)
    assert (answer.status, await answer.read()) == (304, b"")


async def test_an_empty_file_is_a_file(client: Client, parts: ApiParts, ann: Person):
    file = await make_file(parts, ann, b"")
    answer = await client.get(f"{FILES}{file.id}/download/", headers=ann.headers)
    assert (answer.status, await answer.read()) == (200, b"")


async def test_an_upload_under_way_cannot_be_downloaded(
    client: Client, parts: ApiParts, ann: Person
):
    upload = await make_upload(parts, ann)
    answer = await client.get(f"{FILES}{upload.file.id}/download/", headers=ann.headers)
    assert answer.status == 409


async def test_a_deleted_file_is_gone_from_the_disk(client: Client, parts: ApiParts, ann: Person):
    file = await make_file(parts, ann)
    path = parts.uploads.store.path(file.key)
    assert path.read_bytes() == b"hello"
    assert (await client.delete(f"{FILES}{file.id}/", headers=ann.headers)).status == 200
    assert not path.exists()
    assert not await File.exists()


async def test_a_file_that_a_template_is_made_from_stays_until_that_is_done(
    client: Client, parts: ApiParts, people: People, ann: Person
):
    file = await make_file(parts, ann)
    course = await people.course("c", [ann], [])
    template = await make_template(course, ann, source_file=file, status=TemplateStatus.IMPORTING)
    answer = await client.delete(f"{FILES}{file.id}/", headers=ann.headers)
    error = (await answer.json())["error"]
    assert (answer.status, error["code"]) == (409, "RESOURCE_002")
    assert error["details"]["templates"] == [{"id": template.id, "name": template.name}]
    assert parts.uploads.store.path(file.key).exists()
    await Template.filter(id=template.id).update(status=TemplateStatus.READY)
    async with client.delete(f"{FILES}{file.id}/", headers=ann.headers) as answer:
        assert answer.status == 200
    assert not parts.uploads.store.path(file.key).exists()


async def test_a_user_with_files_stays(
    client: Client, parts: ApiParts, people: People, ann: Person
):
    admin = await people.add("admin", "admin")
    await make_file(parts, ann)
    answer = await client.delete(f"/api/v1/users/{ann.id}/", headers=admin.headers)
    assert answer.status == 409
    assert (await answer.json())["error"]["details"]["files"] == 1
