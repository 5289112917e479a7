"""A student's console over a bad hour: the server dies, the guest stops, the teacher looks in."""

from __future__ import annotations

import asyncio
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from playwright.async_api import Browser, Page

from tests.e2e.pages import SHOWS_WITHIN_S, STATE, until
from tests.e2e.processes import PASSWORD, Client, Site, make_class
from tests.e2e.screenshots import keep, seen

SAYS = "document.getElementById('state').textContent"
VIEWERS = "document.getElementById('viewers').textContent"
WARNING = "document.getElementById('paste-warning').textContent"
LIT_PIXELS = """(() => {
    const canvas = document.querySelector("#screen canvas");
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    let lit = 0;
    for (let i = 0; i < data.length; i += 4) lit += data[i] > 100;
    return lit;
})()"""
"""How much is written on the screen."""
PRESSED = """async ([text, layout]) => {
    const { type } = await import("/static/console/typing.js");
    const pressed = [];
    const sendKey = (symbol, code, down) =>
        pressed.push((down === undefined ? "" : down ? "+" : "-") + code);
    await type({ sendKey }, text, { layout });
    return pressed.join(" ");
}"""
"""The keys that a text becomes: pressed and let go, or held (+) until let go (-)."""
PASTED = [("aZ_\r\n", "us"), ("z@^", "de"), ('"|', "gb")]
STOPPED = "The machine does not run now; this page connects when it does"


@dataclass(frozen=True)
class Lab:
    """One student with a running machine."""

    site: Site
    server: Process
    admin: Client
    student: Client
    vm: dict[str, Any]
    course_id: int

    async def page_url(self, who: Client, mode: str = "control") -> str:
        """An address with nothing but a token in it, as another program hands it to a browser."""
        granted = await who.post(f"vms/{self.vm['id']}/console/vnc/token/", {"mode": mode})
        return str(granted["page_url"])


@pytest.fixture
async def lab(
    tmp_path: Path, pve: dict[str, Any], sqlite_url: str, http: aiohttp.ClientSession
) -> AsyncIterator[Lab]:
    site = Site(tmp_path, pve, sqlite_url)
    await site.prepare()
    server = await site.serve()
    admin = await Client(http, site.base).sign_in("admin")
    course_id, template_id = await make_class(admin, pve["templates"][0], 1)
    order = {"template_id": template_id, "students": "all", "start": True}
    parent = (await admin.post(f"courses/{course_id}/vms/", order))["task"]
    assert (await admin.ended(parent["id"]))["status"] == "succeeded"
    student = await Client(http, site.base).sign_in("student1")
    [vm] = (await student.get("vms/"))["results"]
    yield Lab(site, server, admin, student, vm, course_id)
    await site.end_all()


async def says(page: Page, expression: str, text: str) -> None:
    """Wait until an element has a text in it."""
    async with asyncio.timeout(SHOWS_WITHIN_S):
        while text not in str(await page.evaluate(expression)):  # noqa: ASYNC110
            await asyncio.sleep(0.1)


async def test_it_comes_back_when_the_server_does(browser: Browser, lab: Lab):
    async with seen(browser, "console-back", refusals=True) as page:
        await page.goto(await lab.page_url(lab.student))
        await until(page, STATE, "connected")
        lab.server.kill()
        await until(page, STATE, "waiting")
        await keep(page, "console-lost-desktop-en")
        await lab.site.serve()
        await until(page, STATE, "connected")
        # The page is loaded anew, with an address that is used up.
        await page.reload()
        await until(page, STATE, "connected")
        # It ends with the login all the same.
        await lab.student.post("auth/logout/")
        await until(page, STATE, "ended")
        await says(page, SAYS, "You are signed out")

        async def cleared() -> bool:
            said = await lab.admin.get(f"vms/{lab.vm['id']}/console/vnc/")
            return not said["viewers"]

        async with asyncio.timeout(SHOWS_WITHIN_S):
            while not await cleared():  # noqa: ASYNC110
                await asyncio.sleep(0.2)
    rows = (await lab.admin.get(f"courses/{lab.course_id}/student-activity/"))["students"]
    assert rows[0]["console_sessions"] == 3
    assert rows[0]["console_seconds"] > 0


async def test_it_waits_for_a_machine_that_is_stopped_and_started(browser: Browser, lab: Lab):
    path = f"vms/{lab.vm['id']}"
    async with seen(browser, "console-stopped", size="phone", refusals=True) as page:
        await page.goto(await lab.page_url(lab.student))
        await until(page, STATE, "connected")
        task = (await lab.student.post(f"{path}/stop/", {"force": True}))["task"]
        assert (await lab.student.ended(task["id"]))["status"] == "succeeded"
        await until(page, SAYS, STOPPED)
        await keep(page, "console-waits-phone-en")
        task = (await lab.student.post(f"{path}/start/"))["task"]
        assert (await lab.student.ended(task["id"]))["status"] == "succeeded"
        await until(page, STATE, "connected")


async def test_it_comes_back_to_who_has_signed_in_here(browser: Browser, lab: Lab):
    async with seen(browser, "console-session", refusals=True) as page:
        await page.goto(f"{lab.site.base}/console/vnc/#vm={lab.vm['id']}")
        await page.fill("#sign-in input[name=username]", "student1")
        await page.fill("#sign-in input[name=password]", PASSWORD)
        await page.click("#sign-in-button")
        await until(page, STATE, "connected")
        await page.reload()
        await until(page, STATE, "connected")
        assert await page.text_content("#name") == lab.vm["name"]
        assert await page.evaluate(VIEWERS) == ""


async def test_a_student_sees_that_somebody_watches(browser: Browser, lab: Lab):
    async with seen(browser, "console-watched") as page:
        await page.goto(await lab.page_url(lab.student))
        await until(page, STATE, "connected")
        async with seen(browser, "console-watching", size="phone", language="zh") as theirs:
            await theirs.goto(await lab.page_url(lab.admin, "view"))
            await until(theirs, STATE, "connected")
            await says(page, VIEWERS, "admin is watching since ")
            await says(theirs, VIEWERS, "student1 自 ")
            assert await theirs.is_visible("#mode")
            assert not await theirs.is_visible("#paste-open")
            await keep(page, "console-watched-now-desktop-en")
        await until(page, VIEWERS, "")


async def test_what_is_pasted_is_typed_on_the_machines_keyboard(browser: Browser, lab: Lab):
    async with seen(browser, "console-pasted") as page:
        await page.goto(await lab.page_url(lab.student))
        await until(page, STATE, "connected")
        await page.click("#paste-open")
        await page.fill("#paste-text", "echo Hello_VNC 你好\necho done\n")
        await says(page, WARNING, "你 好")
        await keep(page, "console-paste-desktop-en")
        before: int = await page.evaluate(LIT_PIXELS)
        await page.click("#paste-send")
        await page.wait_for_selector("#paste", state="hidden")
        async with asyncio.timeout(SHOWS_WITHIN_S):
            while await page.evaluate(LIT_PIXELS) < before + 400:  # noqa: ASYNC110
                await asyncio.sleep(0.1)
        typed = {layout: await page.evaluate(PRESSED, [text, layout]) for text, layout in PASTED}
    assert typed == {
        "us": "KeyA +ShiftLeft KeyZ -ShiftLeft +ShiftLeft Minus -ShiftLeft Enter",
        "de": "KeyY +AltRight KeyQ -AltRight Backquote Space",
        "gb": "+ShiftLeft Digit2 -ShiftLeft +ShiftLeft IntlBackslash -ShiftLeft",
    }
