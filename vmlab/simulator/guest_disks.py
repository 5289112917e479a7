"""Makes the disks that a request asks for: blank, imported, cloud-init, or already there.

Create and configuration changes use it alike; it runs inside their worker.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from vmlab.simulator.clock import Clock
from vmlab.simulator.errors import ApiError
from vmlab.simulator.guest_drives import Drive, drives_of, format_size, render_size
from vmlab.simulator.guest_volumes import (
    CLOUDINIT_BYTES,
    allocate,
    file_path,
    find,
    free,
    split_volid,
    valid_format,
    whole_sectors,
)
from vmlab.simulator.state import Cluster, Volume

Log = Callable[[str], None]

COPY_BYTES_A_SECOND = 3 * 2**30
COPY_MINIMUM_S = 0.2
_LIMITED_STEPS = 30


async def copy_data(clock: Clock, log: Log, size_bytes: int, bwlimit_kib: int = 0) -> None:
    """Let a copy take its time, with the progress lines of qemu-img.

    Args:
        clock: the cluster's.
        log: the task's log.
        size_bytes: what is copied.
        bwlimit_kib: KiB a second; 0: as fast as the disks go (sparse images at 3 GiB/s).
    """
    steps = _LIMITED_STEPS if bwlimit_kib else 1
    rate = bwlimit_kib * 1024 or COPY_BYTES_A_SECOND
    duration_s = max(COPY_MINIMUM_S, size_bytes / rate)
    total = render_size(size_bytes)
    log(f"transferred 0.0 B of {total} (0.00%)")
    for step in range(1, steps + 1):
        await clock.sleep(duration_s / steps)
        done = render_size(size_bytes * step / steps)
        log(f"transferred {done} of {total} ({100 * step / steps:.2f}%)")


async def full_copy(
    cluster: Cluster,
    node: str,
    source: Volume,
    target: tuple[str, str | None],
    vmid: int,
    log: Log,
    *,
    bwlimit_kib: int = 0,
    key: str = "",
    snapname: str | None = None,
) -> Volume:
    """Copy a volume into a new one of `vmid`; whoever is interrupted leaves nothing behind.

    Args:
        cluster: the cluster.
        node: where the work is done.
        source: what is copied.
        target: storage and wanted format (None: the source's, where the storage can have it).
        vmid: the owner of the copy.
        log: the task's log.
        bwlimit_kib: KiB a second.
        key: the drive's name, where the log line has it.
        snapname: the snapshot of the source that is copied; None: what it is now.

    Raises:
        ApiError: 500 "copy failed: …" with qemu-img's command line when its task is stopped.
    """
    named = f" {key}" if key else ""
    log(f"create full clone of drive{named} ({source.volid})")
    storage = cluster.storage(target[0])
    image_format = valid_format(storage, target[1], source.format)
    size_bytes = source.virtual_size or source.size
    # A copied cloud-init drive is one still: its name says so (qemu-server 8.4: clone_disk).
    suffix = "cloudinit" if "-cloudinit" in source.volid else None
    volume, printed = allocate(
        cluster, node, storage, vmid, size_bytes, image_format=image_format, suffix=suffix
    )
    log(printed)
    if cluster.major >= 9:
        log(f"allocated target volume '{volume.volid}'")
    try:
        await copy_data(cluster.clock, log, size_bytes, bwlimit_kib)
        if cluster.files is not None:
            await cluster.files.convert(source, volume, snapname)
    except asyncio.CancelledError as error:
        free(cluster, node, volume.volid)
        command = _convert_command(cluster, source, volume, bwlimit_kib)
        raise ApiError(500, f"copy failed: {command} failed: interrupted by signal") from error
    except BaseException:
        free(cluster, node, volume.volid)
        raise
    volume.used = source.used
    return volume


def _convert_command(cluster: Cluster, source: Volume, target: Volume, bwlimit_kib: int) -> str:
    origin, copy = (
        file_path(cluster.storage(split_volid(volume.volid)[0]), volume.volid)
        for volume in (source, target)
    )
    limit = f" -r {bwlimit_kib}K" if bwlimit_kib else ""
    formats = f"-f {source.format} -O {target.format}"
    return f"command '/usr/bin/qemu-img convert -p -n{limit} {formats} {origin} zeroinit:{copy}'"


def import_source(cluster: Cluster, node: str, volid: str) -> Volume:
    """The volume that `import-from` names; a disk inside an OVA counts as the OVA's."""
    archive = volid.partition(".ova/")
    return find(cluster, node, f"{archive[0]}.ova" if archive[1] else volid)


async def create_disks(
    cluster: Cluster,
    node: str,
    vmid: int,
    options: Mapping[str, Any],
    log: Log,
    *,
    default_storage: str | None = None,
) -> tuple[dict[str, str], list[str]]:
    """Make what the drives among `options` ask for.

    Returns:
        The drives as the configuration will have them, and the volids that were made.

    Raises:
        ApiError: what the storage says; volumes made until then are gone again.
    """
    result: dict[str, str] = {}
    made: list[str] = []
    try:
        for drive in drives_of(options):
            created = await _create_disk(cluster, node, vmid, drive, log, default_storage)
            if created is not None:
                made.append(created)
            result[drive.key] = str(drive)
            if created is not None:
                log(f"{drive.key}: successfully created disk '{drive}'")
    except BaseException:
        for volid in made:
            free(cluster, node, volid)
        raise
    return result, made


async def _create_disk(
    cluster: Cluster, node: str, vmid: int, drive: Drive, log: Log, default_storage: str | None
) -> str | None:
    """Fill in one drive in place; returns the volid of a volume made for it."""
    if not drive.has_volume:
        return None
    if drive.file.endswith(":cloudinit"):
        return _cloudinit(cluster, node, vmid, drive, log)
    new = drive.new_disk()
    if new is None or drive.is_cdrom:
        volume = find(cluster, node, drive.file)
        if not drive.is_cloudinit:
            drive.options["size"] = format_size(whole_sectors(volume.size))
        return None
    storage_name = new[0] or default_storage
    if storage_name is None:
        raise ApiError(500, "no storage ID specified (and no default storage)")
    wanted = drive.options.pop("format", None)
    if origin := drive.options.pop("import-from", None):
        source = import_source(cluster, node, origin)
        volume = await full_copy(cluster, node, source, (storage_name, wanted), vmid, log)
    else:
        storage = cluster.storage(storage_name)
        volume, printed = allocate(
            cluster,
            node,
            storage,
            vmid,
            int(new[1] * 2**30),
            image_format=valid_format(storage, wanted),
        )
        log(printed)
    drive.file = volume.volid
    drive.options["size"] = format_size(volume.size)
    return volume.volid


def _cloudinit(cluster: Cluster, node: str, vmid: int, drive: Drive, log: Log) -> str:
    storage = cluster.storage(split_volid(drive.file)[0])
    wanted = drive.options.pop("format", "qcow2" if storage.file_based else None)
    volume, printed = allocate(
        cluster,
        node,
        storage,
        vmid,
        CLOUDINIT_BYTES,
        image_format=valid_format(storage, wanted),
        suffix="cloudinit",
    )
    log(printed)
    drive.file = volume.volid
    drive.options["media"] = "cdrom"
    return volume.volid
