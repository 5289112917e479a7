"""Templates that VMLab makes: of an image, of a form with the image in it, of a machine."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp.test_utils import TestServer

from tests.handlers.forms import form
from tests.handlers.lab import API, ServedLab, served
from tests.handlers.people import Person
from tests.handlers.rows import make_vm
from tests.handlers.stored_files import make_file
from tests.operations.template_lab import TEMPLATES
from tests.storage import corpus
from tests.support.servers import free_port
from vmlab.app import make_app, working
from vmlab.config import Settings
from vmlab.models import File, Template, VmStatus
from vmlab.operations.offers import Offer, offer
from vmlab.rules.images import Purpose
from vmlab.simulator import Simulator


@pytest.fixture
async def making(store: str, settings: Settings, sim: Simulator) -> AsyncIterator[ServedLab]:
    """The API of a service that makes templates; nobody works on its tasks."""
    async with served(dataclasses.replace(settings, templates=TEMPLATES), sim) as opened:
        yield opened


@pytest.fixture
async def worked(making: ServedLab) -> AsyncIterator[ServedLab]:
    """The same with a worker."""
    async with working(making.parts):
        yield making


async def image(lab: ServedLab, owner: Person, **options: Any) -> File:
    """An uploaded disk."""
    options = {"name": "disk.img", "purpose": Purpose.TEMPLATE} | options
    return await make_file(lab.parts, owner, corpus.boot_sector(), **options)


def of(**source: int) -> dict[str, Any]:
    """What is sent to make a template of something."""
    return {"name": "Lab 1", "os_type": "linux", "source": source}


def path_of(lab: ServedLab) -> str:
    return f"courses/{lab.course.id}/templates/"


async def ready(lab: ServedLab, begun: Any) -> dict[str, Any]:
    """The template, once it is ready."""
    assert begun.status == 202, begun
    assert begun.data["status"] == "pending"
    task = await lab.ended(begun.data["task"])
    assert task["status"] == "succeeded", task
    shown = await lab.ask(lab.student, "GET", f"templates/{begun.data['id']}/")
    assert shown.data["status"] == "ready"
    assert shown.data["validation"]["valid"] is True
    return dict(shown.data)


async def test_an_image_becomes_a_template_and_a_machine_another_one(worked: ServedLab):
    lab = worked
    file = await image(lab, lab.teacher)
    begun = await lab.ask(lab.teacher, "POST", path_of(lab), of(file_id=file.id))
    assert begun.data["task"]["kind"] == "template.import"
    template = await ready(lab, begun)
    assert template["sha256"] == file.sha256
    assert (template["size_bytes"], template["format"]) == (512, "qcow2")
    # The file is free to go, and the template stays.
    assert (await lab.ask(lab.teacher, "DELETE", f"files/{file.id}/")).status == 200
    checked = await lab.ask(lab.teacher, "POST", f"templates/{template['id']}/validate/")
    await lab.ended(checked.data["task"])
    vm = await lab.make_vm(template_id=template["id"], disk_gb=1)
    copied = await lab.ask(lab.teacher, "POST", path_of(lab), of(vm_id=vm["id"]))
    assert copied.data["task"]["kind"] == "template.from_vm"
    copy = await ready(lab, copied)
    assert [issue["code"] for issue in copy["validation"]["issues"]] == ["as_it_was"]
    assert lab.guest(copy).config["template"] == 1
    assert "template" not in lab.guest(vm).config
    assert "sshkeys" in lab.guest(vm).config
    assert "sshkeys" not in lab.guest(copy).config
    # What VMLab has made it also destroys, but not under machines.
    refused = await lab.ask(lab.teacher, "DELETE", f"templates/{template['id']}/")
    assert (refused.refusal, refused.details) == ((409, "RESOURCE_002"), {"vm_count": 1})
    deleting = await lab.ask(lab.teacher, "DELETE", f"templates/{copy['id']}/")
    assert deleting.status == 202
    assert (await lab.ended(deleting.data["task"]))["status"] == "succeeded"
    assert copy["vmid"] not in lab.sim.cluster.guests
    assert (await lab.ask(lab.teacher, "GET", f"templates/{copy['id']}/")).status == 404


async def test_an_image_is_a_new_version_once_it_is_ready_and_until_it_is_deleted(
    worked: ServedLab,
):
    lab, old = worked, f"templates/{worked.template.id}/"
    file = await image(lab, lab.teacher)
    body = of(file_id=file.id) | {"replaces": lab.template.id}
    lab.sim.faults.add("task_fails", path="/qmstart/")
    failed = await lab.ask(lab.teacher, "POST", path_of(lab), body)
    assert (failed.data["version"], failed.data["replaces"]) == (2, lab.template.id)
    assert (await lab.ended(failed.data["task"]))["status"] == "failed"
    assert (await lab.ask(lab.student, "GET", old)).data["is_current"] is True
    lab.sim.faults.clear()
    new = await ready(lab, await lab.ask(lab.teacher, "POST", path_of(lab), body))
    assert (new["version"], new["is_current"]) == (3, True)
    shown = (await lab.ask(lab.student, "GET", old)).data
    assert (shown["replaced_by"], shown["is_current"]) == (new["id"], False)
    gone = await lab.ask(lab.teacher, "DELETE", f"templates/{new['id']}/")
    assert (gone.status, gone.data["status"], gone.data["is_current"]) == (202, "deleting", False)
    assert (await lab.ask(lab.student, "GET", old)).data["is_current"] is True
    assert (await lab.ended(gone.data["task"]))["status"] == "succeeded"
    assert list(lab.sim.cluster.guests) == [9000]


async def test_the_image_may_come_along(worked: ServedLab):
    lab = worked
    fields = {"name": "Lab 2", "default_memory_mb": "512", "is_public": "true"}
    answer = await lab.client.post(
        API + path_of(lab),
        data=form("file", corpus.boot_sector(), filename="lab.img", fields=fields),
        headers=lab.teacher.headers,
    )
    data = (await answer.json())["data"]
    assert (answer.status, data["name"], data["is_public"]) == (202, "Lab 2", True)
    assert data["default_memory_mb"] == 512
    assert (await lab.ended(data["task"]))["status"] == "succeeded"
    [file] = (await lab.ask(lab.teacher, "GET", "files/")).data["results"]
    assert (file["name"], file["purpose"]) == ("lab.img", "template")


@pytest.mark.parametrize(
    ("content", "fields", "refusal"),
    [
        (b"hello", {"name": "x"}, (400, "FILE_002")),
        (corpus.boot_sector(), {}, (400, "VALIDATION_001")),
        (corpus.boot_sector(), {"name": "x", "default_disk_gb": "much"}, (400, "VALIDATION_001")),
        (corpus.boot_sector(), {"name": "x", "sha256": "0" * 64}, (400, "FILE_002")),
        (corpus.boot_sector(), {"name": "x", "source": "{}"}, (400, "VALIDATION_001")),
    ],
)
async def test_a_form_that_will_not_do_leaves_nothing(
    making: ServedLab, content: bytes, fields: dict[str, str], refusal: tuple[int, str]
):
    answer = await making.client.post(
        API + path_of(making),
        data=form("file", content, fields=fields),
        headers=making.teacher.headers,
    )
    error = (await answer.json())["error"]
    assert (answer.status, error["code"]) == refusal, error
    assert await File.all().count() == 0
    assert await Template.all().count() == 1


async def test_who_may_use_which_file(making: ServedLab):
    lab = making
    others = await image(lab, lab.student)
    refused = await lab.ask(lab.teacher, "POST", path_of(lab), of(file_id=others.id))
    assert refused.refusal == (404, "RESOURCE_001")
    assert (await lab.ask(lab.admin, "POST", path_of(lab), of(file_id=others.id))).status == 202
    forbidden = await lab.ask(lab.student, "POST", path_of(lab), of(file_id=others.id))
    assert forbidden.refusal == (403, "AUTH_002")
    notes = await make_file(lab.parts, lab.teacher)
    wrong = await lab.ask(lab.teacher, "POST", path_of(lab), of(file_id=notes.id))
    assert (wrong.refusal, list(wrong.details)) == ((400, "VALIDATION_001"), ["source"])
    held = await lab.ask(lab.student, "DELETE", f"files/{others.id}/")
    assert held.refusal == (409, "RESOURCE_002")


async def test_who_may_make_a_template_of_which_machine(making: ServedLab):
    lab = making
    stranger = await lab.people.add("ann", "student")
    elsewhere = await lab.people.course("Compilers", [lab.admin], [stranger])
    unseen = await make_vm(stranger, elsewhere, status=VmStatus.STOPPED, vmid=10_001)
    refused = await lab.ask(lab.teacher, "POST", path_of(lab), of(vm_id=unseen.id))
    assert refused.refusal == (404, "RESOURCE_001")
    running = await make_vm(lab.student, lab.course, status=VmStatus.RUNNING, vmid=10_002)
    wrong = await lab.ask(lab.teacher, "POST", path_of(lab), of(vm_id=running.id))
    assert (wrong.refusal, wrong.details["status"]) == ((409, "VM_002"), "running")
    stopped = await make_vm(lab.student, lab.course, status=VmStatus.STOPPED, vmid=10_003)
    assert (await lab.ask(lab.teacher, "POST", path_of(lab), of(vm_id=stopped.id))).status == 202


@pytest.mark.parametrize("source", [{}, {"vmid": 9000, "file_id": 1}, {"vm_id": "1"}, {"id": 1}])
async def test_a_template_comes_from_one_place(making: ServedLab, source: dict[str, Any]):
    body = {"name": "x", "source": source}
    answer = await making.ask(making.teacher, "POST", path_of(making), body)
    assert (answer.refusal, list(answer.details)) == ((400, "VALIDATION_001"), ["source"])


async def test_a_service_without_a_storage_for_images_says_so(lab: ServedLab):
    file = await image(lab, lab.teacher)
    answer = await lab.ask(lab.teacher, "POST", path_of(lab), of(file_id=file.id))
    assert answer.refusal == (409, "RESOURCE_002")
    streamed = await lab.client.post(
        API + path_of(lab),
        data=form("file", corpus.boot_sector(), fields={"name": "x"}),
        headers=lab.teacher.headers,
    )
    assert streamed.status == 409
    assert await File.all().count() == 1


async def test_a_course_with_templates_of_ours_stays(worked: ServedLab):
    lab = worked
    file = await image(lab, lab.teacher)
    await ready(lab, await lab.ask(lab.teacher, "POST", path_of(lab), of(file_id=file.id)))
    refused = await lab.ask(lab.teacher, "DELETE", f"courses/{lab.course.id}/")
    assert refused.refusal == (409, "RESOURCE_002")
    [template] = await Template.filter(uuid__isnull=False)
    assert refused.details == {"template_ids": [template.id]}


async def test_a_failed_import_tells_why_and_its_image_can_be_looked_at(worked: ServedLab):
    lab = worked
    planned = lab.sim.faults.add("task_fails", path="/qmstart/", text="no bootable thing")
    file = await image(lab, lab.teacher)
    begun = await lab.ask(lab.teacher, "POST", path_of(lab), of(file_id=file.id))
    task = await lab.ended(begun.data["task"])
    assert planned.fired
    assert task["status"] == "failed"
    path = f"templates/{begun.data['id']}/"
    template = (await lab.ask(lab.teacher, "GET", path)).data
    assert (template["status"], template["vmid"]) == ("error", None)
    [issue] = template["validation"]["issues"]
    assert (issue["severity"], issue["code"]) == ("error", "VM_001")
    assert issue["message"] == "Proxmox refused or failed the operation."
    chinese = {**lab.teacher.headers, "Accept-Language": "zh"}
    answer = await lab.client.get(API + path, headers=chinese)
    [same] = (await answer.json())["data"]["validation"]["issues"]
    assert same["message"] == "虚拟机操作失败：Proxmox 拒绝或未能完成"
    looked = await lab.ask(lab.teacher, "POST", f"{path}validate/")
    await lab.ended(looked.data["task"])
    validation = (await lab.ask(lab.teacher, "GET", path)).data["validation"]
    assert (validation["valid"], validation["virtual_size_bytes"]) == (True, 512)
    assert [issue["code"] for issue in validation["issues"]] == ["not_imported"]
    assert (await lab.ask(lab.teacher, "DELETE", path)).status == 200


@contextlib.asynccontextmanager
async def fetching(settings: Settings, sim: Simulator) -> AsyncIterator[ServedLab]:
    """A service whose images the nodes fetch by themselves, at an address that they reach."""
    port = free_port()
    server = dataclasses.replace(settings.server, public_url=f"http://127.0.0.1:{port}")
    templates = dataclasses.replace(TEMPLATES, download=True)
    settings = dataclasses.replace(settings, server=server, templates=templates)
    async with (
        served(settings, sim) as opened,
        TestServer(make_app(opened.parts), port=port),
        working(opened.parts),
    ):
        yield opened


async def test_nodes_fetch_images_by_themselves(store: str, settings: Settings, sim: Simulator):
    async with fetching(settings, sim) as lab:
        file = await image(lab, lab.teacher)
        refused = await lab.ask(lab.teacher, "POST", path_of(lab), of(file_id=file.id))
        task = await lab.ended(refused.data["task"])
        assert "Sys.AccessNetwork" in task["error"]["details"]["reason"]
        for kind, who in ("users", "vmlab@pve"), ("tokens", sim.token_id):
            grant = {"path": "/nodes", "roles": "VMLabFetch", kind: who}
            await sim.admin("PUT", "/access/acl", grant)
        begun = await lab.ask(lab.teacher, "POST", path_of(lab), of(file_id=file.id))
        template = await ready(lab, begun)
        assert template["sha256"] == file.sha256
        upids = [step["upid"] for step in (await lab.ended(begun.data["task"]))["steps"]]
        assert any(":download:" in (upid or "") for upid in upids)


async def test_an_offered_image_is_given_out_once(making: ServedLab):
    lab = making
    file = await image(lab, lab.teacher)
    public = dataclasses.replace(lab.parts.settings.server, public_url="https://lab.example.edu")
    settings = dataclasses.replace(lab.parts.settings, server=public)
    url = await offer(lab.parts.bus, Offer(key=file.key, start=2, bytes=100), settings)
    path = url.removeprefix("https://lab.example.edu")
    assert (await lab.client.head(path)).status == 404
    answer = await lab.client.get(path)
    assert (answer.status, await answer.read()) == (200, corpus.boot_sector()[2:102])
    assert (await lab.client.get(path)).status == 404
