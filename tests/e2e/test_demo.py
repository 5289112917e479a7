"""The newcomer's first command: what it prints, and what the documentation says, works."""

from __future__ import annotations

import asyncio
import json
import re
import signal
from asyncio.subprocess import PIPE, STDOUT, Process
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio

from tests.e2e.processes import ENDS_WITHIN_S, VMLAB
from tests.support.servers import free_port

ROOT = Path(__file__).parent.parent.parent
READY_WITHIN_S = 120

SEED_CREATE = """
curl -X POST "http://localhost:8000/api/v1/vms/" \\
  -H "Authorization: Bearer <token>" \\
  -H "Content-Type: application/json" \\
  -d '{
    "name": "ubuntu-vm-001",
    "template_id": 1,
    "cpu_cores": 2,
    "memory_mb": 2048,
    "disk_gb": 20,
    "course_id": 1
  }'
"""
SEED_START = """
curl -X POST "http://localhost:8000/api/v1/vms/1/start/" \\
  -H "Authorization: Bearer <token>"
"""
DAY = "start_time=2025-07-23T00:00:00Z&end_time=2025-07-23T23:59:59Z"
SEED_METRICS = f"""
curl -X GET "http://localhost:8000/api/v1/vms/1/metrics/?{DAY}" \\
  -H "Authorization: Bearer <token>"
"""


class Demo:
    """A running demo."""

    def __init__(self, process: Process, port: int, printed: str) -> None:
        self.process = process
        self.port = port
        self.printed = printed

    async def shell(self, script: str, **values: str) -> str:
        """Run a piece of documentation as a person would who uses this port."""
        script = script.replace("localhost:8000", f"localhost:{self.port}")
        for name, value in values.items():
            script = script.replace(f"<{name}>", value)
        process = await asyncio.create_subprocess_exec(
            "bash", "-euo", "pipefail", "-c", script, stdout=PIPE, stderr=PIPE
        )
        output, complaint = await asyncio.wait_for(process.communicate(), 60)
        assert process.returncode == 0, complaint.decode()
        return output.decode()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def demo(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Demo]:
    """`vmlab demo`, once for all that is asked of it here."""
    port = free_port()
    state = tmp_path_factory.mktemp("demo")
    options = ["--port", str(port), "--state", str(state), "--guests", "synthetic"]
    process = await asyncio.create_subprocess_exec(
        *VMLAB, "demo", *options, stdout=PIPE, stderr=STDOUT
    )
    assert process.stdout is not None
    printed = ""
    async with asyncio.timeout(READY_WITHIN_S):
        while "Ctrl-C ends it." not in printed:
            line = (await process.stdout.readline()).decode()
            assert line, printed
            printed += line
    yield Demo(process, port, printed)
    if process.returncode is None:
        process.send_signal(signal.SIGINT)
        await process.wait()


pytestmark = pytest.mark.asyncio(loop_scope="module")


async def token(demo: Demo, username: str) -> str:
    body = json.dumps({"username": username, "password": "vmlab-demo"})
    address = "http://localhost:8000/api/v1/auth/login/"
    said = await demo.shell(f"curl -s {address} -H 'Content-Type: application/json' -d '{body}'")
    return str(json.loads(said)["data"]["access_token"])


async def data(demo: Demo, command: str, **values: str) -> Any:
    answer = json.loads(await demo.shell(command.replace("curl ", "curl -s "), **values))
    assert answer["success"], answer
    return answer["data"]


async def test_every_student_has_a_running_machine_and_an_address(demo: Demo):
    assert demo.printed.count("succeeded") >= 6
    for number in range(1, 7):
        assert re.search(rf"student{number}'s screen +http://localhost:{demo.port}/", demo.printed)
    assert len(re.findall(r"simulated node pve\d +https://127\.0\.0\.1:\d+", demo.printed)) == 3


async def test_the_printed_addresses_work(demo: Demo):
    async with aiohttp.ClientSession() as session:
        for path in ("/docs", "/api/v1/openapi.json", "/console/vnc/", "/monitor/vm/", "/readyz"):
            async with session.get(f"http://localhost:{demo.port}{path}") as answer:
                assert answer.status == 200, path


@pytest.mark.parametrize("username", ["admin", "teacher", "student1"])
async def test_the_seeds_examples_work_word_for_word(demo: Demo, username: str):
    bearer = await token(demo, username)
    made = await data(demo, SEED_CREATE, token=bearer)
    assert made["status"] == "creating"
    assert made["task"]["kind"] == "vm.create"
    assert (made["cpu_cores"], made["memory_mb"], made["disk_gb"]) == (2, 2048, 20)
    started = await data(demo, SEED_START, token=bearer)
    assert started["status"] in ("running", "stopped")
    metrics = await data(demo, SEED_METRICS, token=bearer)
    assert metrics["series"] == []


async def test_the_readmes_commands_work(demo: Demo):
    blocks = re.findall(r"```sh\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    [curl] = [block for block in blocks if "curl" in block]
    machines = json.loads(await demo.shell(curl))["data"]["results"]
    assert {machine["owner"]["username"] for machine in machines} >= {"student1", "student6"}
    for block in blocks:
        for script in re.findall(r"^(scripts/\S+)", block, re.MULTILINE):
            assert (ROOT / script).stat().st_mode & 0o111, script


async def test_the_guide_to_the_api_works(demo: Demo, tmp_path: Path):
    blocks = re.findall(r"```sh\n(.*?)```", (ROOT / "docs" / "api.md").read_text(), re.DOTALL)
    login, *rest = blocks
    await demo.shell(f"qemu-img create -q -f qcow2 {tmp_path}/lab1.qcow2 64M")
    teacher = json.loads(await demo.shell(login))["data"]["access_token"]
    # Lists of users are an admin's matter; the class is the teacher's.
    rest.sort(key=lambda block: "users/import" in block)
    for block in rest:
        bearer = await token(demo, "admin") if "users/import" in block else teacher
        known = f"cd {tmp_path}\ntoken={bearer}\napi=http://localhost:8000/api/v1\n"
        # A person takes a moment between two commands; the template is looked at meanwhile.
        unhurried = block.replace("\npost courses/2/vms", "\nsleep 2\npost courses/2/vms")
        answers = await demo.shell(known + unhurried)
        assert '"success":true' in answers.replace(" ", "")
        assert '"success":false' not in answers.replace(" ", ""), answers


async def test_ctrl_c_ends_it_and_the_cluster(demo: Demo):
    hosts = re.findall(r"https://127\.0\.0\.1:(\d+)", demo.printed)
    demo.process.send_signal(signal.SIGINT)
    assert await asyncio.wait_for(demo.process.wait(), ENDS_WITHIN_S) == 0
    for port in hosts:
        with pytest.raises(OSError, match="onnect"):
            await asyncio.open_connection("127.0.0.1", int(port))
