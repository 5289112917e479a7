"""What guests report: lists, status/current, RRD series.

Lists show only what the caller may audit. RRD series are answered by every node, whichever the
path names (pve-manager 8.4: the call is not proxied).
"""

from __future__ import annotations

from typing import Any

from vmlab.simulator import guest_meter, guest_status, rrd
from vmlab.simulator.errors import ApiError
from vmlab.simulator.routes import Call, route
from vmlab.simulator.state import Guest

_PRESSURES = tuple(
    f"pressure{what}{how}" for what in ("cpu", "io", "memory") for how in ("some", "full")
)


@route("GET", "/nodes/{node}/qemu")
async def listing(call: Call) -> Any:
    """The node's guests; with full=1 QEMU is asked, too."""
    assert call.node is not None
    rights = call.rights()
    describe = guest_status.full if call.params.get("full") else guest_status.summary
    return [
        describe(call.cluster, guest)
        for guest in call.cluster.guests_on(call.node.name)
        if "VM.Audit" in rights.on(f"/vms/{guest.vmid}")
    ]


@route("GET", "/nodes/{node}/qemu/{vmid}")
async def directory(call: Call) -> Any:
    """What lies below a guest."""
    names = (
        "config pending cloudinit unlink vncproxy termproxy migrate resize move rrd rrddata "
        "monitor agent snapshot spiceproxy sendkey firewall mtunnel remote_migrate"
    )
    return [{"subdir": name} for name in names.split()]


@route("GET", "/nodes/{node}/qemu/{vmid}/status/current")
async def current(call: Call) -> Any:
    """The guest now."""
    guest = call.guest()
    await guest_meter.read(call.sim, guest)
    return guest_status.current(call.cluster, guest)


@route("GET", "/nodes/{node}/qemu/{vmid}/rrddata")
async def rrddata(call: Call) -> Any:
    """The guest's past: rows before its birth have nothing but their time."""
    guest = call.cluster.guests.get(int(call.params["vmid"]))
    if guest is None:
        folder = "pve2-vm" if call.cluster.major < 9 else "pve-vm-9.0"
        file = f"/var/lib/rrdcached/db/{folder}/{call.params['vmid']}"
        raise ApiError(500, f"RRD error: opening '{file}': No such file or directory")
    return rrd.rows(
        call.cluster.major,
        call.params["timeframe"],
        call.clock.time(),
        guest.born_at,
        lambda time: _figures(call, guest, time),
    )


def _figures(call: Call, guest: Guest, time: float) -> dict[str, Any]:
    now = guest_status.summary(call.cluster, guest)
    row: dict[str, Any] = {"disk": 0}
    row |= {key: now[key] for key in ("maxmem", "maxdisk")}
    row["maxcpu"] = now["cpus"]
    uptime_s = time - (guest.started_at or float("inf"))
    if not guest.running or uptime_s < 0:
        return row
    rates = guest_status.traffic(guest, uptime_s + 1)
    before = guest_status.traffic(guest, uptime_s)
    row |= {key: float(rates[key] - before[key]) for key in rates}
    row["cpu"] = guest_status.load(guest, uptime_s)
    row["mem"] = now["mem"]
    if call.cluster.major >= 9:
        row["memhost"] = now["memhost"]
        row |= dict.fromkeys(_PRESSURES, 0)
    return row
