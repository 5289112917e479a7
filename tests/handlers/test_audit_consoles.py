"""Consoles in the audit log: opened and closed, by whom, on what, for how long, how much."""

from __future__ import annotations

from tests.handlers.lab import ServedLab
from tests.rfb_client import RfbClient
from tests.tasks.waiting import until
from vmlab.models import AuditEntry

CONSOLE = {"action__in": ["console_opened", "console_closed", "open_vnc_console"]}


async def test_a_console_from_its_opening_to_its_end(worked_lab: ServedLab):
    vm = await worked_lab.make_vm(start=True)
    path = f"vms/{vm['id']}/console/vnc/token/"
    granted = await worked_lab.ask(worked_lab.student, "POST", path, {"mode": "view"})
    address = f"/api/v1/console/vnc/?token={granted.data['token']}"
    viewer = RfbClient.over_websocket(
        await worked_lab.client.ws_connect(address, protocols=("binary",))
    )
    await viewer.log_in(None)
    await viewer.screenshot()
    (opened,) = await AuditEntry.filter(**CONSOLE)
    await viewer.close()

    async def closed() -> bool:
        return await AuditEntry.filter(action="console_closed").exists()

    await until(closed)
    opened, closing = await AuditEntry.filter(**CONSOLE).order_by("id")
    for row in opened, closing:
        assert (row.user_id, row.username) == (worked_lab.student.id, "student")
        assert (row.target_type, row.target_id) == ("vm", vm["id"])
        assert (row.result, row.status, row.address) == ("success", 101, "127.0.0.1")
    assert opened.details == {"protocol": "vnc", "node": vm["node"], "view_only": True}
    assert closing.details["seconds"] >= 0
    assert closing.details["down_bytes"] > 1000
    assert closing.details["ending"] == "browser"
    assert granted.data["token"] not in str(await AuditEntry.all().values())


async def test_a_console_that_never_opens(worked_lab: ServedLab):
    vm = await worked_lab.make_vm(start=True)
    path = f"vms/{vm['id']}/console/vnc/token/"
    granted = await worked_lab.ask(worked_lab.student, "POST", path, {})
    await worked_lab.ask(worked_lab.student, "POST", f"vms/{vm['id']}/stop/", {"force": True})

    async def stopped() -> bool:
        return (await worked_lab.row(vm)).status == "stopped"

    await until(stopped)
    token = {"token": granted.data["token"]}
    async with worked_lab.client.get("/api/v1/console/vnc/", params=token) as answer:
        assert answer.status == 400  # no WebSocket request
    second = await worked_lab.ask(worked_lab.student, "POST", path, {})
    assert second.status == 409
    assert not await AuditEntry.filter(**CONSOLE).exists()
    refused = await AuditEntry.get(action="issue_vnc_token", result="refused")
    assert (refused.target_id, refused.code) == (vm["id"], "VM_002")
