"""Coming back to a console that broke: without signing in, and for nobody else."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.handlers.console_page import ConsolePage, token
from tests.handlers.lab import Answer, ServedLab
from tests.tasks.waiting import until
from vmlab.models import AuditEntry, ConsoleSession, Vm

SESSION_LOST = (401, "AUTH_001")


@pytest.fixture
async def vm(worked_lab: ServedLab) -> dict[str, Any]:
    """The student's running machine."""
    return await worked_lab.make_vm(start=True)


async def renew(lab: ServedLab, secret: str, **more: Any) -> Answer:
    """Ask as the page does: with nothing but the secret."""
    body = {"secret": secret, **more}
    headers = {"Accept-Language": "en"}
    async with lab.client.post("/api/v1/console/renew/", json=body, headers=headers) as answer:
        content = await answer.json()
        return Answer(answer.status, content.get("data"), content.get("error"))


@contextlib.asynccontextmanager
async def again(lab: ServedLab, secret: str) -> AsyncIterator[ConsolePage]:
    answer = await renew(lab, secret)
    assert answer.status == 201, answer
    async with ConsolePage.opened(lab.client, answer.data["token"]) as page:
        yield page


async def first_secret(lab: ServedLab, vm: dict[str, Any], mode: str = "control") -> str:
    """Of a console that has broken since."""
    async with ConsolePage.opened(
        lab.client, await token(lab.client, lab.student, vm, mode)
    ) as page:
        await page.screen()
        return await page.secret()


async def spent(secrets: int) -> None:
    async def enough() -> bool:
        return await ConsoleSession.filter(renewal_spent_at__isnull=False).count() == secrets

    await until(enough)


async def test_each_connection_brings_the_next_secret(worked_lab: ServedLab, vm: dict[str, Any]):
    lab = worked_lab
    secret = await first_secret(lab, vm)
    for connection in range(1, 4):
        async with again(lab, secret) as page:
            await page.screen()
            fresh = await page.secret()
            await spent(connection)
        assert fresh != secret
        secret = fresh


async def test_a_break_before_the_next_secret_is_there_shuts_nobody_out(
    worked_lab: ServedLab, vm: dict[str, Any]
):
    """The answer, the connection or the secret may be lost: the one before is still good."""
    lab = worked_lab
    secret = await first_secret(lab, vm)
    assert (await renew(lab, secret)).status == 201
    async with again(lab, secret) as page:
        await page.screen()
        async with again(lab, secret) as next_page:
            assert await page.closed() == 4409
            await next_page.screen()
            await next_page.secret()
            # What was on its way to the page before is worth nothing either.
            await spent(2)


async def test_a_half_open_connection_gives_its_place_to_the_next(
    worked_lab: ServedLab, vm: dict[str, Any]
):
    lab = worked_lab
    async with ConsolePage.opened(lab.client, await token(lab.client, lab.student, vm)) as old:
        await old.screen()
        async with again(lab, await old.secret()) as new:
            await new.screen()
            assert await old.closed() == 4409
            said = await lab.ask(lab.student, "GET", f"vms/{vm['id']}/console/vnc/")
            assert len(said.data["viewers"]) == 1


async def test_a_secret_in_two_hands_ends_both(worked_lab: ServedLab, vm: dict[str, Any]):
    lab = worked_lab
    stolen = await first_secret(lab, vm)
    async with again(lab, stolen) as page:
        await page.screen()
        fresh = await page.secret()
        await spent(1)
        assert (await renew(lab, stolen)).refusal == SESSION_LOST
        assert await page.closed() == 1008
    assert (await renew(lab, fresh)).refusal == SESSION_LOST
    refused = await AuditEntry.filter(action="renew_console", result="refused").first()
    assert refused is not None
    assert (refused.username, refused.target_id) == ("student", vm["id"])
    # The login itself has not been in anybody else's hands.
    assert (await lab.ask(lab.student, "GET", "vms/")).status == 200


async def test_a_secret_ends_with_its_login(worked_lab: ServedLab, vm: dict[str, Any]):
    lab = worked_lab
    secret = await first_secret(lab, vm)
    await lab.ask(lab.student, "POST", "auth/logout/", {})
    assert (await renew(lab, secret)).refusal == SESSION_LOST


async def test_a_secret_is_worth_what_its_owner_may(worked_lab: ServedLab, vm: dict[str, Any]):
    lab = worked_lab
    secret = await first_secret(lab, vm)
    await Vm.filter(id=vm["id"]).update(owner_id=lab.admin.id)
    assert (await renew(lab, secret)).refusal == (404, "RESOURCE_001")


async def test_a_watcher_comes_back_as_a_watcher(worked_lab: ServedLab, vm: dict[str, Any]):
    lab = worked_lab
    async with again(lab, await first_secret(lab, vm, "view")) as page:
        await page.screen()
        said = await lab.ask(lab.student, "GET", f"vms/{vm['id']}/console/vnc/")
        assert [viewer["mode"] for viewer in said.data["viewers"]] == ["view"]


async def test_a_stopped_machine_is_told_apart(worked_lab: ServedLab, vm: dict[str, Any]):
    lab = worked_lab
    secret = await first_secret(lab, vm)
    await Vm.filter(id=vm["id"]).update(status="stopped")
    answer = await renew(lab, secret)
    assert answer.refusal == (409, "VM_002")
    assert answer.details == {"status": "stopped", "task_id": None}
    # A page asks again and again, and nobody wants to read that.
    assert not await AuditEntry.filter(action="renew_console").exists()
    await Vm.filter(id=vm["id"]).update(status="running")
    assert (await renew(lab, secret)).status == 201


@pytest.mark.parametrize("secret", ["made-up", "x" * 128])
async def test_a_secret_that_never_was(worked_lab: ServedLab, secret: str):
    assert (await renew(worked_lab, secret)).refusal == SESSION_LOST


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"secret": ""}, "secret"),
        ({"secret": "x" * 129}, "secret"),
        ({"secret": "x", "cols": 0}, "cols"),
    ],
)
async def test_what_is_wrong_is_named(worked_lab: ServedLab, body: dict[str, Any], field: str):
    answer = await renew(worked_lab, **body)
    assert answer.refusal == (400, "VALIDATION_001")
    assert list(answer.details) == [field]


async def test_no_secret_is_logged_or_kept_readable(
    worked_lab: ServedLab, vm: dict[str, Any], capsys: pytest.CaptureFixture[str]
):
    lab = worked_lab
    secret = await first_secret(lab, vm)
    await renew(lab, secret)
    assert secret not in str(await ConsoleSession.all().values())
    assert secret not in str(await AuditEntry.all().values())
    captured = capsys.readouterr()
    assert secret not in captured.out + captured.err
