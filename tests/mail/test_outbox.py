"""Letters over real SMTP: how they look, how they are kept private, what becomes of refusals."""

from __future__ import annotations

import asyncio
import functools
from dataclasses import replace
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from tests.support.smtp import PASSWORD, USERNAME, Authority, Mailbox, authority, smtp_server
from vmlab.config import Mail
from vmlab.mail import Letter, Outbox, compose

LETTER = Letter(
    kind="reset",
    language="en",
    to="ann@example.edu",
    values={"name": "Ann", "username": "ann", "minutes": "60", "where": "t0ken"},
)
NO_PAUSE = (0.0, 0.0)


@pytest.fixture(scope="module")
def signed(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """An authority that only those trust who are told to."""
    return authority(tmp_path_factory.mktemp("authority"))


async def written(letter: Letter | None) -> Letter | None:
    """A letter that is ready."""
    return letter


def settings(mailbox: Mailbox, security: str, **changes: str) -> Mail:
    """How to reach a test's server."""
    plain = Mail(host="localhost", port=mailbox.port, sender="VMLab <lab@example.edu>")
    return replace(plain, security=security, **changes)  # type: ignore[arg-type]


async def events_of(mail: Mail, *letters: Letter | None) -> list[str]:
    """Send letters, wait for what becomes of them, and return what the log says of it."""
    with capture_logs() as logs:
        async with Outbox(mail, NO_PAUSE).opened() as outbox:
            for letter in letters:
                outbox.put(functools.partial(written, letter))
    return [entry["event"] for entry in logs]


async def test_a_letter_arrives_as_it_was_written():
    async with smtp_server() as mailbox:
        assert await events_of(settings(mailbox, "none"), LETTER) == ["mail_sent"]
        [message] = mailbox.messages
    assert message["From"] == "VMLab <lab@example.edu>"
    assert message["To"] == "ann@example.edu"
    assert message["Subject"] == "Setting a new password for VMLab"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message.get_content_type() == "text/plain"
    assert "the account ann" in message.get_content()
    assert "    t0ken\r\n" in message.get_content()


async def test_chinese_arrives_as_chinese():
    letter = replace(LETTER, language="zh", values={**LETTER.values, "name": "王小明"})
    async with smtp_server() as mailbox:
        await events_of(settings(mailbox, "none"), letter)
        [message] = mailbox.messages
    assert message["Subject"] == "重置您的 VMLab 密码"
    assert "王小明，您好：" in message.get_content()


async def test_starttls_with_a_login(signed: Authority):
    async with smtp_server(starttls=signed.context, auth=True) as mailbox:
        mail = settings(mailbox, "starttls", ca_file=str(signed.ca_file))
        mail = replace(mail, username=USERNAME, password=PASSWORD)
        assert await events_of(mail, LETTER) == ["mail_sent"]
        assert mailbox.logins == [True]


async def test_tls_from_the_first_byte(signed: Authority):
    async with smtp_server(tls=signed.context) as mailbox:
        mail = settings(mailbox, "tls", ca_file=str(signed.ca_file))
        assert await events_of(mail, LETTER) == ["mail_sent"]


@pytest.mark.parametrize("security", ["starttls", "tls"])
async def test_a_server_that_cannot_prove_itself_gets_nothing(signed: Authority, security: str):
    served = signed.context
    by_tls, by_starttls = (served, None) if security == "tls" else (None, served)
    async with smtp_server(tls=by_tls, starttls=by_starttls) as mailbox:
        events = await events_of(settings(mailbox, security), LETTER)
        assert events[-1] == "mail_failed"
        assert mailbox.messages == []


async def test_a_server_without_starttls_gets_nothing():
    async with smtp_server() as mailbox:
        assert await events_of(settings(mailbox, "starttls"), LETTER) == ["mail_failed"]
        assert mailbox.messages == []


async def test_a_wrong_password_is_not_tried_again_later(signed: Authority):
    async with smtp_server(starttls=signed.context, auth=True) as mailbox:
        mail = settings(mailbox, "starttls", ca_file=str(signed.ca_file))
        mail = replace(mail, username=USERNAME, password="wrong")
        assert await events_of(mail, LETTER) == ["mail_failed"]
        assert set(mailbox.logins) == {False}


async def test_a_refusal_for_the_moment_is_tried_again():
    async with smtp_server() as mailbox:
        mailbox.refusals += ["451 try later", "421 too busy"]
        events = await events_of(settings(mailbox, "none"), LETTER)
        assert events == ["mail_delayed", "mail_delayed", "mail_sent"]


async def test_a_refusal_for_good_is_not():
    async with smtp_server() as mailbox:
        mailbox.refusals += ["554 no"]
        assert await events_of(settings(mailbox, "none"), LETTER) == ["mail_failed"]
        assert mailbox.messages == []


async def test_a_letter_that_fails_does_not_hold_up_the_next():
    async with smtp_server() as mailbox:
        impossible = replace(LETTER, to="two@example.edu, people@example.edu")
        events = await events_of(settings(mailbox, "none"), impossible, None, LETTER)
        assert sorted(events) == ["mail_failed", "mail_sent"]
        assert [message["To"] for message in mailbox.messages] == ["ann@example.edu"]


async def test_a_server_that_is_away_is_tried_again():
    mail = Mail(host="127.0.0.1", port=1, security="none")
    assert await events_of(mail, LETTER) == ["mail_delayed", "mail_delayed", "mail_failed"]


async def test_many_letters_all_arrive():
    letters = [replace(LETTER, to=f"user{number}@example.edu") for number in range(40)]
    async with smtp_server() as mailbox:
        await events_of(settings(mailbox, "none"), *letters)
        assert {message["To"] for message in mailbox.messages} == {letter.to for letter in letters}


async def test_a_folder_takes_letters_in_place_of_a_server(tmp_path: Path):
    folder = tmp_path / "mail"
    assert await events_of(Mail(folder=str(folder)), LETTER) == ["mail_sent"]
    [file] = list(folder.iterdir())
    assert file.suffix == ".eml"
    assert file.stat().st_mode & 0o077 == 0
    message = message_from_bytes(file.read_bytes(), policy=policy.default)
    assert message["To"] == "ann@example.edu"


async def test_without_any_way_nothing_is_even_written():
    asked = asyncio.Event()

    async def ask() -> Letter | None:
        asked.set()
        return LETTER

    async with Outbox(Mail()).opened() as outbox:
        outbox.put(ask)
    assert not outbox.configured
    assert not asked.is_set()


@pytest.mark.parametrize("kind", ["reset", "welcome"])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_letter_exists_in_every_language(kind: str, language: str):
    names = {"name": "n", "username": "u", "minutes": "1", "days": "7", "where": "t0ken"}
    message = compose(Letter(kind=kind, language=language, to="a@b.cd", values=names), "l@b.cd")
    assert message["Subject"]
    assert "t0ken" in message.get_content()
    assert "$" not in message.get_content()
