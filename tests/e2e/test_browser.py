"""A student at a browser: the console page, in headless Chromium, on a real QEMU guest."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from playwright.async_api import Browser, Page

from tests.e2e.pages import SHOWS_WITHIN_S, STATE, until, watched
from tests.e2e.processes import PASSWORD, Client, Site, cluster, make_class

LIT_PIXELS = """(() => {
    const canvas = document.querySelector("#screen canvas");
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    let lit = 0;
    for (let i = 0; i < data.length; i += 4) lit += data[i] > 100;
    return lit;
})()"""
"""How much is written on the screen."""
CURSOR_PIXELS = 40
"""The text cursor blinks, which is no change; a letter has some twenty pixels."""
STAYS_S = 3.5
"""QEMU looks at the screen of an idle guest every three seconds."""


@pytest.fixture
async def lab(
    tmp_path: Path, sqlite_url: str, http: aiohttp.ClientSession
) -> AsyncIterator[tuple[Client, dict[str, Any]]]:
    """A student with a running machine, which is a real QEMU guest."""
    async with cluster("--guests", "qemu") as pve:
        site = Site(tmp_path, pve, sqlite_url)
        await site.prepare()
        await site.serve()
        admin = await Client(http, site.base).sign_in("admin")
        course_id, template_id = await make_class(admin, pve["templates"][0], 1)
        order = {"template_id": template_id, "students": "all", "start": True}
        parent = (await admin.post(f"courses/{course_id}/vms/", order))["task"]
        assert (await admin.ended(parent["id"]))["status"] == "succeeded"
        student = await Client(http, site.base).sign_in("student1")
        [vm] = (await student.get("vms/"))["results"]
        yield student, vm
        await site.end_all()


async def written(page: Page) -> int:
    """How much is on the screen, once that has stopped changing."""
    before: int = await page.evaluate(LIT_PIXELS)
    async with asyncio.timeout(SHOWS_WITHIN_S):
        while True:
            await asyncio.sleep(STAYS_S)
            now: int = await page.evaluate(LIT_PIXELS)
            if abs(now - before) <= CURSOR_PIXELS:
                return now
            before = now


async def more_than(page: Page, before: int) -> None:
    """Wait until clearly more is on the screen."""
    async with asyncio.timeout(SHOWS_WITHIN_S):
        now = before
        while now <= before + CURSOR_PIXELS:
            await asyncio.sleep(0.1)
            now = await page.evaluate(LIT_PIXELS)


async def test_a_student_types_and_a_watcher_cannot(
    browser: Browser, lab: tuple[Client, dict[str, Any]]
):
    student, vm = lab
    page = await browser.new_page()
    complaints = watched(page)
    grant = await student.post(f"vms/{vm['id']}/console/vnc/token/")
    await page.goto(grant["page_url"])
    await until(page, STATE, "connected")
    before = await written(page)
    await page.keyboard.type("hello", delay=50)
    await more_than(page, before)
    typed = await written(page)

    watcher = await browser.new_page()
    grant = await student.post(f"vms/{vm['id']}/console/vnc/token/", {"mode": "view"})
    # A page that claims to be in control is no way round: the server drops what a watcher sends.
    await watcher.goto(grant["page_url"].replace("mode=view", "mode=control"))
    await until(watcher, STATE, "connected")
    assert await written(watcher) == pytest.approx(typed, abs=CURSOR_PIXELS)
    await watcher.keyboard.type("mischief", delay=50)
    for either in (watcher, page):
        assert await written(either) == pytest.approx(typed, abs=CURSOR_PIXELS)

    # Both still look at the same machine, and the student is still in control of it.
    await page.bring_to_front()
    await page.keyboard.type("goodbye", delay=50)
    await more_than(page, typed)
    await more_than(watcher, typed)
    assert complaints == []


async def test_the_page_signs_in_by_itself_and_an_old_token_opens_nothing(
    browser: Browser, lab: tuple[Client, dict[str, Any]]
):
    student, vm = lab
    page = await browser.new_page()
    await page.goto(f"{student.base}/console/vnc/#vm={vm['id']}")
    await page.fill("input[name=username]", "student1")
    await page.fill("input[name=password]", PASSWORD)
    await page.click("#sign-in-button")
    await until(page, STATE, "connected")
    assert await page.text_content("#name") == vm["name"]

    grant = await student.post(f"vms/{vm['id']}/console/vnc/token/")
    first = await browser.new_page()
    await first.goto(grant["page_url"])
    await until(first, STATE, "connected")
    second = await browser.new_page()
    await second.goto(grant["page_url"])
    await until(second, STATE, "ended")


async def test_a_console_ends_with_the_login_that_opened_it(
    browser: Browser, lab: tuple[Client, dict[str, Any]]
):
    student, vm = lab
    page = await browser.new_page()
    grant = await student.post(f"vms/{vm['id']}/console/vnc/token/")
    await page.goto(grant["page_url"])
    await until(page, STATE, "connected")
    await student.post("auth/logout/")
    await until(page, STATE, "ended")
