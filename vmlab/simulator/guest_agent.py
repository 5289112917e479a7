"""The system inside a simulated guest, as far as its agent shows it: addresses, files, commands.

It is as small as the one that the real agent was observed on: a kernel, an agent and a handful of
commands, no passwd and no os-release. What it keeps is in the guest's `extra`.
"""

from __future__ import annotations

import ipaddress
import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from vmlab.simulator import propstring
from vmlab.simulator.errors import ApiError
from vmlab.simulator.guest_drives import net_mac
from vmlab.simulator.guest_status import name_of, traffic, uptime_s
from vmlab.simulator.state import Cluster, Guest

KERNEL = "6.12.48+deb13-cloud-amd64"
KERNEL_VERSION = "#1 SMP PREEMPT_DYNAMIC Debian 6.12.48-1 (2025-09-20)"
COMMANDS = (
    "guest-exec guest-exec-status guest-file-close guest-file-flush guest-file-open "
    "guest-file-read guest-file-seek guest-file-write guest-fsfreeze-freeze "
    "guest-fsfreeze-status guest-fsfreeze-thaw guest-fstrim guest-get-fsinfo guest-get-host-name "
    "guest-get-osinfo guest-get-time guest-get-timezone guest-get-users guest-get-vcpus "
    "guest-info guest-network-get-interfaces guest-ping guest-set-user-password guest-shutdown "
    "guest-suspend-disk guest-suspend-ram guest-sync guest-sync-delimited"
)
_STATISTICS = [f"{way}-{what}" for way in ("rx", "tx") for what in ("dropped", "errs", "packets")]
_LOOPBACK = (("127.0.0.1", 8), ("::1", 128))


@dataclass
class System:
    """What lives inside one guest: files by path, ended processes by pid."""

    files: dict[str, str] = field(default_factory=dict)
    ended: dict[int, dict[str, Any]] = field(default_factory=dict)
    pids: itertools.count[int] = field(default_factory=lambda: itertools.count(812))


def system_of(guest: Guest) -> System:
    """The system inside a guest, with the files that a fresh installation has."""
    system = guest.extra.get("system")
    if not isinstance(system, System):
        system = System({"/etc/hostname": f"{host_name(guest)}\n"})
        guest.extra["system"] = system
    return system


def host_name(guest: Guest) -> str:
    """The name inside: cloud-init's, which is the guest's without its domain."""
    return name_of(guest).split(".")[0].replace(" ", "-").lower()


def interfaces(cluster: Cluster, guest: Guest) -> list[dict[str, Any]]:
    """guest-network-get-interfaces: loopback and one interface for each network option."""
    found = [_interface("lo", "00:00:00:00:00:00", _LOOPBACK, 0, 0)]
    counters = traffic(guest, uptime_s(cluster, guest))
    for number in range(32):
        if net := guest.config.get(f"net{number}"):
            mac = net_mac(net).lower()
            addresses = (_ipv4(guest, number), (_link_local(mac), 64))
            received, sent = counters["netin"], counters["netout"]
            found.append(_interface(f"eth{number}", mac, addresses, received, sent))
    return found


def _interface(
    name: str, mac: str, addresses: Sequence[tuple[str, int]], received: int, sent: int
) -> dict[str, Any]:
    statistics = {**dict.fromkeys(_STATISTICS, 0), "rx-bytes": received, "tx-bytes": sent}
    return {
        "name": name,
        "hardware-address": mac,
        "ip-addresses": [
            {
                "ip-address": address,
                "ip-address-type": "ipv6" if ":" in address else "ipv4",
                "prefix": prefix,
            }
            for address, prefix in addresses
        ],
        "statistics": statistics,
    }


def _ipv4(guest: Guest, number: int) -> tuple[str, int]:
    """The static address of cloud-init, or what a DHCP server would give."""
    ip = propstring.split(guest.config.get(f"ipconfig{number}", "")).get("ip", "dhcp")
    if ip != "dhcp":
        interface = ipaddress.ip_interface(ip)
        return str(interface.ip), interface.network.prefixlen
    lease = ipaddress.ip_address("10.99.0.0") + (guest.vmid * 8 + number) % 2**16
    return str(lease), 16


def _link_local(mac: str) -> str:
    octets = [int(octet, 16) for octet in mac.split(":")]
    host = bytes([octets[0] ^ 2, *octets[1:3], 0xFF, 0xFE, *octets[3:]])
    return str(ipaddress.IPv6Address(b"\xfe\x80" + bytes(6) + host))


def os_info() -> dict[str, str]:
    """guest-get-osinfo."""
    return {
        "machine": "x86_64",
        "kernel-release": KERNEL,
        "kernel-version": KERNEL_VERSION,
    }


def info() -> dict[str, Any]:
    """guest-info: the commands that the agent knows."""
    commands = [
        {"name": name, "enabled": True, "success-response": True} for name in COMMANDS.split()
    ]
    return {"version": "10.0.2", "supported_commands": commands}


def file_systems(guest: Guest) -> list[dict[str, Any]]:
    """guest-get-fsinfo: one root file system on the first disk."""
    return [
        {
            "name": "sda1",
            "mountpoint": "/",
            "type": "ext4",
            "total-bytes": 8 * 2**30,
            "used-bytes": 2**30 + guest.vmid * 2**16,
            "disk": [],
        }
    ]


def run(guest: Guest, command: Sequence[str]) -> int:
    """Run a command to its end; returns its pid.

    Raises:
        ApiError: 500, there is no such program (the quotation marks are GLib's own).
    """
    system = system_of(guest)
    program = command[0].rpartition("/")[2]
    arguments = list(command[1:])
    output = _output(guest, program, arguments)
    if output is None:
        text = f"Failed to execute child process “{command[0]}” (No such file or directory)"
        raise ApiError(500, f"Agent error: Guest agent command failed, error was '{text}'")
    pid = next(system.pids)
    ended: dict[str, Any] = {"exited": 1, "exitcode": 0}
    if output:
        ended |= {"out-data": output, "out-truncated": 0}
    system.ended[pid] = ended
    return pid


def _output(guest: Guest, program: str, arguments: list[str]) -> str | None:
    """What a known program prints; None for an unknown one."""
    host = host_name(guest)
    machine = f"Linux {host} {KERNEL} {KERNEL_VERSION} x86_64 GNU/Linux"
    match program:
        case "uname":
            return f"{machine if '-a' in arguments else 'Linux'}\n"
        case "hostname":
            return f"{host}\n"
        case "whoami":
            return "root\n"
        case "echo":
            return " ".join(arguments) + "\n"
        case "cat":
            return "".join(read_file(guest, path) for path in arguments)
        case "poweroff" | "sync":
            return ""
        case _:
            return None


def read_file(guest: Guest, path: str) -> str:
    """A file's text.

    Raises:
        ApiError: 500 in the agent's words.
    """
    files = system_of(guest).files
    if path not in files:
        text = f"failed to open file '{path}' (mode: 'r'): No such file or directory"
        raise ApiError(500, f"Agent error: {text}")
    return files[path]
