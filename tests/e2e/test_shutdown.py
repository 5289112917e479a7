"""SIGTERM: people at a screen are told, work is left where the next server goes on."""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp

from tests.e2e.processes import Client, Site, end, make_class

TELLS_WITHIN_S = 5


async def test_a_server_that_is_told_to_stop(
    site: Site, admin: Client, pve: dict[str, Any], http: aiohttp.ClientSession
):
    server = await site.serve()
    await admin.sign_in("admin")
    course_id, template_id = await make_class(admin, pve["templates"][0], 4)
    wanted = {"name": "desk", "template_id": template_id, "start": True}
    made = await admin.post("vms/", wanted)
    assert (await admin.ended(made["task"]["id"]))["status"] == "succeeded"
    grant = await admin.post(f"vms/{made['id']}/console/vnc/token/")
    screen = await http.ws_connect(grant["websocket_url"], protocols=("binary",))
    assert await screen.receive_bytes() == b"RFB 003.008\n"
    await screen.send_bytes(b"RFB 003.008\n")
    await screen.send_bytes(b"\x01\x01")

    order = {"template_id": template_id, "students": "all"}
    parent = (await admin.post(f"courses/{course_id}/vms/", order))["task"]
    await asyncio.sleep(0.5)
    ending = asyncio.create_task(end(server))
    async with asyncio.timeout(TELLS_WITHIN_S):
        async for _ in screen:
            pass
    assert screen.close_code == aiohttp.WSCloseCode.GOING_AWAY
    assert await ending == 0

    await site.serve()
    done = await admin.ended(parent["id"])
    assert done["status"] == "succeeded", done
    machines = (await admin.get("vms/", course=course_id))["results"]
    assert len(machines) == 4
