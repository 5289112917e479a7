"""What a guest reports of itself: the figures of lists, of status/current and of pvestatd.

Guests that run a system of their own are measured (`guest_meter`). Of the others load, traffic and
memory are smooth functions of the VMID and the uptime, so that graphs look alive and the same
question has the same answer.
"""

from __future__ import annotations

import math
from typing import Any

from vmlab.simulator.guest_drives import boot_devices, boot_disk, drives_of
from vmlab.simulator.guest_meter import meter_of
from vmlab.simulator.guest_options import agent_enabled, cpus, has_serial, memory_mb
from vmlab.simulator.state import Cluster, Guest

QEMU_VERSION = "10.0.2"
BALLOON_AFTER_S = 3.0
FIRST_READ_S = 2.0
OTHER_READS_S = 5.0
BIOS_READ_S = 1.5
_PRESSURES = tuple(
    f"pressure{what}{how}" for what in ("cpu", "io", "memory") for how in ("some", "full")
)
_SUPPORT = [
    "backup-access-api",
    "backup-fleecing",
    "backup-max-workers",
    "pbs-dirty-bitmap",
    "pbs-dirty-bitmap-migration",
    "pbs-dirty-bitmap-savevm",
    "pbs-masterkey",
    "query-bitmap-info",
]
RUNNING_FACTS = frozenset({"runningmachine", "runningcpu", "running-nets-host-mtu"})
_BLOCK_COUNTERS = (
    *(
        name.format(op)
        for op in ("flush", "rd", "unmap", "wr", "zone_append")
        for name in ("failed_{}_operations", "invalid_{}_operations", "{}_operations")
    ),
    *(f"{op}_total_time_ns" for op in ("flush", "rd", "unmap", "wr", "zone_append")),
    *(
        f"{op}_{what}"
        for op in ("rd", "unmap", "wr", "zone_append")
        for what in ("bytes", "merged")
    ),
    "wr_highest_offset",
)


def name_of(guest: Guest) -> str:
    """The guest's name, or `VM 100` for one without."""
    return str(guest.config.get("name") or f"VM {guest.vmid}")


def machine_version(cluster: Cluster) -> str:
    """The machine type that a guest runs with (pve-manager 8.4 and 9.2 differ in the suffix)."""
    return f"pc-i440fx-10.0+pve{0 if cluster.major < 9 else 1}"


def is_template(guest: Guest) -> bool:
    """Whether the guest has been made a template."""
    return bool(guest.config.get("template"))


def load(guest: Guest, uptime_s: float) -> float:
    """The fraction of its processors that the guest uses; 0 in the first sample and when paused."""
    if uptime_s < 1 or guest.qmpstatus != "running":
        return 0.0
    if (meter := meter_of(guest)) and guest.started_at:
        used = meter.cpu(guest.started_at + uptime_s) / cpus(guest.config)
        return round(min(1.0, used), 15)
    boot = 0.6 * math.exp(-uptime_s / 20)
    swing = 1 + math.sin(uptime_s / 97 + guest.vmid)
    return round(min(1.0, 0.01 + boot + 0.03 * swing * (1 + guest.vmid % 5)), 15)


def traffic(guest: Guest, uptime_s: float) -> dict[str, int]:
    """Bytes since the start of the process, by counter."""
    if (meter := meter_of(guest)) and guest.started_at:
        return meter.counters(guest.started_at + uptime_s)
    share = 1 + guest.vmid % 7
    return {
        "netin": int(uptime_s * 90 * share),
        "netout": int(uptime_s * 35 * share),
        "diskread": int(18_590_208 * (1 - math.exp(-uptime_s / 10))) + int(uptime_s) * 512,
        "diskwrite": int(uptime_s * 2048 * share),
    }


def summary(cluster: Cluster, guest: Guest) -> dict[str, Any]:
    """A row of GET /nodes/…/qemu: what is known without asking QEMU."""
    config = guest.config
    drive = boot_disk(config)
    row: dict[str, Any] = {
        "vmid": guest.vmid,
        "name": name_of(guest),
        "status": "running" if guest.running else "stopped",
        "cpus": cpus(config),
        "cpu": 0,
        "maxmem": memory_mb(config) * 2**20,
        "mem": 0,
        "maxdisk": drive.size_bytes if drive else 0,
        "disk": 0,
        "netin": 0,
        "netout": 0,
        "uptime": 0,
    }
    if cluster.major >= 9:
        row["memhost"] = 0
    if has_serial(config):
        row["serial"] = 1
    if is_template(guest):
        row["template"] = 1
    row.update({key: guest.config[key] for key in ("lock", "tags") if guest.config.get(key)})
    if guest.running:
        row.update(_process(cluster, guest, row["maxmem"]))
    return row


def uptime_s(cluster: Cluster, guest: Guest) -> float:
    """Seconds since the guest's process started."""
    if not guest.running or guest.started_at is None:
        return 0.0
    return max(0.0, cluster.clock.time() - guest.started_at)


def _process(cluster: Cluster, guest: Guest, maxmem: int) -> dict[str, Any]:
    uptime = uptime_s(cluster, guest)
    counters = traffic(guest, uptime)
    nets = [key for key in guest.config if key.startswith("net") and key[3:].isdigit()]
    each = {key: counters[key] // max(1, len(nets)) for key in ("netin", "netout")}
    mem = maxmem - _free_memory(guest, maxmem)
    without_balloon = maxmem // 29
    if meter := meter_of(guest):
        without_balloon = min(maxmem, meter.last.gauges.resident)
    process: dict[str, Any] = {
        "pid": guest.pid or 0,
        "uptime": int(uptime),
        "cpu": load(guest, uptime),
        "mem": mem,
        "nics": {f"tap{guest.vmid}i{net[3:]}": dict(each) for net in sorted(nets)},
        "netin": each["netin"] * len(nets),
        "netout": each["netout"] * len(nets),
    }
    if cluster.major >= 9:
        process["memhost"] = int(maxmem * 0.9) + 25 * 2**20
        process.update(dict.fromkeys(_PRESSURES, 0))
        if not _balloon_answers(guest, uptime):
            process["mem"] = process["memhost"]
    elif not _balloon_answers(guest, uptime):
        process["mem"] = without_balloon
    return process


def _has_balloon(guest: Guest) -> bool:
    """Whether the guest has the device at all; `balloon: 0` takes it away."""
    return str(guest.config.get("balloon", "")) != "0"


def _balloon_answers(guest: Guest, uptime: float) -> bool:
    if meter := meter_of(guest):
        return meter.last.gauges.free is not None
    return _has_balloon(guest) and uptime >= BALLOON_AFTER_S


def _free_memory(guest: Guest, maxmem: int) -> int:
    if meter := meter_of(guest):
        return meter.last.gauges.free or 0
    return int(maxmem * (0.45 + 0.03 * (guest.vmid % 6)))


def _total_memory(guest: Guest, maxmem: int) -> int:
    """What the system inside has for itself."""
    if meter := meter_of(guest):
        return meter.last.gauges.total or maxmem
    return int(maxmem * 0.97)


def full(cluster: Cluster, guest: Guest) -> dict[str, Any]:
    """A row of GET /nodes/…/qemu?full=1: QEMU's own answers included."""
    row = summary(cluster, guest)
    row["qmpstatus"] = guest.qmpstatus if guest.running else "stopped"
    if guest.running:
        row.update(_monitor(cluster, guest, row["maxmem"]))
    return row


def _monitor(cluster: Cluster, guest: Guest, maxmem: int) -> dict[str, Any]:
    uptime = uptime_s(cluster, guest)
    counters = traffic(guest, uptime)
    answers: dict[str, Any] = {
        "blockstat": _blockstat(guest, counters, uptime),
        "diskread": counters["diskread"],
        "diskwrite": counters["diskwrite"],
        "running-machine": machine_version(cluster),
        "running-qemu": QEMU_VERSION,
        "proxmox-support": {**dict.fromkeys(_SUPPORT, True), "pbs-library-version": ""},
    }
    if _has_balloon(guest):
        answers |= {"balloon": maxmem, "ballooninfo": {"max_mem": maxmem, "actual": maxmem}}
    if _balloon_answers(guest, uptime):
        free = _free_memory(guest, maxmem)
        answers["freemem"] = free
        answers["ballooninfo"] |= {
            "free_mem": free,
            "total_mem": _total_memory(guest, maxmem),
            "last_update": int(cluster.clock.time()),
            "major_page_faults": 0,
            "minor_page_faults": 2036,
            "mem_swapped_in": 0,
            "mem_swapped_out": 0,
        }
    return answers


def _blockstat(guest: Guest, counters: dict[str, int], uptime: float) -> dict[str, Any]:
    """Counters by drive: the boot device is read first, the others a little later.

    A system that is back from memory reads nothing.
    """
    if meter := meter_of(guest):
        return meter.last.gauges.drives
    first = next(iter(boot_devices(guest.config)), None)
    disk = boot_disk(guest.config)
    stats: dict[str, Any] = {}
    for drive in drives_of(guest.config):
        stat: dict[str, Any] = dict.fromkeys(_BLOCK_COUNTERS, 0)
        stat |= {"account_failed": True, "account_invalid": True, "timed_stats": []}
        read_after_s = FIRST_READ_S if drive.key == first else OTHER_READS_S
        if uptime >= read_after_s and not guest.extra.get("from_memory"):
            stat |= {"rd_bytes": 512, "rd_operations": 1, "idle_time_ns": int(uptime * 1e9)}
            if disk is not None and drive.key == disk.key:
                stat |= {
                    "rd_bytes": counters["diskread"],
                    "rd_operations": counters["diskread"] // 2048,
                    "wr_bytes": counters["diskwrite"],
                    "wr_operations": counters["diskwrite"] // 4096,
                }
        stats[drive.key] = stat
    return stats


def running_facts(cluster: Cluster, guest: Guest) -> dict[str, str]:
    """What is written down with saved memory, so that it can be loaded again."""
    facts = {
        "runningmachine": machine_version(cluster),
        "runningcpu": str(guest.config.get("cpu", "kvm64")),
    }
    nets = [f"net{n}" for n in range(32) if f"net{n}" in guest.config]
    if cluster.major >= 9 and nets:
        facts["running-nets-host-mtu"] = ",".join(f"{net}=1500" for net in nets)
    return facts


def current(cluster: Cluster, guest: Guest) -> dict[str, Any]:
    """GET status/current: the full row and what only this call adds."""
    status = full(cluster, guest)
    status["ha"] = {"managed": 1, **guest.ha} if guest.ha else {"managed": 0}
    if guest.config.get("vga"):
        status["clipboard"] = None
        if str(guest.config["vga"]).startswith(("qxl", "virtio")):
            status["spice"] = 1
    if agent_enabled(guest.config):
        status["agent"] = 1
    return status


def broadcast(cluster: Cluster, guest: Guest) -> dict[str, Any]:
    """What pvestatd tells the cluster of a guest: a list row with QEMU's state for `status`."""
    row = summary(cluster, guest)
    if guest.running:
        row["status"] = guest.qmpstatus
        counters = traffic(guest, uptime_s(cluster, guest))
        row |= {key: counters[key] for key in ("diskread", "diskwrite")}
    return row
