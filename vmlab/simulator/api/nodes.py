"""Calls about one node: status, load over time, networks, processor models."""

from __future__ import annotations

from typing import Any

from vmlab.simulator import pvestatd, rrd
from vmlab.simulator.api.cluster import ZONE, version_of
from vmlab.simulator.errors import ApiError
from vmlab.simulator.routes import Call, route
from vmlab.simulator.state import Cluster, Node

KERNEL = {8: "6.8.12-20-pve", 9: "6.17.13-2-pve"}
CPU_MODELS = ("kvm64", "host", "max", "qemu64", "x86-64-v2", "x86-64-v2-AES", "x86-64-v3")
_PRESSURES = (
    "pressurecpusome",
    "pressureiosome",
    "pressureiofull",
    "pressurememorysome",
    "pressurememoryfull",
)


def _node(call: Call) -> Node:
    """The node of a call that is not proxied to it."""
    if call.node is None:
        raise ApiError(500, f"no such cluster node '{call.params['node']}'")
    return call.node


@route("GET", "/nodes")
async def index(call: Call) -> Any:
    """All nodes; figures only with Sys.Audit."""
    cluster, rows = call.cluster, []
    for node in cluster.nodes.values():
        figures = call.has(f"/nodes/{node.name}", "Sys.Audit")
        row = pvestatd.node_row(cluster, node, figures=figures)
        rows.append({**row, "ssl_fingerprint": node.fingerprint})
    return rows


@route("GET", "/nodes/{node}")
async def directory(call: Call) -> Any:
    """What there is below a node (those parts that are simulated)."""
    names = ("lxc", "network", "qemu", "rrddata", "status", "storage", "tasks", "version")
    return [{"name": name} for name in names]


@route("GET", "/nodes/{node}/version")
async def version(call: Call) -> Any:
    """Version of that node."""
    return version_of(call.cluster)


@route("GET", "/nodes/{node}/lxc")
async def containers(call: Call) -> Any:
    """There are no containers here."""
    return []


@route("GET", "/nodes/{node}/status")
async def status(call: Call) -> Any:
    """Processor, memory, root file system, kernel."""
    node, cluster = _node(call), call.cluster
    used, free = node.rootfs_used_bytes, node.rootfs_bytes - node.rootfs_used_bytes
    load = node.cpu * node.maxcpu
    kernel = KERNEL[cluster.major]
    return {
        "boot-info": {"mode": "legacy-bios"},
        "cpu": node.cpu,
        "cpuinfo": _cpuinfo(node, cluster.major),
        "current-kernel": {
            "machine": "x86_64",
            "release": kernel,
            "sysname": "Linux",
            "version": "#1 SMP PREEMPT_DYNAMIC PMX",
        },
        "idle": 0,
        "ksm": {"shared": 0},
        "kversion": f"Linux {kernel} #1 SMP PREEMPT_DYNAMIC PMX",
        "loadavg": [f"{load:.2f}", f"{load * 0.9:.2f}", f"{load * 0.8:.2f}"],
        "memory": _memory(cluster, node),
        "pveversion": "pve-manager/{version}/{repoid}".format(**version_of(cluster)),
        "rootfs": {"total": node.rootfs_bytes, "used": used, "free": free, "avail": free},
        "swap": {"total": 0, "used": 0, "free": 0},
        "uptime": pvestatd.uptime_s(cluster, node),
        "wait": 0,
    }


def _cpuinfo(node: Node, major: int) -> dict[str, Any]:
    info: dict[str, Any] = {
        "cores": node.maxcpu // 2,
        "cpus": node.maxcpu,
        "flags": "fpu vme de pse tsc msr pae cx8 apic sep mtrr vmx aes avx avx2 hypervisor",
        "hvm": "1",
        "mhz": "2499.998",
        "model": "Intel(R) Xeon(R) Silver 4314 CPU @ 2.40GHz",
        "sockets": 1,
        "user_hz": 100,
    }
    return {**info, "family": "6", "vendor": "GenuineIntel"} if major >= 9 else info


def _memory(cluster: Cluster, node: Node) -> dict[str, int]:
    used = pvestatd.memory_used(cluster, node)
    memory = {"total": node.memory_bytes, "used": used, "free": node.memory_bytes - used}
    return {**memory, "available": memory["free"]} if cluster.major >= 9 else memory


@route("GET", "/nodes/{node}/rrddata")
async def rrddata(call: Call) -> Any:
    """Load over time; every node holds all nodes' figures, so it works for an offline one."""
    node, cluster = _node(call), call.cluster
    memory, phase = pvestatd.memory_used(cluster, node), float(node.nodeid)

    def figures(time: float) -> dict[str, float | int]:
        cpu = node.cpu * (0.5 + rrd.wave(time, 900, phase))
        row: dict[str, float | int] = {
            "cpu": cpu,
            "iowait": cpu / 100,
            "loadavg": cpu * node.maxcpu,
            "maxcpu": node.maxcpu,
            "memtotal": node.memory_bytes,
            "memused": memory,
            "netin": 20_000 * rrd.wave(time, 600, phase),
            "netout": 9_000 * rrd.wave(time, 700, phase),
            "roottotal": node.rootfs_bytes,
            "rootused": node.rootfs_used_bytes,
            "swaptotal": 0,
            "swapused": 0,
        }
        if cluster.major >= 9:
            row |= {"memavailable": node.memory_bytes - memory, "arcsize": 0}
            row |= dict.fromkeys(_PRESSURES, 0)
        return row

    now = call.clock.time()
    return rrd.rows(cluster.major, call.params["timeframe"], now, node.booted_at, figures)


@route("GET", "/nodes/{node}/network")
async def network(call: Call) -> Any:
    """The physical port and the bridges that the caller may use or see."""
    wanted, rows = call.params.get("type"), []
    for bridge in call.cluster.bridges:
        path = f"/sdn/zones/{ZONE}/{bridge}"
        if not call.has(path, "SDN.Audit") and not call.has(path, "SDN.Use"):
            continue
        rows.append(
            {
                "iface": bridge,
                "type": "bridge",
                "active": 1,
                "autostart": 1,
                "bridge_fd": "0",
                "bridge_ports": "eno1" if bridge == "vmbr0" else "",
                "bridge_stp": "off",
                "families": ["inet"],
                "method": "manual",
                "method6": "manual",
                "priority": 3,
            }
        )
    if wanted in (None, "eth"):
        port = {"iface": "eno1", "type": "eth", "active": 1, "exists": 1, "families": ["inet"]}
        rows.append({**port, "method": "manual", "method6": "manual"})
    return rows if wanted != "eth" else rows[-1:]


@route("GET", "/nodes/{node}/sdn/zones")
async def zones(call: Call) -> Any:
    """Only the zone of the local bridges."""
    visible = any(call.has(f"/sdn/zones/{ZONE}", priv) for priv in ("SDN.Audit", "SDN.Use"))
    return [{"zone": ZONE, "status": "available"}] if visible else []


@route("GET", "/nodes/{node}/capabilities/qemu/cpu")
async def cpu_models(call: Call) -> Any:
    """Some of QEMU's processor models."""
    abstract = {"abstract": 1} if call.cluster.major >= 9 else {}
    return [
        {"name": name, "vendor": "default", "custom": 0}
        | (abstract if name.startswith("x86-64-v") else {})
        for name in CPU_MODELS
    ]
