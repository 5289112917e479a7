"""A class list becomes accounts: all of them, or those that can be, or none."""

from __future__ import annotations

import asyncio
import re
from typing import Any

import pytest

from tests.handlers.conftest import Client
from tests.handlers.forms import form
from tests.handlers.people import People, Person
from tests.support.smtp import Mailbox, smtp_server
from vmlab.config import Mail, Proxmox, Security, Settings
from vmlab.models import Course, Membership, PasswordReset, Quota, User
from vmlab.operations.csv_table import read_table

IMPORT = "/api/v1/users/import/"
HEAD = "username,email,first_name,last_name,roles,course\n"
CLASS = (
    HEAD
    + "ann,Ann@Example.edu,Ann,Lee,,OS-1\n"
    + "tom,tom@example.edu,Tom,,teacher;student,OS-1\n"
    + "\n"
    + "kim,kim@example.edu,,,,\n"
)


BOTH = pytest.mark.parametrize("database_url", ["sqlite", "postgres"], indirect=True)
"""For what may differ between them; the rest is tested on SQLite."""


@pytest.fixture(params=["sqlite"])
def database_url(request: pytest.FixtureRequest) -> str:
    """An empty database of the kind that the test asks for."""
    return str(request.getfixturevalue(f"{request.param}_url"))


@pytest.fixture
def store(database: str) -> str:
    """That database, opened."""
    return database


@pytest.fixture
async def mailbox() -> Any:
    """A mail server."""
    async with smtp_server() as opened:
        yield opened


@pytest.fixture
def settings(mailbox: Mailbox) -> Settings:
    """Mail goes to that server."""
    return Settings(
        security=Security(secret_key="a-secret-key-of-more-than-32-bytes!"),
        proxmox=Proxmox(hosts=("127.0.0.1:1",), token_id="vmlab@pve!api", token_secret="none"),
        mail=Mail(host="127.0.0.1", port=mailbox.port, security="none"),
    )


@pytest.fixture
async def admin(people: People) -> Person:
    """The one who imports."""
    return await people.add("admin", "admin")


@pytest.fixture
async def course(people: People) -> Course:
    """The course of the class list."""
    return await Course.create(name="Operating systems", code="OS-1")


async def send(
    client: Client, admin: Person, table: str | bytes, **query: str
) -> tuple[int, dict[str, Any]]:
    """Status, and what came of the import or the error."""
    content = table.encode() if isinstance(table, str) else table
    answer = await client.post(
        IMPORT, data=form("file", content), params=query, headers=admin.headers
    )
    said = await answer.json()
    return answer.status, said["data"] if said["success"] else said["error"]


def outcomes(result: dict[str, Any]) -> list[tuple[int, str, str]]:
    """Line, name and outcome of each row."""
    return [(row["line"], row["username"], row["outcome"]) for row in result["rows"]]


@BOTH
async def test_every_row_becomes_an_account_with_all_that_belongs_to_it(
    client: Client, admin: Person, course: Course
):
    status, result = await send(client, admin, CLASS)
    assert status == 200, result
    assert (result["created"], result["refused"], result["dry_run"]) == (3, 0, False)
    assert outcomes(result) == [(2, "ann", "created"), (3, "tom", "created"), (5, "kim", "created")]
    shown = await client.get("/api/v1/users/", params={"search": "tom"}, headers=admin.headers)
    [tom] = (await shown.json())["data"]["results"]
    assert (tom["id"], tom["roles"]) == (result["rows"][1]["user_id"], ["student", "teacher"])
    ann = await User.get(username="ann").prefetch_related("roles")
    assert (ann.email, ann.first_name, ann.last_name) == ("ann@example.edu", "Ann", "Lee")
    assert [role.name for role in ann.roles] == ["student"]
    assert await Quota.filter(user_id=ann.id, vm_limit=5).exists()
    places = await Membership.filter(course=course).values_list("user__username", "role")
    assert sorted((name, str(role.value)) for name, role in places) == [
        ("ann", "student"),
        ("tom", "teacher"),
    ]


async def test_each_owner_gets_a_mail_with_which_to_set_the_first_password(
    client: Client, admin: Person, course: Course, mailbox: Mailbox
):
    await send(client, admin, CLASS)
    messages = {message["To"]: message for message in await mailbox.received(3)}
    assert messages.keys() == {"ann@example.edu", "tom@example.edu", "kim@example.edu"}
    text = messages["ann@example.edu"].get_content()
    assert "your username is ann" in text
    assert "within\r\n7 days" in text
    token = re.search(r"^    ([\w-]{40,})\r$", text, re.MULTILINE)
    assert token is not None
    body = {"token": token[1], "new_password": "a first password"}
    assert (await client.post("/api/v1/auth/password/reset/confirm/", json=body)).status == 200
    login = {"username": "ann", "password": "a first password"}
    assert (await client.post("/api/v1/auth/login/", json=login)).status == 200


BAD = (
    HEAD
    + "ann,ann@example.edu,,,,\n"
    + "admin,other@example.edu,,,,\n"
    + "ann,again@example.edu,,,,\n"
    + "bob,admin@example.edu,,,king,NOPE\n"
    + ",nobody@example.edu,,,,\n"
    + "eve,eve@example.edu,,,,,surplus\n"
    + "joe,joe@example.edu,,,,NOPE\n"
)


@BOTH
async def test_one_bad_row_holds_up_all_and_every_one_is_named(client: Client, admin: Person):
    status, error = await send(client, admin, BAD)
    assert (status, error["code"]) == (400, "VALIDATION_001")
    assert error["message"] == "6 of 7 rows cannot be imported, so none was."
    assert {row["line"]: row["errors"] for row in error["details"]["rows"]} == {
        3: {"username": ["This is taken."]},
        4: {"username": ["This stands in the file more than once."]},
        5: {"roles": ["Must be one of: admin, student, teacher."]},
        6: {"username": ["Missing data for required field."]},
        7: {"row": ["There are more cells than columns."]},
        8: {"course": ["There is no such course."]},
    }
    assert await User.all().count() == 1


async def test_the_good_rows_are_imported_if_that_is_asked_for(client: Client, admin: Person):
    status, result = await send(client, admin, BAD, partial="true")
    assert (status, result["created"], result["refused"]) == (200, 1, 6)
    assert [row["outcome"] for row in result["rows"]] == ["created"] + ["refused"] * 6
    assert {user.username for user in await User.all()} == {"admin", "ann"}


async def test_a_dry_run_names_every_outcome_and_does_nothing(
    client: Client, admin: Person, mailbox: Mailbox
):
    status, result = await send(client, admin, BAD, dry_run="true")
    assert (status, result["created"], result["refused"]) == (200, 0, 6)
    assert [row["outcome"] for row in result["rows"]] == ["valid"] + ["refused"] * 6
    assert await User.all().count() == 1
    assert not await PasswordReset.all().exists()
    assert mailbox.messages == []


@BOTH
async def test_of_two_imports_at_the_same_moment_one_wins(
    client: Client, admin: Person, course: Course
):
    results = await asyncio.gather(*(send(client, admin, CLASS) for _ in range(2)))
    assert sorted(status for status, _ in results) in ([200, 400], [200, 409])
    assert await User.all().count() == 4
    assert await Membership.filter(course=course).count() == 2


async def test_importing_again_finds_everybody_there(client: Client, admin: Person, course: Course):
    await send(client, admin, CLASS)
    status, error = await send(client, admin, CLASS)
    assert status == 400
    assert {row["line"] for row in error["details"]["rows"]} == {2, 3, 5}
    status, result = await send(client, admin, CLASS, partial="true")
    assert (status, result["created"]) == (200, 0)


async def test_nobody_can_sign_in_to_an_imported_account(
    client: Client, admin: Person, course: Course
):
    await send(client, admin, CLASS)
    for password in ("ann", "!", " "):
        body = {"username": "ann", "password": password}
        assert (await client.post("/api/v1/auth/login/", json=body)).status == 401


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
async def test_chinese_names_come_from_any_spreadsheet(
    client: Client, admin: Person, encoding: str
):
    table = (HEAD + "wang,wang@example.edu,小明,王,,\r\n").encode(encoding)
    assert (await send(client, admin, table))[0] == 200
    wang = await User.get(username="wang")
    assert (wang.first_name, wang.last_name) == ("小明", "王")


async def test_a_course_may_be_named_by_its_id(client: Client, admin: Person):
    numbered = await Course.create(name="Numbered", code="101")
    plain = await Course.create(id=101, name="Plain")
    table = f"username,email,course\nann,a@example.edu,{numbered.id}\nbob,b@example.edu,101\n"
    assert (await send(client, admin, table))[0] == 200
    assert await Membership.filter(course=numbered).count() == 2  # a code counts before an id
    assert not await Membership.filter(course=plain).exists()


@pytest.mark.parametrize(
    ("table", "details"),
    [
        ("", {"username": 1, "email": 1}),
        ("name,email\n", {"name": 1, "username": 1}),
        ("username,email,password\n", {"password": 1}),
        ("username,email,email\n", {"email": 1}),
    ],
)
async def test_a_header_that_will_not_do_is_named(
    client: Client, admin: Person, table: str, details: dict[str, int]
):
    status, error = await send(client, admin, table)
    assert status == 400
    assert {name: len(said) for name, said in error["details"].items()} == details


@pytest.mark.parametrize(
    "table",
    [
        b"\xff\xfeu\x00s\x00",
        b'username,email\n"ann,ann@example.edu\n',
        b'username,email\n"a"b,c\n',
        b"username,email\n" + b"a" * 200_000 + b",b\n",
    ],
    ids=["utf-16", "open quote", "text after a quote", "endless cell"],
)
async def test_what_is_no_table_is_refused(client: Client, admin: Person, table: bytes):
    status, error = await send(client, admin, table)
    assert (status, error["code"]) == (400, "FILE_002")


@BOTH
async def test_text_that_no_database_can_hold_is_refused_in_its_row(client: Client, admin: Person):
    status, error = await send(client, admin, "username,email,first_name\nann,a@b.cd,A\x00\n")
    assert status == 400
    [row] = error["details"]["rows"]
    assert row["errors"] == {"first_name": ["Text may not contain NUL."]}


async def test_rows_and_bytes_are_limited(client: Client, admin: Person):
    rows = "".join(f"user{n},user{n}@example.edu\n" for n in range(1001))
    status, error = await send(client, admin, "username,email\n" + rows)
    assert (status, error["code"], error["details"]) == (413, "FILE_001", {"max_rows": 1000})
    status, error = await send(client, admin, b"x" * (1024 * 1024 + 1))
    assert (status, error["code"]) == (413, "FILE_001")


async def test_a_thousand_accounts_are_made_at_once(
    client: Client, admin: Person, course: Course, mailbox: Mailbox
):
    rows = "".join(f"user{n},user{n}@example.edu,OS-1\n" for n in range(1000))
    status, result = await send(client, admin, "username,email,course\n" + rows)
    assert (status, result["created"]) == (200, 1000)
    assert await Membership.filter(course=course).count() == 1000


async def test_a_header_alone_makes_nobody(client: Client, admin: Person):
    status, result = await send(client, admin, HEAD)
    assert (status, result["created"], result["rows"]) == (200, 0, [])


def test_columns_may_come_in_any_order_and_case():
    [line] = read_table(
        b"EMAIL, Username\r\na@b.cd , ann\r\n",
        columns=("username", "email"),
        required=("username",),
        max_rows=1,
    )
    assert line.cells == {"email": "a@b.cd", "username": "ann"}
