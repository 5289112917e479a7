"""Every page that VMLab serves, in both languages and at both sizes: none complains of anything.

One installation with a class in it for the whole module; what each page looked like is kept in
`build/screenshots/` (`tests.e2e.screenshots`), so that a person can look too.
"""

from __future__ import annotations

import asyncio
import itertools
import sqlite3
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page

from tests.e2e.pages import STATE, chromium, until
from tests.e2e.processes import PASSWORD, Client, Site, make_class
from tests.e2e.screenshots import Language, Size, keep, seen
from vmlab.simulator import Simulator

pytestmark = pytest.mark.asyncio(loop_scope="module")

STUDENTS = 8
AGE_S = 45 * 86400.0
"""How old the machines are made, so that there is something to be seen in the plots."""
STATUS = "document.getElementById('status').dataset.status"
ROWS = "document.querySelectorAll('#machines tr').length"
DRAWN = "document.querySelectorAll('.plot[data-empty=\"\"]').length"

Look = tuple[Size, Language]
LOOKS: list[Look] = list(itertools.product(("desktop", "phone"), ("en", "zh")))


@dataclass(frozen=True)
class Demo:
    """What is there to be looked at.

    Attributes:
        vms: by the names of their states, and `failed` for one whose start has failed.
        cookies: of the browser sessions of `teacher` and `student1`.
    """

    base: str
    sim: Simulator
    admin: Client
    course_id: int
    vms: dict[str, dict[str, Any]]
    cookies: dict[str, str]

    async def visit(self, page: Page, path: str, who: str) -> None:
        """Open a page as somebody who has signed in already."""
        name, _, value = self.cookies[who].partition("=")
        await page.context.add_cookies([{"name": name, "value": value, "url": self.base}])
        await page.goto(f"{self.base}{path}")


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def demo(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Demo]:
    """A class whose machines are in every state."""
    folder = tmp_path_factory.mktemp("pages")
    database = folder / "vmlab.db"
    async with (
        Simulator(version="9.2", auth_delay_s=0.0, speed=1000.0) as sim,
        aiohttp.ClientSession() as session,
    ):
        site = Site(folder, described(sim), f"sqlite://{database}")
        with site.config.open("a", encoding="utf-8") as config:
            config.write(f'\n[reconcile]\ntick_s = 1.0\n[storage]\ndirectory = "{folder}"\n')
        await site.prepare()
        await site.serve()
        admin = await Client(session, site.base).sign_in("admin")
        course_id, vms = await class_of(admin)
        await in_every_state(sim, admin, vms)
        grow_old(database, sim)
        cookies = {who: await cookie(site.base, who) for who in ("teacher", "student1")}
        yield Demo(site.base, sim, admin, course_id, vms, cookies)
        await site.end_all()


async def cookie(base: str, who: str) -> str:
    """Begin a browser session."""
    body = {"username": who, "password": PASSWORD, "session": True}
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{base}/api/v1/auth/login/", json=body) as answer,
    ):
        assert answer.status == 200
        return answer.headers["Set-Cookie"].partition(";")[0]


def described(sim: Simulator) -> dict[str, Any]:
    """The cluster as `vmlab simulator --json` would describe it."""
    return {
        "hosts": dict(zip(sim.cluster.nodes, sim.hosts, strict=True)),
        "token_id": sim.token_id,
        "token_secret": sim.token_secret,
        "ca_file": sim.ca_path,
    }


async def class_of(admin: Client) -> tuple[int, dict[str, dict[str, Any]]]:
    """A teacher, students and a running machine for each."""
    account = {"username": "teacher", "email": "t@example.edu", "password": PASSWORD}
    await admin.post("users/", {**account, "roles": ["teacher"]})
    course_id, template_id = await make_class(admin, 9000, STUDENTS)
    await admin.post(f"courses/{course_id}/teachers/", {"usernames": ["teacher"]})
    order = {"template_id": template_id, "students": "all", "start": True}
    parent = (await admin.post(f"courses/{course_id}/vms/", order))["task"]
    assert (await admin.ended(parent["id"]))["status"] == "succeeded"
    found = (await admin.get("vms/", ordering="id"))["results"]
    names = ("running", "paused", "stopped", "failed", "missing")
    return course_id, dict(zip(names, found, strict=False))


async def in_every_state(sim: Simulator, admin: Client, vms: dict[str, dict[str, Any]]) -> None:
    """Do to the machines what VMLab, a student and an administrator of Proxmox would."""
    for name, verb in (("paused", "pause"), ("stopped", "stop"), ("failed", "stop")):
        begun = await admin.post(f"vms/{vms[name]['id']}/{verb}/")
        assert (await admin.ended(begun["task"]["id"]))["status"] == "succeeded"
    sim.faults.add("task_fails", path="/qmstart/", text="no such bridge: vmbr7", times=1)
    begun = await admin.post(f"vms/{vms['failed']['id']}/start/")
    assert (await admin.ended(begun["task"]["id"]))["status"] == "failed"
    await in_proxmox(sim, vms["running"], "POST", "/status/reboot")
    await in_proxmox(sim, vms["running"], "PUT", "/config", tags="vmlab;exam")
    await in_proxmox(sim, vms["missing"], "PUT", "/config", delete="protection")
    await in_proxmox(sim, vms["missing"], "POST", "/status/stop")
    await in_proxmox(sim, vms["missing"], "DELETE", "")
    lost, touched = (f"vms/{vms[name]['id']}" for name in ("missing", "running"))
    async with asyncio.timeout(60):
        while (await admin.get(f"{lost}/"))["status"] != "missing":  # noqa: ASYNC110
            await asyncio.sleep(0.2)
        while not await told_of(admin, touched, "qmreboot"):  # noqa: ASYNC110
            await asyncio.sleep(0.2)


async def told_of(admin: Client, vm: str, what: str) -> bool:
    """Whether a machine's log has something in it."""
    entries = (await admin.get(f"{vm}/logs/", page_size=100))["results"]
    return any(what in entry["message"] for entry in entries)


async def in_proxmox(
    sim: Simulator, vm: dict[str, Any], method: str, path: str, **options: Any
) -> None:
    """What an administrator does in the Proxmox interface, to its end."""
    upid = await sim.admin(method, f"/nodes/{vm['node']}/qemu/{vm['vmid']}{path}", options)
    if isinstance(upid, str) and upid.startswith("UPID:"):
        await sim.jobs.wait(upid)


def grow_old(database: Path, sim: Simulator) -> None:
    """Let the machines have been there for a while, as Proxmox has it too."""
    with sqlite3.connect(database) as connection:
        connection.execute("UPDATE vms SET created_at = DATETIME(created_at, '-45 days')")
    connection.close()
    for guest in sim.cluster.guests.values():
        guest.born_at -= AGE_S
        if guest.started_at is not None:
            guest.started_at -= AGE_S


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def chrome() -> AsyncIterator[Browser]:
    """Debian's Chromium."""
    async with chromium() as running:
        yield running


async def sign_in(page: Page, url: str, who: str) -> None:
    """Open a page as somebody who has yet to sign in there."""
    await page.goto(url)
    await page.fill("#sign-in input[name=username]", who)
    await page.fill("#sign-in input[name=password]", PASSWORD)
    await page.click("#sign-in-button")


@pytest.mark.parametrize("size", ["desktop", "phone"])
async def test_the_documentation(demo: Demo, chrome: Browser, size: Size):
    async with seen(chrome, "docs", size=size) as page:
        await page.goto(f"{demo.base}/docs")
        await page.wait_for_selector(".opblock")


@pytest.mark.parametrize("look", LOOKS, ids="-".join)
class TestEveryPage:
    """Each test is one page, or one of its states."""

    async def test_signing_in(self, demo: Demo, chrome: Browser, look: Look):
        size, language = look
        how: Any = {"size": size, "language": language, "refusals": True}
        for name, path in (("screen", "console/vnc"), ("shell", "console/ssh")):
            async with seen(chrome, f"sign-in-{name}", **how) as page:
                await page.goto(f"{demo.base}/{path}/#vm={demo.vms['running']['id']}")
                await page.wait_for_selector("#sign-in", state="visible")
        async with seen(chrome, "sign-in-refused", **how) as page:
            await page.goto(f"{demo.base}/monitor/course/#course={demo.course_id}")
            await page.fill("#sign-in input[name=username]", "teacher")
            await page.fill("#sign-in input[name=password]", "wrong")
            await page.click("#sign-in-button")
            await page.wait_for_selector("#refusal:not(:empty)")

    async def test_a_screen(self, demo: Demo, chrome: Browser, look: Look):
        size, language = look
        how: Any = {"size": size, "language": language}
        path = f"vms/{demo.vms['running']['id']}/console/vnc/token/"
        for mode in "control", "view":
            grant = await demo.admin.post(path, {"mode": mode})
            async with seen(chrome, f"screen-{mode}", **how) as page:
                await page.goto(grant["page_url"])
                await until(page, STATE, "connected")
        async with seen(chrome, "screen-used-token", **how, refusals=True) as page:
            await page.goto(grant["page_url"])
            await until(page, STATE, "ended")

    async def test_a_shell(self, demo: Demo, chrome: Browser, look: Look):
        size, language = look
        how: Any = {"size": size, "language": language, "refusals": True}
        address = f"{demo.base}/console/ssh/#vm={demo.vms['running']['id']}"
        async with seen(chrome, "shell-asks", **how) as page:
            await sign_in(page, address, "student1")
            await page.wait_for_selector("#credentials", state="visible")

    async def test_a_machine(self, demo: Demo, chrome: Browser, look: Look):
        size, language = look
        how: Any = {"size": size, "language": language}
        path = f"/monitor/vm/#vm={demo.vms['running']['id']}"
        async with seen(chrome, "machine-hour", **how, refusals=True) as page:
            await sign_in(page, f"{demo.base}{path}", "student1")
            await until(page, STATUS, "running")
            await until(page, DRAWN, 4)
        for window, aggregate in (("day", "max"), ("month", "average")):
            async with seen(chrome, f"machine-{window}-{aggregate}", **how) as page:
                await demo.visit(page, path, "teacher")
                await until(page, DRAWN, 4)
                await choose(page, window, aggregate)
                await page.focus("#plot-cpu .u-wrap")
                for _ in range(40):
                    await page.keyboard.press("ArrowLeft")

    async def test_machines_that_do_not_run(self, demo: Demo, chrome: Browser, look: Look):
        size, language = look
        how: Any = {"size": size, "language": language}
        for name in ("failed", "missing"):
            async with seen(chrome, f"machine-{name}", **how) as page:
                await demo.visit(page, f"/monitor/vm/#vm={demo.vms[name]['id']}", "teacher")
                await page.wait_for_selector("#entries li[data-level]")
                await page.locator("#log").scroll_into_view_if_needed()
        async with seen(chrome, "machine-of-others", **how, refusals=True) as page:
            await demo.visit(page, f"/monitor/vm/#vm={demo.vms['paused']['id']}", "student1")
            await page.wait_for_selector("#connection[data-state=ended]")

    async def test_a_class(self, demo: Demo, chrome: Browser, look: Look):
        size, language = look
        how: Any = {"size": size, "language": language}
        path = f"/monitor/course/#course={demo.course_id}"
        async with seen(chrome, "class", **how) as page:
            await demo.visit(page, path, "teacher")
            await until(page, ROWS, STUDENTS)
            await page.click("th[data-column=cpu] button")
        async with seen(chrome, "class-as-student", **how, refusals=True) as page:
            await demo.visit(page, path, "student1")
            await page.wait_for_selector("#connection[data-state=ended]")
        async with seen(chrome, "courses", **how) as page:
            await demo.visit(page, "/monitor/course/", "teacher")
            await page.wait_for_selector("#choices a")
        async with seen(chrome, "machines", **how) as page:
            await demo.visit(page, "/monitor/vm/", "teacher")
            await page.wait_for_selector("#choices .chip")


async def choose(page: Page, window: str, aggregate: str) -> None:
    """Take another window of time, by the keyboard, and what the points tell."""
    before = await page.text_content("#interval")
    await page.focus("input[name=window][value=hour]")
    for _ in range(["hour", "day", "week", "month", "year"].index(window)):
        await page.keyboard.press("ArrowRight")
    await until(page, f"document.getElementById('interval').textContent !== {before!r}", True)
    await page.check(f"input[name=aggregate][value={aggregate}]", force=True)


async def test_a_class_while_proxmox_is_away_and_after(demo: Demo, chrome: Browser):
    nodes = list(demo.sim.cluster.nodes)
    async with seen(chrome, "class-after-an-outage", refusals=True) as page:
        for name in nodes:
            await demo.sim.node_down(name)
        await demo.visit(page, f"/monitor/course/#course={demo.course_id}", "teacher")
        # Whether no host answers or none in time; the page may have been loaded from a look at the
        # cluster that was a second old, and says so at the next one then.
        said = "document.body.textContent.includes('Proxmox cluster')"
        await until(page, said, wanted=True)
        await keep(page, "class-during-an-outage-desktop-en")
        for name in nodes:
            await demo.sim.node_up(name)
        await until(page, ROWS, STUDENTS)
        await until(page, said, wanted=False)
