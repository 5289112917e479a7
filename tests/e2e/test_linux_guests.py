"""A real Linux in the demo's machines, as students use it: screen, shell, snapshots, power.

What was typed into a page is proven by the guest: over SSH, where its files are read.
"""

from __future__ import annotations

import asyncio
import contextlib
import io
import signal
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import asyncssh
import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page

from tests.e2e.pages import STATE, chromium, until, watched
from tests.e2e.processes import ENDS_WITHIN_S, VMLAB, Client
from tests.e2e.screenshots import keep
from tests.support.servers import free_port
from vmlab.simulator.linux import image

USER, PASSWORD, SSH_PORT = "student", "vmlab-demo", 2222
READY_WITHIN_S = 400.0
"""The first demo on a machine builds the Linux."""
UP_WITHIN_S = 200.0
SHOWN_WITHIN_S = 60.0
TERMINAL = "document.querySelector('.xterm-rows').innerText"
SHIFTED = dict(zip('~!@#$%^&*()_+{}|:"<>?', "`1234567890-=[]\\;',./", strict=True))

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(600)]


async def _happens(looks: Callable[[], Awaitable[bool]], within_s: float = SHOWN_WITHIN_S) -> None:
    """Look until it is so."""
    async with asyncio.timeout(within_s):
        while True:
            if await looks():
                return
            await asyncio.sleep(0.3)


@dataclass
class Student:
    """A student of the demo and the machine that is theirs."""

    client: Client
    vm: dict[str, Any]
    address: str = ""

    async def status(self) -> dict[str, Any]:
        """What VMLab says of the machine now."""
        found: dict[str, Any] = await self.client.get(f"vms/{self.vm['id']}/status/")
        return found

    async def until_up(self) -> None:
        """Wait until the machine's agent says where it is."""

        async def addressed() -> bool:
            self.address = next(iter((await self.status())["ip_addresses"]), "")
            return self.address != ""

        await _happens(addressed, UP_WITHIN_S)

    async def run(self, command: str) -> str:
        """What a command prints inside, over SSH past VMLab."""
        async with asyncssh.connect(
            self.address,
            SSH_PORT,
            username=USER,
            password=PASSWORD,
            known_hosts=None,
            config=None,
            agent_path=None,
            client_keys=None,
        ) as connection:
            return str((await connection.run(command)).stdout)

    async def until_printed(self, command: str, wanted: str) -> None:
        """Wait until a command prints what is wanted."""

        async def printed() -> bool:
            return await self.run(command) == wanted

        await _happens(printed)

    async def done(self, path: str, body: dict[str, Any] | None = None) -> None:
        """Post to the machine and wait for the task."""
        begun = await self.client.post(f"vms/{self.vm['id']}/{path}", body)
        ended = await self.client.ended(begun["task"]["id"], within_s=UP_WITHIN_S)
        assert ended["status"] == "succeeded", ended


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def students(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[list[Student]]:
    """`vmlab demo --guests qemu --students 2`, once for all tests here."""
    state, port = tmp_path_factory.mktemp("demo"), free_port()
    options = ["--port", str(port), "--state", str(state), "--students", "2", "--guests", "qemu"]
    process = await asyncio.create_subprocess_exec(*VMLAB, "demo", *options, stdout=PIPE)
    assert process.stdout is not None
    printed = ""
    async with asyncio.timeout(READY_WITHIN_S):
        while "Ctrl-C ends it." not in printed:
            line = (await process.stdout.readline()).decode()
            assert line, printed + (state / "simulator.log").read_text()
            printed += line
    assert f"{USER} or root, password {PASSWORD}" in printed
    async with aiohttp.ClientSession() as session:
        yield [await _student(session, f"http://localhost:{port}", number) for number in (1, 2)]
    process.send_signal(signal.SIGINT)
    assert await asyncio.wait_for(process.wait(), ENDS_WITHIN_S) == 0


async def _student(session: aiohttp.ClientSession, base: str, number: int) -> Student:
    client = await Client(session, base).sign_in(f"student{number}", PASSWORD)
    [vm] = (await client.get("vms/"))["results"]
    student = Student(client, vm)
    await student.until_up()
    return student


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def window() -> AsyncIterator[Browser]:
    """Debian's Chromium."""
    async with chromium() as running:
        yield running


async def type_keys(page: Page, text: str) -> None:
    """Type as a person does: with Shift held down, as a guest sees keys and no characters."""
    for character in text:
        if character == "\n":
            await page.keyboard.press("Enter")
        elif character in SHIFTED or character.isupper():
            await page.keyboard.down("Shift")
            await page.keyboard.press(character)
            await page.keyboard.up("Shift")
        else:
            await page.keyboard.press(character)
        await asyncio.sleep(0.03)


async def test_a_student_logs_in_at_the_guests_own_prompt(students: list[Student], window: Browser):
    student, _ = students
    page = await window.new_page()
    complaints = watched(page)
    grant = await student.client.post(f"vms/{student.vm['id']}/console/vnc/token/")
    await page.goto(grant["page_url"])
    await until(page, STATE, "connected")
    await type_keys(page, f"{USER}\n")
    await asyncio.sleep(3)  # keys that come before the question for the password are not its answer
    await type_keys(page, f"{PASSWORD}\n")
    await student.until_printed("ps | grep -c '[-]sh'", "1\n")
    await type_keys(page, 'echo "Hello $((6*7)) from $(tty)" | tee PROOF_1\n')
    await student.until_printed("cat PROOF_1", "Hello 42 from /dev/tty1\n")
    await type_keys(page, "clear; uname -sr; cat PROOF_1; uptime\n")
    await asyncio.sleep(2)
    await keep(page, "guest-login")
    assert complaints == []
    await page.close()


async def test_vmlabs_own_key_opens_the_shell_page(students: list[Student], window: Browser):
    student, _ = students
    page = await window.new_page(viewport={"width": 900, "height": 500})
    complaints = watched(page)
    grant = await student.client.post(f"vms/{student.vm['id']}/console/ssh/token/")
    await page.goto(grant["page_url"])
    await until(page, STATE, "connected")
    await _shown(page, "$ ")
    await page.keyboard.type('id -un; stty size | tee size1; echo "six times seven: $((6*7))"\n')
    await _shown(page, "six times seven: 42")
    await keep(page, "guest-shell")
    await page.set_viewport_size({"width": 600, "height": 350})
    await page.keyboard.type("clear; stty size | tee size2; echo seen\n", delay=20)
    await student.until_printed("[ -s size2 ] && echo written", "written\n")
    sizes = [[int(part) for part in (await student.run(f"cat size{n}")).split()] for n in (1, 2)]
    assert sizes[1][0] < sizes[0][0]
    assert sizes[1][1] < sizes[0][1]
    assert complaints == []
    await page.close()


async def _shown(page: Page, text: str) -> None:
    async def shown() -> bool:
        return text in str(await page.evaluate(TERMINAL)).replace("\u00a0", " ")

    await _happens(shown)


async def test_each_machine_has_its_own_name_address_and_figures(students: list[Student]):
    assert students[0].address != students[1].address
    for student in students:
        assert (await student.status())["agent"]["running"]
        assert await student.run("hostname") == f"{student.vm['name']}\n"
        await student.run("i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done")
        async with asyncio.timeout(SHOWN_WITHIN_S):
            while not _alive(await student.client.get(f"vms/{student.vm['id']}/metrics/")):
                await student.run("cat /dev/urandom | head -c 2000000; sync")


def _alive(metrics: dict[str, Any]) -> bool:
    now = metrics["current"]
    moving = ("cpu_percent", "memory_used_mb", "net_in_bps", "net_out_bps")
    return bool(now) and all(now[key] for key in moving)


async def test_a_file_goes_back_with_its_snapshot(students: list[Student]):
    _, student = students
    await student.run("echo before > essay; sync")
    await student.done("snapshots/", {"name": "first", "with_memory": True})
    await student.run("echo after > essay; sync")
    assert await student.run("cat essay") == "after\n"
    await student.done("snapshots/first/rollback/")
    await student.until_up()
    await student.until_printed("cat essay", "before\n")


async def test_a_graceful_stop_is_the_systems_own(students: list[Student]):
    _, student = students
    process = _process_of(student)
    assert process is not None
    await student.until_printed("echo before >essay; cat essay", "before\n")
    await student.done("stop/")
    assert (await student.status())["status"] == "stopped"
    assert _process_of(student) is None
    with pytest.raises(OSError, match="onnect"):
        await asyncio.open_connection(student.address, SSH_PORT)
    await student.done("start/")
    await student.until_up()
    await student.until_printed("cat essay", "before\n")


def _process_of(student: Student) -> int | None:
    """The QEMU that forwards the machine's address."""
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if f"tcp:{student.address}:".encode() in (folder / "cmdline").read_bytes():
                return int(folder.name)
    return None


async def test_an_image_that_a_teacher_uploads_boots(students: list[Student]):
    teacher = await Client(students[0].client.session, students[0].client.base).sign_in(
        "teacher", PASSWORD
    )
    form = aiohttp.FormData({"name": "Uploaded", "os_type": "linux", "ssh_username": USER})
    form.add_field("default_memory_mb", "128")
    built = await asyncio.to_thread(image)
    form.add_field(
        "file", io.BytesIO(await asyncio.to_thread(built.read_bytes)), filename="a.qcow2"
    )
    url = f"{teacher.base}/api/v1/courses/1/templates/"
    async with teacher.session.post(url, data=form, headers=teacher.headers) as response:
        template = (await response.json())["data"]
    assert (await teacher.ended(template["task"]["id"]))["status"] == "succeeded"
    wanted = {"name": "from-upload", "template_id": template["id"], "course_id": 1, "start": True}
    vm = await teacher.post("vms/", wanted)
    assert (await teacher.ended(vm["task"]["id"]))["status"] == "succeeded"
    machine = Student(teacher, vm)
    await machine.until_up()
    await machine.until_printed("hostname", "from-upload\n")
