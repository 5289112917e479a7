"""Who and what the recordings found on their cluster: storages, images, accounts, guests.

The scenes call these before they replay; what they make is not judged.
"""

from __future__ import annotations

import struct
from typing import Any

from tests.simulator.conformance.recordings import recordings
from tests.simulator.conformance.stage import NODE, PASSWORD, Stage
from vmlab.simulator.state import Storage, Volume

ISO_BYTES = 300_000
IMPORT_BYTES = 64 * 2**20
_QCOW2_HEADER = struct.Struct(">4sIQIIQIIQQIIQ")

BASE = {
    "name": "tmpl-base",
    "memory": 256,
    "cores": 1,
    "kvm": 0,
    "cpu": "qemu64",
    "ostype": "l26",
    "scsihw": "virtio-scsi-pci",
    "scsi0": "vmdisks:1,format=qcow2",
    "boot": "order=scsi0",
    "agent": "enabled=1",
    "serial0": "socket",
    "tags": "lab;base",
}
"""The recorded guest 100, which becomes a template."""

TCG = {
    "name": "tcg1",
    "memory": 192,
    "cores": 1,
    "kvm": 0,
    "cpu": "qemu64",
    "scsihw": "virtio-scsi-pci",
    "scsi0": "vmdisks:1",
    "ide2": "local:iso/vmlab-guest.iso,media=cdrom",
    "net0": "virtio,bridge=vmbr0",
    "serial0": "socket",
    "agent": "enabled=1",
    "vga": "std",
    "boot": "order=scsi0;ide2",
    "onboot": 1,
    "tags": "lab;upper;x",
}
"""The recorded guest 111: a raw disk, an ISO that boots, an agent."""

IMPORTED = {
    "name": "imported",
    "memory": 128,
    "kvm": 0,
    "scsi0": "vmdisks:0,import-from=local:import/disk.qcow2",
}
"""The recorded guest 110: an imported disk and little else."""


def qcow2(size_bytes: int) -> bytes:
    """The start of an empty qcow2 image (version 2) of that virtual size."""
    fields = (b"QFI\xfb", 2, 0, 0, 16, size_bytes, 0, 0, 0, 65536, 1, 0, 0)
    return _QCOW2_HEADER.pack(*fields).ljust(196_616, b"\0")


def furnish(stage: Stage) -> None:
    """The two directory storages with their images, and the token of the administrator."""
    cluster = stage.simulator.cluster
    local = Storage(
        "local",
        "dir",
        frozenset({"iso", "import", "vztmpl", "backup", "snippets"}),
        path="/var/lib/vz",
    )
    disks = Storage("vmdisks", "dir", frozenset({"images", "import", "iso"}), path="/srv/vmdisks")
    cluster.storages = {storage.storage: storage for storage in (local, disks)}
    now = int(stage.simulator.clock.time())
    for volume in (
        Volume("local:iso/test.iso", "iso", "iso", ISO_BYTES, now),
        Volume("local:iso/test4.iso", "iso", "iso", ISO_BYTES, now),
        Volume("local:iso/vmlab-guest.iso", "iso", "iso", 18_937_856, now),
        Volume(
            "local:import/disk.qcow2", "import", "qcow2", 196_616, now, virtual_size=IMPORT_BYTES
        ),
    ):
        local.on(NODE)[volume.volid] = volume
    root = cluster.tokens["root@pam!vmlab"]
    stage.secrets[root.full] = root.secret


async def account(
    stage: Stage, full: str, *privileges: str, path: str = "/", privsep: int = 0
) -> None:
    """A user with a password and a token `full`, with a role of `privileges` on `path`.

    The role is named after the user, so that a scene can change it.
    """
    userid = full.partition("!")[0]
    await stage.admin("POST", "/access/users", userid=userid, password=PASSWORD)
    await token(stage, full, privsep=privsep)
    await stage.admin("POST", "/access/roles", roleid=role_of(full), privs=",".join(privileges))
    await grant(stage, path, full)


async def token(stage: Stage, full: str, *, privsep: int = 0) -> None:
    """An API token of an existing user."""
    userid, _, tokenid = full.partition("!")
    made = await stage.admin("POST", f"/access/users/{userid}/token/{tokenid}", privsep=privsep)
    stage.secrets[full] = made["value"]


def role_of(full: str) -> str:
    """The name of the role that `account` made for the owner of that token."""
    return "VMLab" if full.startswith("vmlab@") else f"Role-{full.partition('@')[0]}"


async def grant(stage: Stage, path: str, full: str) -> None:
    """Give the owner of the token the role of `account` on `path`."""
    userid = full.partition("!")[0]
    await stage.admin("PUT", "/access/acl", path=path, users=userid, roles=role_of(full))


async def allow(stage: Stage, full: str, *privileges: str) -> None:
    """Make the role of `account` consist of just these privileges."""
    path = f"/access/roles/{role_of(full)}"
    await stage.admin("PUT", path, privs=",".join(privileges))


async def service(stage: Stage) -> None:
    """`vmlab@pve!svc`, with the broad role that was recorded."""
    held = recordings(stage.version)["030-permissions"].body["data"]["/"]
    await account(stage, "vmlab@pve!svc", *held)


async def nobody(stage: Stage) -> None:
    """`low@pve!t1`, a token with no rights at all."""
    await stage.admin("POST", "/access/users", userid="low@pve", password=PASSWORD)
    await token(stage, "low@pve!t1", privsep=1)


async def guest(stage: Stage, vmid: int, config: dict[str, Any], **changes: Any) -> None:
    """A guest with that configuration; parameters are those of Proxmox's create call."""
    await stage.admin("POST", f"/nodes/{NODE}/qemu", vmid=vmid, **{**config, **changes})


async def running_guest(stage: Stage, vmid: int, config: dict[str, Any], **changes: Any) -> None:
    """The same, started and with its agent answering."""
    await guest(stage, vmid, config, **changes)
    await stage.admin("POST", f"/nodes/{NODE}/qemu/{vmid}/status/start")
    await stage.advance(60)


async def template(stage: Stage, vmid: int = 9000) -> None:
    """The template `lab-template` in pool `vmlab`."""
    await stage.admin("POST", "/pools", poolid="vmlab", comment="lab")
    config = {
        **TCG,
        "name": "lab-template",
        "tags": "lab;template",
        "scsi0": "vmdisks:1,format=qcow2",
    }
    await guest(stage, vmid, config, pool="vmlab")
    await stage.admin("POST", f"/nodes/{NODE}/qemu/{vmid}/template")
