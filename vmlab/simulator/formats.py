"""Proxmox's named formats: what a string must look like, and the text if it does not."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable

Check = Callable[[str, int], str | None]

_LABEL = r"[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?"
_USERID = r"[^\s:/]+@[A-Za-z][A-Za-z0-9._-]+"
_TOKENID = rf"{_USERID}![A-Za-z][A-Za-z0-9._-]+"
_HA_ID = r"(?:vm|ct):[1-9][0-9]{2,8}|[1-9][0-9]{2,8}"

# name -> (pattern, text); {0} is the value
_PATTERNS: dict[str, tuple[str, str]] = {
    "pve-vmid": (r"[1-9][0-9]{2,8}", "value does not look like a valid VM ID"),
    "pve-node": (_LABEL, "value does not look like a valid node name"),
    "pve-storage-id": (
        r"(?i:[a-z][a-z0-9\-_.]*[a-z0-9])",
        "storage ID '{0}' contains illegal characters",
    ),
    "pve-configid": (r"(?i:[a-z][a-z0-9_-]+)", "invalid configuration ID '{0}'"),
    "dns-name": (rf"(?:{_LABEL}\.)*{_LABEL}", "value does not look like a valid DNS name"),
    "urlencoded": (r"[-%a-zA-Z0-9_.!~*'()]*", "invalid urlencoded string: {0}"),
    "pve-tag": (r"(?i:[a-z0-9_][a-z0-9_\-+.]*)", "invalid characters in tag"),
    "mac-addr": (
        r"(?i:[a-f0-9][02468ace](?::[a-f0-9]{2}){5})",
        "value does not look like a valid unicast MAC address",
    ),
    "pve-bridge-id": (r"[-_.\w]+", "invalid bridge ID '{0}'"),
    "disk-size": (r"\d+(\.\d+)?([KMGT](iB)?)?", "value does not look like a valid disk size: {0}"),
    "pve-iface": (r"(?i:[a-z][a-z0-9_]{1,20}([:.]\d+)?)", "invalid network interface name '{0}'"),
    "pve-userid": (_USERID, "value '{0}' does not look like a valid user name"),
    "pve-tokenid": (_TOKENID, "value '{0}' does not look like a valid token ID"),
    "pve-groupid": (r"[A-Za-z0-9.\-_]+", "group name '{0}' contains invalid characters"),
    "pve-roleid": (r"[A-Za-z0-9.\-_]+", "role name '{0}' contains invalid characters"),
    "pve-realm": (r"[A-Za-z][A-Za-z0-9.\-_]+", "value does not look like a valid realm"),
    "pve-storage-content": (
        "images|rootdir|vztmpl|iso|backup|snippets|import|none",
        "invalid content type '{0}'",
    ),
    "pve-task-status-type": ("unknown|ok|warning|error", "invalid status '{0}'"),
    "pve-ha-resource-or-vm-id": (_HA_ID, "value does not look like a valid ha resource id"),
    "email-opt": (
        r"|[\w+\-~]+(\.[\w+\-~]+)*@[a-zA-Z0-9-]+(\.[a-zA-Z0-9-]+)*",
        "value does not look like a valid email address",
    ),
    "pve-volume-id": (r"(?i:[a-z][a-z0-9\-_.]*[a-z0-9]):.+", "unable to parse volume ID '{0}'"),
    "pve-sdn-zone-id": (
        r"[a-zA-Z][a-zA-Z0-9]*[a-zA-Z0-9]",
        "zone ID '{0}' contains illegal characters",
    ),
    "pve-sdn-vnet-id": (
        r"[a-zA-Z][a-zA-Z0-9]*[a-zA-Z0-9]",
        "vnet ID '{0}' contains illegal characters",
    ),
}
_COMPILED = {name: (re.compile(pattern), text) for name, (pattern, text) in _PATTERNS.items()}
_POOL = re.compile(r"[A-Za-z0-9.\-_]+(/[A-Za-z0-9.\-_]+){0,2}")


def _pool(value: str, major: int) -> str | None:
    if not _POOL.fullmatch(value):
        return f"pool name '{value}' contains invalid characters"
    return None


def _address(value: str, major: int) -> str | None:
    try:
        ipaddress.ip_address(value)
    except ValueError:
        return f"value does not look like a valid IP address: {value}"
    return None


def _ipconfig(value: str, major: int) -> str | None:
    for part in value.split(","):
        key, _, address = part.partition("=")
        if key not in ("ip", "ip6", "gw", "gw6"):
            return f"invalid key in comma-separated list property: {key}"
        if key in ("gw", "gw6"):
            continue
        try:
            if address not in ("dhcp", "manual", "auto"):
                ipaddress.ip_interface(address)
        except ValueError:
            version = 4 if key == "ip" else 6
            text = f"value does not look like a valid ipv{version} network configuration"
            return f"format error\n{key}: invalid format - {text}\n"
    return None


_OWN: dict[str, Check] = {
    "pve-poolid": _pool,
    "ip": _address,
    "address": lambda value, major: None,
    "pve-qm-ipconfig": _ipconfig,
}


def check(name: str, value: str, major: int) -> str | None:
    """The error text of a value against a named format; None if right or the format is free.

    Args:
        name: the format's name; `X-list` checks each item of a list.
        value: the parameter as sent.
        major: Proxmox's major version.
    """
    if name.endswith("-list"):
        errors = (check(name.removesuffix("-list"), item, major) for item in items(value))
        return next((error for error in errors if error is not None), None)
    if name in _OWN:
        return _OWN[name](value, major)
    if name not in _COMPILED:
        return None
    pattern, text = _COMPILED[name]
    return None if pattern.fullmatch(value) else text.format(value)


def items(value: str) -> list[str]:
    """The items of a list in a string: comma, semicolon, blanks and NUL all part them."""
    return [item for item in re.split(r"[,;\s\0]+", value) if item]
