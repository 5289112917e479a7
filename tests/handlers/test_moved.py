"""A machine that was moved to another node a moment ago: nobody who uses it notices."""

from __future__ import annotations

from typing import Any

import pytest

from tests.handlers.lab import ServedLab
from tests.rfb_client import RfbClient
from vmlab.models import ConsoleSession, Vm


@pytest.fixture
async def vm(worked_lab: ServedLab) -> dict[str, Any]:
    """The student's running machine, on another node than its row says."""
    lab = worked_lab
    made = await lab.make_vm(start=True)
    guest = lab.guest(made)
    here = guest.node
    there = "pve2" if here == "pve1" else "pve1"
    path = f"/nodes/{here}/qemu/{guest.vmid}/migrate"
    answer = await lab.sim.admin("POST", path, {"target": there, "online": 1})
    await lab.sim.jobs.wait(answer)
    assert guest.node == there
    await Vm.filter(id=made["id"]).update(node=here)
    return made


async def test_its_state_and_snapshots_are_told(worked_lab: ServedLab, vm: dict[str, Any]):
    lab = worked_lab
    status = (await lab.ask(lab.student, "GET", f"vms/{vm['id']}/status/")).data
    assert (status["qmp_status"], status["node"]) == ("running", lab.guest(vm).node)
    await Vm.filter(id=vm["id"]).update(node=vm["node"])
    assert (await lab.ask(lab.student, "GET", f"vms/{vm['id']}/snapshots/")).data == []
    await Vm.filter(id=vm["id"]).update(node=vm["node"])
    assert (await lab.ask(lab.student, "GET", f"vms/{vm['id']}/metrics/")).status == 200


async def test_its_screen_opens(worked_lab: ServedLab, vm: dict[str, Any]):
    lab = worked_lab
    asked = await lab.ask(lab.student, "POST", f"vms/{vm['id']}/console/vnc/token/")
    address = f"/api/v1/console/vnc/?token={asked.data['token']}"
    socket = await lab.client.ws_connect(address, protocols=("binary",))
    viewer = RfbClient.over_websocket(socket)
    await viewer.log_in(None, shared=True)
    assert (await ConsoleSession.get()).node == lab.guest(vm).node
    await viewer.close()


@pytest.mark.parametrize("verb", ["stop", "pause", "reset", "restart"])
async def test_verbs_find_it(worked_lab: ServedLab, vm: dict[str, Any], verb: str):
    lab = worked_lab
    begun = await lab.ask(lab.student, "POST", f"vms/{vm['id']}/{verb}/")
    assert (await lab.ended(begun.data["task"]))["status"] == "succeeded"
    assert (await lab.row(vm)).node == lab.guest(vm).node
