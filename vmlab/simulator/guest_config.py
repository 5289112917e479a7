"""Changes to a guest's configuration: what is wanted, what is pending, what takes effect when.

Follows qemu-server's `update_vm_api`: everything goes into the pending section first; a stopped
guest then gets it all, a running one what can be hot-plugged, the rest at its next start.
"""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from vmlab.simulator.errors import ApiError, invalid_parameters
from vmlab.simulator.guest_disks import Log, create_disks
from vmlab.simulator.guest_drives import (
    BOOTABLE_KEYS,
    DRIVE_KEYS,
    Drive,
    add_unused,
    boot_devices,
    print_boot,
)
from vmlab.simulator.guest_locks import check_lock
from vmlab.simulator.guest_options import applies_live, exists, memory_mb
from vmlab.simulator.guest_volumes import free
from vmlab.simulator.state import Cluster, Guest

CHECKSUM_MISMATCH = "checksum mismatch (file change by other user?)"


@dataclass
class Change:
    """What a request wants of a configuration, normalised; `force` erases instead of detaching."""

    values: dict[str, Any]
    delete: list[str] = field(default_factory=list)
    revert: list[str] = field(default_factory=list)
    digest: str | None = None
    force: bool = False
    skiplock: bool = False

    def check(self) -> None:
        """Refuse what contradicts itself.

        Raises:
            ApiError: 500 "no options specified", 400 for unknown or doubly named options.
        """
        if not (self.values or self.delete or self.revert):
            raise ApiError(500, "no options specified")
        for verb, keys in (("revert", self.revert), ("delete", self.delete)):
            for key in keys:
                if not exists(key):
                    raise invalid_parameters({verb: f"unknown option '{key}'"})
                if key in self.values:
                    text = f"you can't use '-{key}' and '-{verb} {key}' at the same time"
                    raise invalid_parameters({"delete": text})
        for key in self.delete:
            if key in self.revert:
                text = f"you can't use '-delete {key}' and '-revert {key}' at the same time"
                raise invalid_parameters({"revert": text})

    def admit(self, guest: Guest) -> None:
        """Refuse a stale digest, a locked guest, and more balloon than memory.

        Raises:
            ApiError: 500.
        """
        check_digest(guest, self.digest)
        if not self.skiplock:
            check_lock(guest)
        balloon = self.values.get("balloon")
        memory = memory_mb({**guest.config, **self.values})
        if balloon and int(balloon) > memory:
            raise ApiError(500, "balloon value too large (must be smaller than assigned memory)")

    def reverting(self, guest: Guest) -> Change:
        """The same change with `revert` put as what it means for that guest."""
        restored = {key: guest.config[key] for key in self.revert if key in guest.config}
        dropped = [key for key in self.revert if key in guest.pending and key not in restored]
        return replace(self, values=self.values | restored, delete=self.delete + dropped, revert=[])


def check_digest(guest: Guest, digest: str | None) -> None:
    """Refuse a digest that is not the configuration's present one."""
    if digest is not None and digest != guest.digest():
        raise ApiError(500, CHECKSUM_MISMATCH)


def check_protection(guest: Guest, what: str) -> None:
    """Refuse to take something from a protected guest."""
    if guest.config.get("protection"):
        raise ApiError(500, f"{what} - protection mode enabled")


async def write(cluster: Cluster, guest: Guest, change: Change, log: Log) -> None:
    """Carry out an admitted change, the guest's flock held.

    Raises:
        ApiError: what the storage says, or a boot order with an unknown device.
    """
    change = change.reverting(guest)
    order = boot_devices(guest.config)
    for key in change.delete:
        _stage_deletion(cluster, guest, key, order, change.force, log)
    for key in _hash_order(change, guest):
        await _stage_value(cluster, guest, key, change, order, log)
    apply_pending(cluster, guest)


def _hash_order(change: Change, guest: Guest) -> Iterable[str]:
    """The options in the order of Perl's hash: it decides whether `boot` survives a new CD-ROM."""
    keys = [key for key in sorted(change.values) if guest.pending.get(key) != change.values[key]]
    random.shuffle(keys)
    return keys


def _stage_deletion(
    cluster: Cluster, guest: Guest, key: str, order: list[str], force: bool, log: Log
) -> None:
    if key not in guest.config and guest.pending.get(key) is None:
        log(f"cannot delete '{key}' - not set in current configuration!")
        return
    value = guest.config.get(key, guest.pending.get(key))
    was_pending = guest.pending.pop(key, None) is not None
    if not was_pending and key in order:
        order.remove(key)
        guest.pending["boot"] = print_boot(order)
    if key.startswith("unused"):
        volid = Drive.parse(key, str(value)).file
        check_protection(guest, f"can't remove unused disk '{volid}'")
        free(cluster, guest.node, volid)
        guest.config.pop(key, None)
        return
    if key in DRIVE_KEYS:
        check_protection(guest, f"can't remove drive '{key}'")
        if was_pending:
            _detach(cluster, guest, Drive.parse(key, str(value)))
    guest.pending[key] = None
    if force:
        guest.extra.setdefault("force", set()).add(key)


async def _stage_value(
    cluster: Cluster, guest: Guest, key: str, change: Change, order: list[str], log: Log
) -> None:
    value = change.values[key]
    if key in DRIVE_KEYS:
        pending = guest.pending.get(key)
        if pending is not None:
            _replace(cluster, guest, Drive.parse(key, pending), Drive.parse(key, value))
        made, _ = await create_disks(cluster, guest.node, guest.vmid, {key: value}, log)
        value = made[key]
        if Drive.parse(key, value).is_cdrom and order and key not in order:
            order.append(key)
            guest.pending["boot"] = print_boot(order)
    elif key == "boot":
        # `order` stays as it was before: a new CD-ROM that comes later overrides this (8.4).
        for device in boot_devices({"boot": value}):
            if device not in {*guest.config, *guest.pending, *change.values}:
                raise ApiError(500, f"invalid bootorder: device '{device}' does not exist'")
    guest.pending[key] = value


def apply_pending(cluster: Cluster, guest: Guest) -> None:
    """Let pending changes take effect: all of a stopped guest's, a running one's where it can."""
    forced: set[str] = guest.extra.get("force", set())
    for key in [key for key, value in guest.pending.items() if value is None]:
        if key not in guest.config:
            del guest.pending[key]
        elif _takes_effect(guest, key, None):
            if key in DRIVE_KEYS:
                _detach(cluster, guest, Drive.parse(key, guest.config[key]), key in forced)
            forced.discard(key)
            del guest.pending[key], guest.config[key]
    for key, value in list(guest.pending.items()):
        if value is None:
            continue
        old = guest.config.get(key)
        if old == value:
            del guest.pending[key]
        elif _takes_effect(guest, key, value):
            if key in DRIVE_KEYS and old is not None:
                _replace(cluster, guest, Drive.parse(key, old), Drive.parse(key, value))
            guest.config[key] = guest.pending.pop(key)


def _takes_effect(guest: Guest, key: str, value: Any) -> bool:
    if not guest.running:
        return True
    old = guest.config.get(key)
    cdrom = (
        key in BOOTABLE_KEYS
        and old is not None
        and value is not None
        and Drive.parse(key, old).is_cdrom
        and Drive.parse(key, value).is_cdrom
    )
    return applies_live(guest.config, key, is_cdrom=cdrom)


def _replace(cluster: Cluster, guest: Guest, old: Drive, new: Drive) -> None:
    if old.file != new.file:
        _detach(cluster, guest, old)


def _detach(cluster: Cluster, guest: Guest, drive: Drive, force: bool = False) -> None:
    """Take a drive's volume out of use: cloud-init data is freed, a disk kept as `unusedN`."""
    if not drive.has_volume or (drive.is_cdrom and not drive.is_cloudinit):
        return
    if drive.is_cloudinit or force:
        free(cluster, guest.node, drive.file)
    else:
        add_unused(guest.config, drive.file)


def view(guest: Guest) -> dict[str, Any]:
    """The configuration as it will be once everything pending has taken effect."""
    merged = {**guest.config, **guest.pending}
    return {key: value for key, value in merged.items() if value is not None}


def masked(config: dict[str, Any]) -> dict[str, Any]:
    """A configuration as the API shows it: with the cloud-init password starred out."""
    return {**config, "cipassword": "**********"} if "cipassword" in config else config


def pending_rows(guest: Guest) -> list[dict[str, Any]]:
    """GET pending: each option with its value, its pending value, or its pending deletion."""
    current = masked({**guest.config, "digest": guest.digest()})
    wanted = masked(dict(guest.pending))
    rows: list[dict[str, Any]] = []
    for key in [*current, *(key for key in wanted if key not in current)]:
        row: dict[str, Any] = {"key": key}
        if key in current:
            row["value"] = current[key]
        if key in wanted and wanted[key] is None:
            row["delete"] = 2 if key in guest.extra.get("force", ()) else 1
        elif key in wanted:
            row["pending"] = wanted[key]
        rows.append(row)
    return rows
