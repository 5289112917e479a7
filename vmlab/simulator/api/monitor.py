"""QEMU's own doors: keys sent to the guest, and the human monitor's simplest commands."""

from __future__ import annotations

from typing import Any

from vmlab.simulator.errors import ApiError
from vmlab.simulator.guest_power import check_running
from vmlab.simulator.guest_status import QEMU_VERSION
from vmlab.simulator.routes import Call, route
from vmlab.simulator.state import Guest


@route("PUT", "/nodes/{node}/qemu/{vmid}/sendkey")
async def send_key(call: Call) -> Any:
    """Send a key combination such as `ctrl-alt-delete`."""
    check_running(call.guest())


@route("POST", "/nodes/{node}/qemu/{vmid}/monitor")
async def monitor(call: Call) -> Any:
    """A monitor command; on 9.x only those that have a privilege, or everything for root.

    What QEMU says against a command is data, too (pve-manager 8.4: "ERROR: VM 111 not running").
    """
    guest = call.guest()
    command = call.params["command"].strip()
    harmless = command.split(" ")[0] in ("info", "help", "?")
    if call.cluster.major < 9:
        if not harmless:
            call.require("/", "Sys.Modify")
    elif not harmless and not call.who.is_root:
        text = f"command '{command}' non-existent or not assigned a required permission yet, "
        raise ApiError(500, f"{text}limiting to root user")
    if not guest.running:
        return f"ERROR: VM {guest.vmid} not running\n"
    return _answer(guest, command)


def _answer(guest: Guest, command: str) -> str:
    match command:
        case "info status":
            return f"VM status: {guest.qmpstatus}\r\n"
        case "info version":
            return f"{QEMU_VERSION}pve-qemu-kvm_{QEMU_VERSION}-4\r\n"
        case "info name":
            return f"{guest.config.get('name', '')}\r\n"
        case _:
            return f"unknown command: '{command.split(' ')[0]}'\r\n"
