"""Cloud-init: the documents on a guest's cloud-init drive, and what it does not have yet.

The drive holds the options as they were when it was last written: at a start, or on demand.
"""

from __future__ import annotations

import hashlib
import ipaddress
from typing import Any
from urllib.parse import unquote

from vmlab.simulator import propstring
from vmlab.simulator.guest_drives import net_mac
from vmlab.simulator.guest_options import is_cloudinit, split_list
from vmlab.simulator.guest_status import name_of
from vmlab.simulator.state import Guest

_STARS = "**********"


def _options(guest: Guest) -> dict[str, Any]:
    """What the documents are made of."""
    return {key: value for key, value in guest.config.items() if is_cloudinit(key) or key == "name"}


def refresh(guest: Guest) -> None:
    """Write the drive anew."""
    guest.extra["cloudinit"] = _options(guest)


def cloudinit_rows(guest: Guest) -> list[dict[str, Any]]:
    """GET cloudinit: what the drive holds (`value`) and what it would get (`pending`)."""
    wanted, written = _options(guest), guest.extra.get("cloudinit", {})
    rows: list[dict[str, Any]] = []
    for key in sorted({*wanted, *written}):
        row: dict[str, Any] = {"key": key}
        if key in written:
            row["value"] = _shown(key, written[key])
        if key not in wanted:
            row["delete"] = 1
        elif written.get(key) != wanted[key]:
            row["pending"] = _shown(key, wanted[key])
        rows.append(row)
    return rows


def _shown(key: str, value: Any) -> Any:
    return _STARS if key == "cipassword" else value


def document(guest: Guest, kind: str, *, mask_password: bool) -> str:
    """The `user`, `network` or `meta` document (qemu-server's Cloudinit.pm, nocloud)."""
    if kind == "user":
        return _user(guest, mask_password=mask_password)
    if kind == "network":
        return _network(guest)
    made_of = _user(guest, mask_password=False) + _network(guest)
    instance = hashlib.sha1(made_of.encode(), usedforsecurity=False).hexdigest()
    return f"instance-id: {instance}\n"


def files(guest: Guest) -> dict[str, bytes]:
    """What is on the drive, by name."""
    names = {"user-data": "user", "network-config": "network", "meta-data": "meta"}
    return {
        name: document(guest, kind, mask_password=False).encode() for name, kind in names.items()
    }


def _user(guest: Guest, *, mask_password: bool) -> str:
    config = guest.config
    hostname = name_of(guest).split(".")[0].replace(" ", "")
    domain = config.get("searchdomain")
    lines = ["#cloud-config", f"hostname: {hostname}", "manage_etc_hosts: true"]
    lines.append(f"fqdn: {hostname}.{domain}" if domain else f"fqdn: {hostname}")
    if user := config.get("ciuser"):
        lines.append(f"user: {user}")
    if password := config.get("cipassword"):
        lines.append(f"password: {_STARS if mask_password else password}")
    if keys := config.get("sshkeys"):
        lines.append("ssh_authorized_keys:")
        lines += [f"  - {key}" for key in unquote(keys).splitlines() if key.strip()]
    lines += ["chpasswd:", "  expire: False"]
    if config.get("ciuser", "root") != "root":
        lines += ["users:", "  - default"]
    if config.get("ciupgrade", 1):
        lines.append("package_upgrade: true")
    return "\n".join(lines) + "\n"


def _network(guest: Guest) -> str:
    lines = ["version: 1", "config:"]
    for number in range(32):
        net, address = guest.config.get(f"net{number}"), guest.config.get(f"ipconfig{number}")
        if net is None or address is None:
            continue
        lines += [
            "    - type: physical",
            f"      name: eth{number}",
            f"      mac_address: '{net_mac(net).lower()}'",
            "      subnets:",
            *_subnets(propstring.split(address)),
        ]
    lines += ["    - type: nameserver", "      address:"]
    lines += [f"      - '{server}'" for server in split_list(guest.config.get("nameserver"))]
    return "\n".join(lines) + "\n"


def _subnets(address: dict[str, str]) -> list[str]:
    ip = address.get("ip")
    if ip == "dhcp":
        return ["      - type: dhcp4"]
    if ip is None:
        return []
    interface = ipaddress.ip_interface(ip)
    lines = [
        "      - type: static",
        f"        address: '{interface.ip}'",
        f"        netmask: '{interface.netmask}'",
    ]
    return [*lines, f"        gateway: '{address['gw']}'"] if "gw" in address else lines
