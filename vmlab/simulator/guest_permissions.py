"""Which rights a guest's options, disks and bridges ask of the caller.

The handlers check these after the call's own rule in the API description has passed, in the order
in which qemu-server's API2/Qemu.pm checks them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from vmlab.simulator import propstring
from vmlab.simulator.errors import ApiError, denied, invalid_parameters
from vmlab.simulator.guest_drives import DRIVE_KEYS, Drive, drives_of
from vmlab.simulator.guest_options import PRIVILEGE_OF, is_cloudinit
from vmlab.simulator.guest_volumes import check_name, split_volid
from vmlab.simulator.routes import Call

_DEVICE = re.compile(r"(?:serial|usb|hostpci|unused)\d+")


def require_on_guest(
    call: Call, vmid: int, pool: str | None, *privs: str, any_of: bool = False
) -> None:
    """Ask for privileges on a guest, which those on its future pool stand in for."""
    if pool is not None and all(call.has(f"/pool/{pool}", priv) for priv in privs):
        return
    call.require(f"/vms/{vmid}", *privs, any_of=any_of)


def check_options(call: Call, vmid: int, pool: str | None, keys: Iterable[str]) -> None:
    """Check the privileges for setting or deleting options; drives are checked one by one.

    Raises:
        ApiError: 403, or 500 "only root can set '…' config".
    """
    if call.who.is_root:
        return
    for key in keys:
        if key in DRIVE_KEYS or key == "cdrom" or _DEVICE.fullmatch(key):
            continue
        if re.fullmatch(r"net\d+", key):
            require_on_guest(call, vmid, pool, "VM.Config.Network")
        elif re.fullmatch(r"numa\d+", key):
            require_on_guest(call, vmid, pool, "VM.Config.CPU")
        elif is_cloudinit(key):
            either = ("VM.Config.Cloudinit", "VM.Config.Network")
            if pool is None or not any(call.has(f"/pool/{pool}", priv) for priv in either):
                call.require(f"/vms/{vmid}", *either, any_of=True)
        elif key in PRIVILEGE_OF:
            require_on_guest(call, vmid, pool, PRIVILEGE_OF[key])
            if key == "startup":
                call.require("/", "Sys.Modify")
        else:
            raise ApiError(500, f"only root can set '{key}' config")


def check_devices(call: Call, vmid: int, pool: str | None, options: Mapping[str, Any]) -> None:
    """Check serial, USB and PCI devices: anything of the real host is root's alone."""
    if call.who.is_root:
        return
    for key, value in options.items():
        text = str(value)
        if re.fullmatch(r"serial\d+", key) and text != "socket":
            raise ApiError(500, f"only root can set '{key}' config for real devices")
        if re.fullmatch(r"usb\d+", key) and not text.startswith(("spice", "mapping=")):
            raise ApiError(500, f"only root can set '{key}' config for real devices")
        if re.fullmatch(r"hostpci\d+", key) and "mapping=" not in text:
            raise ApiError(500, f"only root can set '{key}' config for non-mapped devices")
        if re.fullmatch(r"(serial|usb|hostpci)\d+", key):
            require_on_guest(call, vmid, pool, "VM.Config.HWType")


def check_drive(call: Call, vmid: int, pool: str | None, drive: Drive) -> None:
    """Check the privilege for adding or changing a drive."""
    require_on_guest(call, vmid, pool, "VM.Config.CDROM" if drive.is_cdrom else "VM.Config.Disk")


def check_storage_access(
    call: Call, vmid: int, options: Mapping[str, Any], default_storage: str | None = None
) -> None:
    """Check what the drives of a request lie on: space for new ones, access to existing ones.

    Raises:
        ApiError: 403; 500 for an unknown storage or volume name; 400 for a storage without images.
    """
    for drive in drives_of({key: str(value) for key, value in options.items()}):
        if not drive.has_volume and drive.file != "cdrom":
            continue
        new = drive.new_disk()
        if drive.file == "cdrom":
            call.require("/", "Sys.Console")
        elif drive.is_cloudinit and drive.file.endswith(":cloudinit"):
            call.require(f"/storage/{split_volid(drive.file)[0]}", "Datastore.AllocateSpace")
        elif new is not None and not drive.is_cdrom:
            _check_new_disk(call, new[0] or default_storage)
        else:
            _check_volume(call, vmid, drive)
        if source := drive.options.get("import-from"):
            _check_import(call, drive.key, source)


def _check_new_disk(call: Call, name: str | None) -> None:
    if name is None:
        raise ApiError(500, "no storage ID specified (and no default storage)")
    call.require(f"/storage/{name}", "Datastore.AllocateSpace")
    if "images" not in call.cluster.storage(name).content:
        raise invalid_parameters({"storage": f"storage '{name}' does not support vm images"})


def _check_volume(call: Call, vmid: int, drive: Drive) -> None:
    if drive.file.startswith("/"):
        if not call.who.is_root:
            line = "at /usr/share/perl5/PVE/Storage.pm line 581."
            raise ApiError(500, f"Only root can pass arbitrary filesystem paths. {line}")
        return
    name, volume_name = split_volid(drive.file)
    storage = call.cluster.storage(name)
    kind = volume_name.partition("/")[0]
    if kind in ("iso", "import", "vztmpl", "snippets"):
        call.require(f"/storage/{name}", "Datastore.AllocateSpace", "Datastore.Audit", any_of=True)
        if kind != "iso":
            raise invalid_parameters({drive.key: "content type needs to be 'images' or 'iso'"})
        return
    check_name(storage, volume_name)
    owner = re.search(r"(?:vm|base)-(\d+)-[^/]*$", volume_name)
    if owner is None or int(owner[1]) != vmid:
        call.require(f"/storage/{name}", "Datastore.Allocate")


def _check_import(call: Call, key: str, source: str) -> None:
    if source.startswith("/"):
        if not call.who.is_root:
            raise invalid_parameters({key: "Only root can pass arbitrary filesystem paths."})
        return
    name, volume_name = split_volid(source)
    call.cluster.storage(name)
    if volume_name.startswith("import/"):
        call.require(f"/storage/{name}", "Datastore.AllocateSpace", "Datastore.Audit", any_of=True)
    elif owner := re.search(r"(?:vm|base)-(\d+)-[^/]*$", volume_name):
        call.require(f"/vms/{owner[1]}", "VM.Clone")


def check_bridges(call: Call, options: Mapping[str, Any]) -> None:
    """Check that the caller may use the bridges of the network options."""
    for key, value in sorted(options.items()):
        if not re.fullmatch(r"net\d+", key):
            continue
        net = propstring.split(str(value), "model")
        if bridge := net.get("bridge"):
            path = f"/sdn/zones/localnetwork/{bridge}"
            call.require(f"{path}/{net['tag']}" if "tag" in net else path, "SDN.Use")


def check_skiplock(call: Call) -> None:
    """Refuse `skiplock` to anybody but root@pam itself."""
    if call.params.get("skiplock") and not call.who.is_root:
        raise invalid_parameters({"skiplock": "Only root may use this option."})


def check_pool(call: Call, pool: str | None) -> None:
    """Refuse a pool that does not exist."""
    if pool is not None and pool not in call.cluster.pools:
        raise denied(f"pool '{pool}' does not exist")
