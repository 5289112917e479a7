"""A forgotten password: the mail, its token, and what nobody learns from asking."""

from __future__ import annotations

import asyncio
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.handlers.conftest import Client
from tests.handlers.people import PASSWORD, People, Person
from tests.support.smtp import Mailbox, smtp_server
from vmlab.config import Mail, Proxmox, Security, Settings
from vmlab.handlers.parts import ApiParts
from vmlab.models import AuthSession, PasswordReset, User

ASK = "/api/v1/auth/password/reset/"
CONFIRM = "/api/v1/auth/password/reset/confirm/"
LOGIN = "/api/v1/auth/login/"
PROFILE = "/api/v1/auth/user/profile/"
ENGLISH = {"Accept-Language": "en"}
NEW = "quite another one"


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
        security=Security(
            secret_key="a-secret-key-of-more-than-32-bytes!",
            secure_cookies=False,
            reset_limit="3/hour",
        ),
        proxmox=Proxmox(hosts=("127.0.0.1:1",), token_id="vmlab@pve!api", token_secret="none"),
        mail=Mail(
            host="127.0.0.1",
            port=mailbox.port,
            security="none",
            sender="VMLab <lab@example.edu>",
            reset_url="https://portal.example.edu/reset?token={token}",
        ),
    )


async def ask(client: Client, email: str, **headers: str) -> int:
    """The status that a question gets."""
    return (await client.post(ASK, json={"email": email}, headers=headers)).status


async def token_for(client: Client, mailbox: Mailbox, email: str = "ann@example.edu") -> str:
    """Ask, and read the token out of the mail."""
    before = len(mailbox.messages)
    assert await ask(client, email, **ENGLISH) == 200
    message = (await mailbox.received(before + 1))[-1]
    assert message["To"] == email
    found = re.search(
        r"https://portal\.example\.edu/reset\?token=([\w-]+)\r\n", message.get_content()
    )
    assert found is not None
    return found[1]


async def confirm(client: Client, token: str, password: str = NEW) -> tuple[int, Any]:
    """Status and error's details of a confirmation."""
    body = {"token": token, "new_password": password}
    answer = await client.post(CONFIRM, json=body, headers=ENGLISH)
    content = await answer.json()
    return answer.status, content.get("error", {}).get("details")


async def may_sign_in(client: Client, password: str) -> bool:
    """Whether ann may with this password."""
    answer = await client.post(LOGIN, json={"username": "ann", "password": password})
    return answer.status == 200


WORTHLESS = (400, {"token": ["This token is unknown, spent or expired."]})


@BOTH
async def test_the_token_of_the_mail_sets_a_password_once_and_ends_all_logins(
    client: Client, ann: Person, mailbox: Mailbox
):
    token = await token_for(client, mailbox)
    assert (await client.get(PROFILE, headers=ann.headers)).status == 200
    assert (await confirm(client, token))[0] == 200
    assert (await client.get(PROFILE, headers=ann.headers)).status == 401
    assert await may_sign_in(client, NEW)
    assert not await may_sign_in(client, PASSWORD)
    assert await confirm(client, token, "a third one of them") == WORTHLESS


async def test_open_consoles_hear_that_the_logins_have_ended(
    client: Client, ann: Person, mailbox: Mailbox, parts: ApiParts
):
    token = await token_for(client, mailbox)
    async with parts.bus.subscribe("sessions") as messages:
        await confirm(client, token)
        assert await anext(messages) == {"user_id": ann.id}


async def test_known_and_unknown_addresses_get_the_same_answer(
    client: Client, people: People, ann: Person, mailbox: Mailbox
):
    await people.add("gone", "student", is_active=False)
    answers = []
    for name in ("nobody", "gone", "ann"):
        answer = await client.post(ASK, json={"email": f"{name}@example.edu"})
        content = await answer.json()
        content.pop("timestamp")
        answers.append((answer.status, content))
    assert answers[0] == answers[1] == answers[2]
    assert [message["To"] for message in await mailbox.received()] == ["ann@example.edu"]


async def test_no_answer_waits_for_the_mail_server(client: Client, ann: Person, mailbox: Mailbox):
    mailbox.answers.clear()
    answered = [await ask(client, f"{name}@example.edu") for name in ("ann", "nobody", "ann")]
    assert answered == [200, 200, 200]
    assert mailbox.messages == []
    mailbox.answers.set()
    assert len(await mailbox.received(2)) == 2


async def test_the_mail_speaks_the_language_that_was_asked_in(
    client: Client, ann: Person, mailbox: Mailbox
):
    await ask(client, "ann@example.edu")
    await mailbox.received(1)
    await ask(client, "ann@example.edu", **ENGLISH)
    subjects = [message["Subject"] for message in await mailbox.received(2)]
    assert subjects == ["重置您的 VMLab 密码", "Setting a new password for VMLab"]


async def test_a_link_never_leads_to_a_host_that_the_request_names(
    client: Client, ann: Person, mailbox: Mailbox
):
    await ask(client, "ann@example.edu", Host="evil.example.com", **ENGLISH)
    [message] = await mailbox.received()
    assert "evil" not in message.as_string()


async def test_the_token_is_not_in_the_database(client: Client, ann: Person, mailbox: Mailbox):
    token = await token_for(client, mailbox)
    assert token not in str(await PasswordReset.all().values())


async def test_a_token_expires(client: Client, ann: Person, mailbox: Mailbox):
    token = await token_for(client, mailbox)
    row = await PasswordReset.get()
    assert timedelta(minutes=59) < row.expires_at - datetime.now(UTC) <= timedelta(hours=1)
    await PasswordReset.all().update(expires_at=datetime.now(UTC) - timedelta(seconds=1))
    assert await confirm(client, token) == WORTHLESS
    assert await may_sign_in(client, PASSWORD)


@pytest.mark.parametrize(
    "change",
    [
        {"email": "elsewhere@example.edu"},
        {"password_hash": "changed"},
        {"is_active": False},
    ],
)
async def test_a_token_is_worth_nothing_once_the_account_has_changed(
    client: Client, ann: Person, mailbox: Mailbox, change: dict[str, Any]
):
    token = await token_for(client, mailbox)
    await User.filter(id=ann.id).update(**change)
    assert await confirm(client, token) == WORTHLESS


async def test_all_tokens_of_before_go_with_the_first_that_is_used(
    client: Client, ann: Person, mailbox: Mailbox
):
    first, second = await token_for(client, mailbox), await token_for(client, mailbox)
    assert (await confirm(client, first))[0] == 200
    assert await confirm(client, second) == WORTHLESS


@BOTH
async def test_of_several_at_the_same_moment_one_wins(
    client: Client, ann: Person, mailbox: Mailbox
):
    token = await token_for(client, mailbox)
    passwords = [f"password number {number}" for number in range(4)]
    results = await asyncio.gather(*(confirm(client, token, each) for each in passwords))
    statuses = [status for status, _ in results]
    assert sorted(statuses) == [200, 400, 400, 400]
    assert await may_sign_in(client, passwords[statuses.index(200)])


async def test_a_bad_password_does_not_spend_the_token(
    client: Client, ann: Person, mailbox: Mailbox
):
    token = await token_for(client, mailbox)
    status, details = await confirm(client, token, "short")
    assert (status, list(details)) == (400, ["new_password"])
    assert (await confirm(client, token))[0] == 200


async def test_asking_is_limited_for_an_address_whether_or_not_it_is_known(
    client: Client, ann: Person, mailbox: Mailbox
):
    for email in "ann@example.edu", "nobody@example.edu":
        statuses = [await ask(client, email) for _ in range(4)]
        assert statuses == [200, 200, 200, 429]
    assert await may_sign_in(client, PASSWORD)


async def test_asking_is_limited_for_a_client(client: Client, mailbox: Mailbox):
    for number in range(30):
        assert await ask(client, f"user{number}@example.edu") == 200
    assert await ask(client, "user30@example.edu") == 429


@BOTH
async def test_a_login_that_began_before_does_not_outlast_the_reset(
    client: Client, ann: Person, mailbox: Mailbox
):
    """Its hash is computed while the password changes: it must not get a session afterwards."""
    token = await token_for(client, mailbox)
    results = await asyncio.gather(
        confirm(client, token), *(may_sign_in(client, PASSWORD) for _ in range(4))
    )
    assert results[0][0] == 200
    assert not await AuthSession.filter(user_id=ann.id, revoked_at__isnull=True).exists()


async def test_a_login_that_renews_the_hash_leaves_tokens_as_they_are(
    client: Client, ann: Person, mailbox: Mailbox
):
    token = await token_for(client, mailbox)
    before = (await User.get(id=ann.id)).password_hash
    assert await may_sign_in(client, PASSWORD)
    assert (await User.get(id=ann.id)).password_hash != before
    assert (await confirm(client, token))[0] == 200
    assert not await may_sign_in(client, PASSWORD)
