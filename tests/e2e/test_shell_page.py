"""A student at a browser: the terminal page, in headless Chromium, on a real SSH server."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from PIL import Image
from playwright.async_api import Browser, Page

from tests.e2e.pages import SHOWS_WITHIN_S, STATE, until, watched
from tests.e2e.processes import PASSWORD, Client, Site, cluster, make_class
from tests.e2e.screenshots import keep, seen
from tests.support import ssh_server as guest
from tests.support.ssh_server import SshServer, ssh_server

ADDRESS = "127.77.0.6"
AGENT_WITHIN_S = 60.0
TEXT = "document.querySelector('.xterm-rows').innerText"
BRIGHT = 150
"""Of 255: the page's text is light on dark."""


@pytest.fixture
async def server() -> AsyncIterator[SshServer]:
    """The guest's."""
    async with ssh_server(ADDRESS) as running:
        yield running


@pytest.fixture
async def lab(
    tmp_path: Path, sqlite_url: str, http: aiohttp.ClientSession, server: SshServer
) -> AsyncIterator[tuple[Client, dict[str, Any]]]:
    """A student with a running machine, whose agent says where that server is."""
    async with cluster() as pve:
        site = Site(tmp_path, pve, sqlite_url)
        lab_settings = f'[guests]\nlab_networks = ["127.77.0.0/16"]\nssh_port = {server.port}\n'
        storage = f'[storage]\ndirectory = "{tmp_path}"\n'
        with site.config.open("a", encoding="utf-8") as config:
            config.write(f"\n{lab_settings}{storage}")
        await site.prepare()
        await site.serve()
        options = {"agent": "1", "ipconfig0": f"ip={ADDRESS}/16"}
        admin = await Client(http, site.base).sign_in("admin")
        course_id, template_id = await make_class(admin, pve["templates"][0], 1)
        order = {"template_id": template_id, "students": "all"}
        parent = (await admin.post(f"courses/{course_id}/vms/", order))["task"]
        assert (await admin.ended(parent["id"]))["status"] == "succeeded"
        student = await Client(http, site.base).sign_in("student1")
        [vm] = (await student.get("vms/"))["results"]
        assert await proxmox(http, pve, vm, "PUT", "config", **options) == 200
        begun = await student.post(f"vms/{vm['id']}/start/")
        assert (await student.ended(begun["task"]["id"]))["status"] == "succeeded"
        async with asyncio.timeout(AGENT_WITHIN_S):
            while await proxmox(http, pve, vm, "POST", "agent/ping") != 200:  # noqa: ASYNC110
                await asyncio.sleep(0.5)
        yield student, vm
        await site.end_all()


async def proxmox(
    http: aiohttp.ClientSession,
    pve: dict[str, Any],
    vm: dict[str, Any],
    method: str,
    path: str,
    **options: str,
) -> int:
    """The status of a call on the guest in Proxmox, with the token that VMLab has."""
    host, node = pve["hosts"][vm["node"]], vm["node"]
    url = f"https://{host}/api2/json/nodes/{node}/qemu/{vm['vmid']}/{path}"
    headers = {"Authorization": f"PVEAPIToken={pve['token_id']}={pve['token_secret']}"}
    async with http.request(method, url, data=options, headers=headers, ssl=False) as answer:
        return answer.status


async def shown(page: Page, text: str) -> None:
    """Wait until the terminal has a text in it."""
    async with asyncio.timeout(SHOWS_WITHIN_S):
        while text not in str(await page.evaluate(TEXT)).replace("\u00a0", " "):  # noqa: ASYNC110
            await asyncio.sleep(0.1)


async def bright_pixels(page: Page) -> int:
    """How much of the terminal is lit, as an eye sees it: a page's text may be there and black."""
    picture = await page.locator("#screen").screenshot()
    histogram = Image.open(io.BytesIO(picture)).convert("L").histogram()
    return sum(histogram[BRIGHT:])


async def test_a_student_signs_in_types_and_reads(
    browser: Browser, lab: tuple[Client, dict[str, Any]], server: SshServer
):
    student, vm = lab
    page = await browser.new_page(viewport={"width": 900, "height": 500})
    complaints = watched(page)
    await page.goto(f"{student.base}/console/ssh/#vm={vm['id']}")
    await page.fill("#sign-in input[name=username]", "student1")
    await page.fill("#sign-in input[name=password]", PASSWORD)
    await page.click("#sign-in-button")
    # VMLab has no key in this machine, so the page asks for one.
    await page.wait_for_selector("#credentials", state="visible")
    await page.fill("#credentials input[name=username]", "lab")
    await page.fill("#credentials input[name=password]", guest.PASSWORD)
    await page.click("#credentials-button")
    await until(page, STATE, "connected")
    assert await page.text_content("#name") == vm["name"]
    await shown(page, "$ ")
    before = await bright_pixels(page)
    await page.keyboard.type("expr 6 * 7\n", delay=20)
    await shown(page, "\n42")
    # Eleven letters and two figures, of some twenty pixels each.
    assert await bright_pixels(page) > before + 100
    assert server.logins == ["lab"]

    await page.set_viewport_size({"width": 600, "height": 400})
    await shown(page, "size ")
    await page.keyboard.type("exit\n")
    await until(page, STATE, "ended")
    # What the browser says of the two refusals that the page dealt with.
    refusals = [text for text in complaints if "Failed to load resource" in text]
    assert complaints == refusals


async def test_a_token_opens_the_page_at_once_and_a_wrong_password_is_told(
    browser: Browser, lab: tuple[Client, dict[str, Any]]
):
    student, vm = lab
    path = f"vms/{vm['id']}/console/ssh/token/"
    page = await browser.new_page()
    complaints = watched(page)
    grant = await student.post(path, {"username": "lab", "password": guest.PASSWORD})
    await page.goto(grant["page_url"])
    await until(page, STATE, "connected")
    await shown(page, "$ ")
    assert complaints == []

    second = await browser.new_page()
    grant = await student.post(path, {"username": "lab", "password": "wrong"})
    await second.goto(grant["page_url"])
    await until(second, STATE, "ended")
    await shown(second, "[VMLab]")


async def test_larger_text_a_paste_and_a_machine_that_was_away(
    browser: Browser, lab: tuple[Client, dict[str, Any]], server: SshServer
):
    student, vm = lab
    async with seen(browser, "shell-again", refusals=True) as page:
        await page.goto(f"{student.base}/console/ssh/#vm={vm['id']}")
        await page.fill("#sign-in input[name=username]", "student1")
        await page.fill("#sign-in input[name=password]", PASSWORD)
        await page.click("#sign-in-button")
        await page.fill("#credentials input[name=username]", "lab")
        assert not await page.is_visible("#sign-in")
        await page.fill("#credentials input[name=password]", guest.PASSWORD)
        await page.click("#credentials-button")
        await until(page, STATE, "connected")
        await shown(page, "$ ")
        await page.click("#larger")
        await shown(page, "size ")
        await page.click("#paste-open")
        await page.fill("#paste-text", "expr 6 * 7\n")
        await page.click("#paste-send")
        await shown(page, "\n42")
        await keep(page, "shell-used-desktop-en")
        await server.stop()
        await until(page, STATE, "waiting")
        await server.start()
        await until(page, STATE, "connected")
        await shown(page, "$ ")
        assert server.logins == ["lab", "lab"]
