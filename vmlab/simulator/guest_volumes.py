"""Disk volumes of guests: names, allocation, linked clones, base images, features.

Handlers decide whether something may happen; this module makes it so in the storage's records and
gives back the lines that the storage tools would print into the task log.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

from vmlab.simulator.errors import ApiError
from vmlab.simulator.guest_drives import DRIVE_KEYS, Drive, unused_of
from vmlab.simulator.state import Cluster, Guest, Storage, Volume

CLOUDINIT_BYTES = 4 * 2**20
RAW_LIMIT_BYTES = 2**56
IMAGE_FORMATS = ("raw", "qcow2", "vmdk")
_SECTOR = 512


def split_volid(volid: str) -> tuple[str, str]:
    """Storage and volume name of a volid.

    Raises:
        ApiError: 500 in pve-storage's words.
    """
    storage, colon, name = volid.partition(":")
    if not colon:
        raise ApiError(500, f"unable to parse volume ID '{volid}'")
    return storage, name


def find(cluster: Cluster, node: str, volid: str) -> Volume:
    """A volume as `node` sees it.

    Raises:
        ApiError: 500 where the storage or the volume does not exist, or the name is no name.
    """
    name, volume_name = split_volid(volid)
    storage = cluster.storage(name)
    volume = storage.on(node).get(volid)
    if volume is None:
        check_name(storage, volume_name)
        raise ApiError(500, f"volume '{volid}' does not exist")
    return volume


def check_name(storage: Storage, name: str) -> None:
    """Refuse a name that cannot be a volume's (pve-storage 8.4 parse_volname)."""
    if storage.file_based:
        if "/" not in name:
            raise ApiError(500, f"unable to parse directory volume name '{name}'")
    elif re.fullmatch(r"(vm|base)-\d+-\S+", name) is None:
        kind = "lvm" if storage.type.startswith("lvm") else storage.type
        raise ApiError(500, f"unable to parse {kind} volume name '{name}'")


def file_path(storage: Storage, volid: str) -> str:
    """Where the volume lies on the node's disk, as the storage tools name it."""
    name = volid.partition(":")[2]
    if not storage.file_based:
        return f"/dev/{storage.storage}/{name}"
    return f"{storage.path}/images/{'/'.join(name.split('/')[-2:])}"


def valid_format(storage: Storage, wanted: str | None, source: str | None = None) -> str:
    """The image format that a new volume gets: the wanted, the source's, or the storage's own.

    Raises:
        ApiError: 500, the storage knows no such format.
    """
    if not storage.file_based:
        if wanted not in (None, "raw"):
            raise ApiError(500, f"unsupported format '{wanted}'")
        return "raw"
    return wanted or (source if source in IMAGE_FORMATS else None) or "raw"


def _free_name(storage: Storage, node: str, vmid: int, image_format: str) -> str:
    taken = {
        int(match[1])
        for volid in storage.on(node)
        if (match := re.search(rf"(?:vm|base)-{vmid}-disk-(\d+)(?:\.\w+)?$", volid))
    }
    number = next(n for n in range(len(taken) + 1) if n not in taken)
    return file_name(storage, vmid, f"disk-{number}", image_format)


def file_name(storage: Storage, vmid: int, suffix: str, image_format: str) -> str:
    """`vm-100-disk-0`, with directory and extension where volumes are files."""
    name = f"vm-{vmid}-{suffix}"
    return f"{vmid}/{name}.{image_format}" if storage.file_based else name


def allocate(
    cluster: Cluster,
    node: str,
    storage: Storage,
    vmid: int,
    size_bytes: int,
    *,
    image_format: str,
    suffix: str | None = None,
) -> tuple[Volume, str]:
    """Make a new volume for a guest.

    Args:
        cluster: gives the time of creation.
        node: whose view of the storage it is made in.
        storage: where it is made.
        vmid: its owner.
        size_bytes: its virtual size.
        image_format: raw or qcow2 (`valid_format`).
        suffix: `cloudinit`, `state-s1`; default: the next free `disk-N`.

    Returns:
        The volume, and what the storage tool prints.

    Raises:
        ApiError: 500 in qemu-img's words for a size beyond all bounds.
    """
    if suffix is None:
        name = _free_name(storage, node, vmid, image_format)
    else:
        name = file_name(storage, vmid, suffix, image_format)
    volid = f"{storage.storage}:{name}"
    if image_format == "raw" and size_bytes > RAW_LIMIT_BYTES:
        path = file_path(storage, volid)
        text = f"{path}: The image size is too large for file format 'raw'"
        raise ApiError(500, f"unable to create image: qemu-img: {text}")
    volume = Volume(
        volid=volid,
        content="images",
        format=image_format,
        size=size_bytes,
        ctime=int(cluster.clock.time()),
        used=0 if image_format == "raw" else 196_608,
        vmid=vmid,
    )
    storage.on(node)[volid] = volume
    return volume, _printed(storage, volume)


def _printed(storage: Storage, volume: Volume) -> str:
    if not storage.file_based:
        return f'  Logical volume "{volume.volid.partition(":")[2]}" created.'
    head = f"Formatting '{file_path(storage, volume.volid)}', fmt={volume.format}"
    if volume.format == "raw":
        return f"{head} size={volume.size} preallocation=off"
    return (
        f"{head} cluster_size=65536 extended_l2=off preallocation=metadata "
        f"compression_type=zlib size={volume.size} lazy_refcounts=off refcount_bits=16"
    )


def link(cluster: Cluster, node: str, base: Volume, vmid: int) -> tuple[Volume, list[str]]:
    """Make a linked clone of a base volume; returns it and what is printed (8.4 and 9.2 differ).

    qemu-server 9.2 makes the overlay with extended L2 entries and 128k clusters.
    """
    storage = cluster.storage(split_volid(base.volid)[0])
    name = _free_name(storage, node, vmid, "qcow2" if storage.file_based else "raw")
    base_file = "/".join(base.volid.partition(":")[2].split("/")[-2:])
    volid = f"{storage.storage}:{f'{base_file}/' if storage.file_based else ''}{name}"
    volume = Volume(
        volid=volid,
        content="images",
        format="qcow2" if storage.file_based else "raw",
        size=base.size,
        ctime=int(cluster.clock.time()),
        used=196_608,
        vmid=vmid,
        parent=base.volid if storage.file_based else None,
    )
    storage.on(node)[volid] = volume
    if not storage.file_based:
        return volume, [f'  Logical volume "{name}" created.']
    layout = (
        "cluster_size=65536 extended_l2=off"
        if cluster.major < 9
        else "cluster_size=131072 extended_l2=on preallocation=metadata"
    )
    short = name.rpartition("/")[2]
    return volume, [
        f"clone {base_file}: images, {short}, {vmid} to {short} (base=../{base_file})",
        f"Formatting '{file_path(storage, volid)}', fmt=qcow2 {layout} compression_type=zlib "
        f"size={base.size} backing_file=../{base_file} backing_fmt={base.format} "
        "lazy_refcounts=off refcount_bits=16",
    ]


def clones_of(cluster: Cluster, node: str, base: Volume) -> Iterator[Volume]:
    """The linked clones that lie on a base volume."""
    volumes = cluster.storage(split_volid(base.volid)[0]).on(node).values()
    return (volume for volume in volumes if volume.parent == base.volid)


def check_unused_base(cluster: Cluster, node: str, volid: str) -> None:
    """Refuse to remove a base volume with clones ("linked cloned": Proxmox's own spelling)."""
    storage, _ = split_volid(volid)
    volume = cluster.storage(storage).on(node).get(volid)
    if volume is not None and any(clones_of(cluster, node, volume)):
        raise ApiError(500, f"base volume '{volid}' is still in use by linked cloned")


def free(cluster: Cluster, node: str, volid: str) -> None:
    """Remove a volume; one that is gone already counts as removed.

    Raises:
        ApiError: 500, linked clones lie on it.
    """
    check_unused_base(cluster, node, volid)
    volume = cluster.storage(split_volid(volid)[0]).on(node).pop(volid, None)
    if volume is not None and cluster.files is not None:
        cluster.files.remove(volume)


def to_base(cluster: Cluster, node: str, volid: str) -> str:
    """Turn a volume into a base image; returns its new volid."""
    storage = cluster.storage(split_volid(volid)[0])
    volume = storage.on(node).pop(volid, None)
    head, _, name = volid.rpartition("vm-")
    renamed = f"{head}base-{name}"
    if volume is not None:
        volume.volid = renamed
        storage.on(node)[renamed] = volume
    return renamed


def is_base(volid: str) -> bool:
    """Whether the volume is a template's."""
    return re.search(r"(?:^|[/:])base-\d+-[^/]*$", volid) is not None


def can_snapshot(cluster: Cluster, volid: str) -> bool:
    """Whether the volume's storage and format can take snapshots (pve-storage 8.4)."""
    storage = cluster.storage(split_volid(volid)[0])
    if storage.file_based:
        return volid.endswith(".qcow2")
    return storage.type in ("lvmthin", "zfspool", "rbd")


def can_link(cluster: Cluster, volid: str, snapname: str | None) -> bool:
    """Whether a linked clone can be made of the volume, or of a snapshot of it."""
    storage = cluster.storage(split_volid(volid)[0])
    if storage.type == "lvm":
        return False
    if snapname is not None:
        return storage.type in ("lvmthin", "rbd")
    return is_base(volid)


def owned_drives(guest: Guest) -> Iterator[Drive]:
    """The drives whose volume belongs to the guest: disks and cloud-init, no ISO images."""
    for key, value in sorted(guest.config.items()):
        if key in DRIVE_KEYS:
            drive = Drive.parse(key, value)
            if drive.has_volume and (not drive.is_cdrom or drive.is_cloudinit):
                yield drive


def volids_of(guest: Guest) -> set[str]:
    """Every volume that the guest's configuration and snapshots hold."""
    held = {drive.file for drive in owned_drives(guest)} | set(unused_of(guest.config).values())
    states = [guest.config.get("vmstate")]
    states += [snapshot.config.get("vmstate") for snapshot in guest.snapshots.values()]
    return held | {state for state in states if state}


def whole_sectors(size_bytes: float) -> int:
    """A size as QEMU sees it: rounded up to sectors of 512 bytes."""
    return math.ceil(size_bytes / _SECTOR) * _SECTOR
