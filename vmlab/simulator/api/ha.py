"""High availability, as far as it shows at a guest: which ones are managed, and their state."""

from __future__ import annotations

from typing import Any

from vmlab.simulator.errors import ApiError
from vmlab.simulator.routes import Call, route
from vmlab.simulator.state import Guest

_RESOURCE = "/cluster/ha/resources/{sid}"


def _guest(call: Call) -> Guest:
    vmid = int(call.params["sid"].removeprefix("vm:"))
    guest = call.cluster.guests.get(vmid)
    if guest is None:
        raise ApiError(500, f"unable to find guest '{vmid}'")
    return guest


def _managed(call: Call) -> tuple[Guest, dict[str, Any]]:
    guest = _guest(call)
    if not guest.ha:
        raise ApiError(500, f"no such resource 'vm:{guest.vmid}'")
    return guest, guest.ha


@route("GET", "/cluster/ha/resources")
async def index(call: Call) -> Any:
    """The guests that are managed."""
    guests = call.cluster.guests.values()
    return [{"sid": f"vm:{guest.vmid}", "type": "vm", **guest.ha} for guest in guests if guest.ha]


@route("POST", "/cluster/ha/resources")
async def create(call: Call) -> Any:
    """Put a guest under management."""
    guest = _guest(call)
    if guest.ha:
        raise ApiError(500, f"resource ID 'vm:{guest.vmid}' already defined")
    guest.ha = {"state": call.params.get("state", "started")}


@route("GET", _RESOURCE)
async def read(call: Call) -> Any:
    """One managed guest."""
    guest, ha = _managed(call)
    return {"sid": f"vm:{guest.vmid}", "type": "vm", **ha}


@route("PUT", _RESOURCE)
async def update(call: Call) -> Any:
    """Ask for another state."""
    _, ha = _managed(call)
    if "state" in call.params:
        ha["state"] = call.params["state"]


@route("DELETE", _RESOURCE)
async def delete(call: Call) -> Any:
    """Leave a guest to itself again."""
    guest, _ = _managed(call)
    guest.ha = None


@route("GET", "/cluster/ha/groups")
async def groups(call: Call) -> Any:
    """Groups became rules with version 9."""
    if call.cluster.major >= 9:
        raise ApiError(500, "cannot index groups: ha groups have been migrated to rules")
    return []


@route("GET", "/cluster/ha/rules")
async def rules(call: Call) -> Any:
    """No rules are ever made here."""
    return []
