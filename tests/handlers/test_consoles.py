"""Consoles from the browser's side: who gets in, what goes through, and how it ends."""

from __future__ import annotations

import asyncio
import dataclasses
import logging
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from tests.handlers.lab import ServedLab
from tests.handlers.people import Person
from tests.rfb_client import RfbClient
from tests.tasks.waiting import until
from vmlab.config import Console, Settings
from vmlab.models import ConsoleSession, Membership, Vm

WITHIN_S = 20
SOCKET = "/api/v1/console/vnc/"


@pytest.fixture
def settings(settings: Settings, request: pytest.FixtureRequest) -> Settings:
    """Grants that are over soon, and two consoles a node, unless a test wants others."""
    console = getattr(request, "param", Console(grant_s=1, per_node=2))
    return dataclasses.replace(settings, console=console)


@pytest.fixture
async def vm(worked_lab: ServedLab) -> dict[str, Any]:
    """The student's running machine."""
    return await worked_lab.make_vm(start=True)


@pytest.fixture
async def viewers() -> AsyncIterator[list[RfbClient]]:
    """Those who look on; they hang up when the test is over."""
    opened: list[RfbClient] = []
    yield opened
    for viewer in opened:
        await viewer.close()


async def token(lab: ServedLab, who: Person, vm: dict[str, Any], mode: str = "control") -> str:
    answer = await lab.ask(who, "POST", f"vms/{vm['id']}/console/vnc/token/", {"mode": mode})
    assert answer.status == 201, answer
    return str(answer.data["token"])


async def connected(
    lab: ServedLab, who: Person, vm: dict[str, Any], mode: str = "control"
) -> aiohttp.ClientWebSocketResponse:
    grant = await token(lab, who, vm, mode)
    return await lab.client.ws_connect(f"{SOCKET}?token={grant}", protocols=("binary",))


async def looking(
    lab: ServedLab,
    viewers: list[RfbClient],
    vm: dict[str, Any],
    mode: str = "control",
    *,
    shared: bool = True,
) -> RfbClient:
    viewer = RfbClient.over_websocket(await connected(lab, lab.student, vm, mode))
    viewers.append(viewer)
    await viewer.log_in(None, shared=shared)
    return viewer


async def closing_code(socket: aiohttp.ClientWebSocketResponse) -> int | None:
    """Greet as a browser does, then read to the end."""
    await socket.send_bytes(b"RFB 003.008\n")
    await socket.send_bytes(b"\x01\x01")
    async with asyncio.timeout(WITHIN_S):
        async for _ in socket:
            pass
    return socket.close_code


async def opened(lab: ServedLab, count: int) -> bool:
    return len(lab.parts.consoles) == count


async def placed(count: int) -> bool:
    return await ConsoleSession.filter(closed_at__isnull=True).count() == count


async def refused(lab: ServedLab, grant: str, **headers: str) -> tuple[int, str]:
    async with lab.client.get(SOCKET, params={"token": grant}, headers=headers) as answer:
        return answer.status, (await answer.json())["error"]["code"]


async def test_a_student_sees_the_screen_and_types(
    worked_lab: ServedLab, viewers: list[RfbClient], vm: dict[str, Any]
):
    viewer = await looking(worked_lab, viewers, vm)
    assert vm["name"] in viewer.name
    before = await viewer.screenshot()
    await viewer.type("hello")
    async with asyncio.timeout(WITHIN_S):
        assert await viewer.wait_for_change() != before


@pytest.mark.parametrize("settings", [Console(per_node=12)], indirect=True)
async def test_a_class_may_open_one_screen_at_the_same_moment(
    worked_lab: ServedLab, viewers: list[RfbClient], vm: dict[str, Any]
):
    async with asyncio.timeout(WITHIN_S):
        await asyncio.gather(*(looking(worked_lab, viewers, vm, "view") for _ in range(12)))
    assert len(viewers) == 12


async def test_what_is_said_about_the_console(worked_lab: ServedLab, vm: dict[str, Any]):
    said = await worked_lab.ask(worked_lab.student, "GET", f"vms/{vm['id']}/console/vnc/")
    assert said.data["available"] is True
    assert said.data["reason"] is None
    assert said.data["page_url"].endswith(f"/console/vnc/#vm={vm['id']}")
    answer = await worked_lab.ask(
        worked_lab.student, "POST", f"vms/{vm['id']}/console/vnc/token/", {}
    )
    assert answer.data["mode"] == "control"
    assert answer.data["expires_in"] == 1
    assert answer.data["websocket_url"].startswith("ws://")
    assert answer.data["websocket_url"].endswith(f"{SOCKET}?token={answer.data['token']}")
    # The page's own address carries the token where no server and no referrer sees it.
    assert f"#token={answer.data['token']}" in answer.data["page_url"]


async def test_a_watcher_sees_and_cannot_touch(
    worked_lab: ServedLab, viewers: list[RfbClient], vm: dict[str, Any]
):
    student = await looking(worked_lab, viewers, vm)
    watcher = await looking(worked_lab, viewers, vm, "view")
    seen = await student.screenshot()
    await watcher.type("mischief\n")
    # The answer to this comes after whatever the keys could have done.
    assert await watcher.screenshot() == seen
    assert await student.screenshot() == seen
    await student.type("x")
    async with asyncio.timeout(WITHIN_S):
        assert await watcher.wait_for_change() != seen


async def test_a_browser_that_wants_to_be_alone_throws_nobody_out(
    worked_lab: ServedLab, viewers: list[RfbClient], vm: dict[str, Any]
):
    first = await looking(worked_lab, viewers, vm)
    second = await looking(worked_lab, viewers, vm, shared=False)
    assert await first.screenshot() == await second.screenshot()


async def test_a_token_opens_once(worked_lab: ServedLab, vm: dict[str, Any]):
    grant = await token(worked_lab, worked_lab.student, vm)
    # Whatever the first attempt comes to, it has used the token up.
    assert await refused(worked_lab, grant) == (400, "VALIDATION_001")
    assert await refused(worked_lab, grant) == (401, "AUTH_001")


async def test_a_token_is_over_soon(worked_lab: ServedLab, vm: dict[str, Any]):
    grant = await token(worked_lab, worked_lab.student, vm)
    await asyncio.sleep(1.1)
    assert await refused(worked_lab, grant) == (401, "AUTH_001")


@pytest.mark.parametrize("grant", ["", "made-up"])
async def test_a_token_that_never_was(worked_lab: ServedLab, grant: str):
    assert await refused(worked_lab, grant) == (401, "AUTH_001")


async def test_credentials_are_no_way_round_the_token(worked_lab: ServedLab, vm: dict[str, Any]):
    got = await refused(worked_lab, "made-up", **worked_lab.student.headers)
    assert got == (401, "AUTH_001")


async def test_a_token_ends_with_its_login(worked_lab: ServedLab, vm: dict[str, Any]):
    grant = await token(worked_lab, worked_lab.student, vm)
    await worked_lab.ask(worked_lab.student, "POST", "auth/logout/", {})
    assert await refused(worked_lab, grant) == (401, "AUTH_001")


async def test_a_machine_that_is_off_has_no_screen(worked_lab: ServedLab):
    vm = await worked_lab.make_vm()
    path = f"vms/{vm['id']}/console/vnc/"
    said = await worked_lab.ask(worked_lab.student, "GET", path)
    assert (said.data["available"], said.data["reason"]) == (False, "the machine is stopped")
    answer = await worked_lab.ask(worked_lab.student, "POST", f"{path}token/", {})
    assert answer.refusal == (409, "VM_002")
    assert answer.details == {"status": "stopped", "task_id": None}


async def test_a_screen_that_has_gone_is_refused_in_words(
    worked_lab: ServedLab, vm: dict[str, Any]
):
    """The guest has switched itself off, and nobody has seen it yet."""
    grant = await token(worked_lab, worked_lab.student, vm)
    await worked_lab.sim.machines.of(vm["vmid"]).stop()
    with pytest.raises(aiohttp.WSServerHandshakeError) as refusal:
        await worked_lab.client.ws_connect(f"{SOCKET}?token={grant}", protocols=("binary",))
    assert refusal.value.status in (500, 503)


async def test_the_console_ends_with_the_machine(worked_lab: ServedLab, vm: dict[str, Any]):
    socket = await connected(worked_lab, worked_lab.student, vm)
    ending = asyncio.create_task(closing_code(socket))
    node = worked_lab.guest(vm).node
    await worked_lab.sim.admin("POST", f"/nodes/{node}/qemu/{vm['vmid']}/status/stop", {})
    assert await ending == aiohttp.WSCloseCode.INTERNAL_ERROR


async def test_the_console_ends_with_the_login(worked_lab: ServedLab, vm: dict[str, Any]):
    socket = await connected(worked_lab, worked_lab.student, vm)
    ending = asyncio.create_task(closing_code(socket))
    await until(lambda: opened(worked_lab, 1))
    await worked_lab.ask(worked_lab.student, "POST", "auth/logout/", {})
    assert await ending == aiohttp.WSCloseCode.POLICY_VIOLATION


async def test_the_console_ends_when_a_teacher_leaves_the_course(
    worked_lab: ServedLab, vm: dict[str, Any]
):
    second = await worked_lab.people.add("second", "teacher")
    course = worked_lab.course
    await Membership.create(course=course, user=second.user, role="teacher")
    socket = await connected(worked_lab, second, vm, "view")
    ending = asyncio.create_task(closing_code(socket))
    await until(lambda: opened(worked_lab, 1))
    path = f"courses/{course.id}/teachers/{second.id}/"
    assert (await worked_lab.ask(worked_lab.admin, "DELETE", path)).status == 200
    assert await ending == aiohttp.WSCloseCode.POLICY_VIOLATION


async def test_everybody_is_told_when_the_server_goes_down(
    worked_lab: ServedLab, vm: dict[str, Any]
):
    socket = await connected(worked_lab, worked_lab.student, vm)
    ending = asyncio.create_task(closing_code(socket))
    await until(lambda: opened(worked_lab, 1))
    worked_lab.parts.consoles.end_all()
    assert await ending == aiohttp.WSCloseCode.GOING_AWAY


async def test_a_node_carries_so_many_consoles(
    worked_lab: ServedLab, viewers: list[RfbClient], vm: dict[str, Any]
):
    await looking(worked_lab, viewers, vm)
    grant = await token(worked_lab, worked_lab.student, vm)
    await looking(worked_lab, viewers, vm)
    url = f"{SOCKET}?token={grant}"
    with pytest.raises(aiohttp.WSServerHandshakeError) as refusal:
        await worked_lab.client.ws_connect(url, protocols=("binary",))
    assert refusal.value.status == 503
    assert refusal.value.headers is not None
    assert int(refusal.value.headers["Retry-After"]) > 0
    path = f"vms/{vm['id']}/console/vnc/token/"
    answer = await worked_lab.ask(worked_lab.student, "POST", path, {})
    assert answer.refusal == (503, "SERVER_001")
    await viewers.pop().close()
    await until(lambda: placed(1))
    await looking(worked_lab, viewers, vm)


async def test_garbage_ends_the_console_and_nothing_else(
    worked_lab: ServedLab, viewers: list[RfbClient], vm: dict[str, Any]
):
    good = await looking(worked_lab, viewers, vm)
    bad = await looking(worked_lab, viewers, vm)
    await bad.send(b"\x63garbage")
    async with asyncio.timeout(WITHIN_S):
        await bad.closed()
    assert await good.screenshot()


async def test_no_secret_reaches_the_browser_or_the_log(
    worked_lab: ServedLab, vm: dict[str, Any], caplog: pytest.LogCaptureFixture
):
    caplog.set_level(logging.DEBUG)
    grant = await token(worked_lab, worked_lab.student, vm)
    socket = await worked_lab.client.ws_connect(f"{SOCKET}?token={grant}", protocols=("binary",))
    assert (await socket.receive_bytes()) == b"RFB 003.008\n"
    await socket.send_bytes(b"RFB 003.008\n")
    # One security type, and it is None: there is no password that the browser could need.
    assert (await socket.receive_bytes()) == b"\x01\x01"
    await socket.close()
    for secret in (grant, "PVEVNC", worked_lab.sim.token_secret):
        assert secret not in caplog.text


async def test_a_machine_in_error_says_so(worked_lab: ServedLab, vm: dict[str, Any]):
    await Vm.filter(id=vm["id"]).update(status="error")
    said = await worked_lab.ask(worked_lab.student, "GET", f"vms/{vm['id']}/console/vnc/")
    assert said.data["available"] is False
