"""The pages follow what happens, and go on by themselves after the server was away."""

from __future__ import annotations

from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from playwright.async_api import Browser, Page

from tests.e2e.pages import until, watched
from tests.e2e.processes import PASSWORD, Client, Site, cluster, end, make_class

STATUS = "document.getElementById('status').dataset.status"
CONNECTION = "document.getElementById('connection').dataset.state"
LOGGED = "[...document.querySelectorAll('.message')].some((m) => m.textContent.includes('{}'))"
STATES = "[...document.querySelectorAll('#machines .chip')].map((c) => c.dataset.status).join()"


@pytest.fixture
async def lab(
    tmp_path: Path, sqlite_url: str, http: aiohttp.ClientSession
) -> AsyncIterator[tuple[Site, Process, Client, int]]:
    """Two students with machines that do not run yet."""
    async with cluster() as pve:
        site = Site(tmp_path, pve, sqlite_url)
        await site.prepare()
        server = await site.serve()
        admin = await Client(http, site.base).sign_in("admin")
        course_id, template_id = await make_class(admin, pve["templates"][0], 2)
        order = {"template_id": template_id, "students": "all"}
        parent = (await admin.post(f"courses/{course_id}/vms/", order))["task"]
        assert (await admin.ended(parent["id"]))["status"] == "succeeded"
        yield site, server, admin, course_id
        await site.end_all()


async def signed_in(browser: Browser, url: str, who: str) -> Page:
    """Open a page as somebody."""
    page = await (await browser.new_context(locale="en-GB")).new_page()
    await page.goto(url)
    await page.fill("#sign-in input[name=username]", who)
    await page.fill("#sign-in input[name=password]", PASSWORD)
    await page.click("#sign-in-button")
    await until(page, CONNECTION, "connected")
    return page


async def begin(admin: Client, vm: dict[str, Any], verb: str) -> None:
    """Have something done to a machine, to its end."""
    begun = await admin.post(f"vms/{vm['id']}/{verb}/")
    assert (await admin.ended(begun["task"]["id"]))["status"] == "succeeded"


async def test_pages_follow_what_happens_also_right_across_a_restart(
    browser: Browser, lab: tuple[Site, Process, Client, int]
):
    site, server, admin, course_id = lab
    first, second = (await admin.get("vms/", ordering="id"))["results"]
    machine = await signed_in(browser, f"{site.base}/monitor/vm/#vm={first['id']}", "student1")
    course = await signed_in(browser, f"{site.base}/monitor/course/#course={course_id}", "admin")
    await until(machine, STATUS, "stopped")
    await until(course, STATES, "stopped,stopped")
    complaints = watched(machine)

    await begin(admin, first, "start")
    await until(machine, STATUS, "running")
    await until(machine, LOGGED.format("vm.start: succeeded"), wanted=True)
    await until(course, STATES, "running,stopped")

    await end(server)
    for page in machine, course:
        await until(page, CONNECTION, "connecting")
    await site.serve()
    await begin(admin, first, "stop")
    await begin(admin, second, "start")
    for page in machine, course:
        await until(page, CONNECTION, "connected")
    await until(machine, STATUS, "stopped")
    await until(course, STATES, "stopped,running")
    # What the browser says of a server that is away, and nothing else.
    assert all("net::ERR" in text or "Failed to load" in text for text in complaints), complaints


async def test_who_signs_out_is_gone_and_who_signs_in_goes_on(
    browser: Browser, lab: tuple[Site, Process, Client, int]
):
    site, _, admin, _ = lab
    vm = (await admin.get("vms/", ordering="id"))["results"][0]
    page = await signed_in(browser, f"{site.base}/monitor/vm/#vm={vm['id']}", "student1")
    await page.click("#sign-out")
    await page.wait_for_selector("#sign-in", state="visible")
    assert not await page.is_visible("#page")
    await page.reload()
    await page.wait_for_selector("#sign-in", state="visible")
    await page.fill("#sign-in input[name=username]", "student1")
    await page.fill("#sign-in input[name=password]", PASSWORD)
    await page.click("#sign-in-button")
    await until(page, CONNECTION, "connected")
    await until(page, STATUS, "stopped")
    # The login may end elsewhere, too: then the stream of events does.
    await admin.patch(f"users/{vm['owner']['id']}/", {"password": f"{PASSWORD} anew"})
    await page.wait_for_selector("#sign-in", state="visible")
