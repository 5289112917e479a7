"""What each configuration option needs and how it takes effect: privilege, hot-plug, spelling.

The tables follow qemu-server's API2/Qemu.pm (`check_vm_modify_config_perm`) and QemuServer.pm
(`fast_plug_option`, `vmconfig_hotplug_pending`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from vmlab.simulator import propstring
from vmlab.simulator.guest_drives import DRIVE_KEYS

_PRIVILEGES = {
    "VM.Config.CPU": "cores sockets cpu cpulimit cpuunits vcpus numa",
    "VM.Config.Memory": "memory balloon shares allow-ksm",
    "VM.Config.HWType": "acpi hotplug kvm machine scsihw smbios1 tablet vga watchdog audio0 rng0",
    "VM.Config.Options": "agent autostart bios description keyboard localtime migrate_downtime "
    "migrate_speed name onboot ostype protection reboot startdate startup tags tdf template",
    "VM.PowerMgmt": "freeze",
    "VM.Config.Disk": "boot bootdisk vmstatestorage",
}
PRIVILEGE_OF = {key: priv for priv, keys in _PRIVILEGES.items() for key in keys.split()}
_KEYS = {
    "cloudinit": "ciuser cipassword citype cicustom ciupgrade nameserver searchdomain sshkeys",
    "root only": "args lock hookscript affinity hugepages keephugepages vmgenid arch ivshmem "
    "amd-sev spice_enhancements intel-tdx",
    "written by Proxmox": "cdrom meta parent snaptime vmstate runningmachine runningcpu "
    "running-nets-host-mtu",
    "applied at once": "lock name onboot shares startup description protection vmstatestorage "
    "hookscript tags",
}
CLOUDINIT_KEYS, ROOT_ONLY, _INTERNAL, _FAST = (frozenset(keys.split()) for keys in _KEYS.values())
_HOTPLUG_DEFAULT = frozenset({"network", "disk", "usb"})
_SEPARATORS = re.compile(r"[\s,;]+")


def is_cloudinit(key: str) -> bool:
    """Whether the option only fills the cloud-init drive."""
    return key in CLOUDINIT_KEYS or re.fullmatch(r"ipconfig\d+", key) is not None


def exists(key: str) -> bool:
    """Whether qemu-server knows an option of that name (`option_exists`)."""
    return (
        key in PRIVILEGE_OF
        or key in DRIVE_KEYS
        or key in ROOT_ONLY
        or key in _INTERNAL
        or is_cloudinit(key)
        or re.fullmatch(r"(net|unused|serial|parallel|usb|hostpci|numa|virtiofs)\d+", key)
        is not None
    )


def split_list(text: str | list[str] | None) -> list[str]:
    """The members of one of Proxmox's lists: commas, semicolons and blanks all separate."""
    if text is None:
        return []
    joined = ",".join(text) if isinstance(text, list) else text
    return [part for part in _SEPARATORS.split(joined) if part]


def normal_tags(text: str | list[str]) -> str:
    """Tags as Proxmox keeps them: in lower case, sorted, once each, joined by semicolons."""
    return ";".join(sorted({tag.lower() for tag in split_list(text)}))


def hotplugs(config: Mapping[str, Any], feature: str) -> bool:
    """Whether the guest's `hotplug` option covers a feature (default: network, disk, usb)."""
    setting = str(config.get("hotplug", "1"))
    if setting == "1":
        return feature in _HOTPLUG_DEFAULT
    return feature in split_list(setting)


def applies_live(config: Mapping[str, Any], key: str, *, is_cdrom: bool) -> bool:
    """Whether a change to an option reaches a running guest at once.

    Args:
        config: the running guest's configuration.
        key: the option.
        is_cdrom: the option is a CD-ROM drive before and after, so that only the medium changes.
    """
    if key in _FAST or is_cloudinit(key) or key in ("hotplug", "cpulimit", "cpuunits", "balloon"):
        return True
    if key.startswith("net"):
        return hotplugs(config, "network")
    if key in DRIVE_KEYS:
        return is_cdrom or (key.startswith(("scsi", "virtio")) and hotplugs(config, "disk"))
    return key.startswith("usb") and hotplugs(config, "usb")


def memory_mb(config: Mapping[str, Any]) -> int:
    """The guest's memory; 512 MiB where nothing is said."""
    return int(propstring.split(str(config.get("memory", "512")), "current").get("current", "512"))


def cpus(config: Mapping[str, Any]) -> int:
    """The number of virtual processors."""
    return int(config.get("vcpus", int(config.get("sockets", 1)) * int(config.get("cores", 1))))


def agent_enabled(config: Mapping[str, Any]) -> bool:
    """Whether the configuration has the guest agent switched on."""
    agent = propstring.split(str(config.get("agent", "0")), "enabled")
    return propstring.boolean(agent.get("enabled", "0")) == "1"


def has_serial(config: Mapping[str, Any]) -> bool:
    """Whether the guest has a serial terminal."""
    return any(config.get(f"serial{n}") is not None for n in range(4))


def shutdown_timeout_s(config: Mapping[str, Any]) -> int:
    """How long a shutdown waits that names no timeout: `startup`'s `down`, else a minute."""
    return int(propstring.split(str(config.get("startup", "")), "order").get("down", "60"))
