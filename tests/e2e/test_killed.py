"""`kill -9` in the middle of provisioning a class: exactly one machine a student, in the end."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

from tests.e2e.processes import Client, Site, make_class
from vmlab.proxmox.client import Connection, connect

STUDENTS = 8


async def guests_of_ours(pve: dict[str, Any]) -> Counter[str]:
    """The names of the guests in VMLab's range, as root sees them in Proxmox."""
    connection = Connection(
        hosts=tuple(pve["hosts"].values()),
        token_id=pve["root_token_id"],
        token_secret=pve["root_token_secret"],
        fingerprint=pve["fingerprint"],
    )
    async with connect(connection) as api:
        rows = [row for node in pve["hosts"] for row in await api.nodes(node).qemu.get()]
    return Counter(row["name"] for row in rows if 10_000 <= row["vmid"] < 20_000)


async def test_a_class_survives_a_server_that_is_killed_again_and_again(
    site: Site, admin: Client, pve: dict[str, Any]
):
    server = await site.serve()
    await admin.sign_in("admin")
    course_id, template_id = await make_class(admin, pve["templates"][0], STUDENTS)
    order = {"template_id": template_id, "students": "all", "start": True}
    parent = (await admin.post(f"courses/{course_id}/vms/", order))["task"]

    for after_s in (0.5, 0.2, 1.2):
        await asyncio.sleep(after_s)
        server.kill()
        await server.wait()
        server = await site.serve()

    done = await admin.ended(parent["id"], within_s=90)
    assert done["status"] == "succeeded", done
    machines = (await admin.get("vms/", page_size=100))["results"]
    assert sorted(vm["owner"]["username"] for vm in machines) == [
        f"student{number}" for number in range(1, STUDENTS + 1)
    ]
    assert {vm["status"] for vm in machines} == {"running"}
    assert await guests_of_ours(pve) == Counter({vm["name"]: 1 for vm in machines})
    for vm in machines:
        usage = await admin.get(f"users/{vm['owner']['id']}/quota/usage/")
        assert usage["used"]["vm_limit"] == 1
