"""Makes the seeded template a real Linux: its disk gets a file, its options fit what is on it."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

from vmlab.simulator.guest_volumes import CLOUDINIT_BYTES, allocate
from vmlab.simulator.image_headers import virtual_size
from vmlab.simulator.linux import USER
from vmlab.simulator.seed import TEMPLATE_ID
from vmlab.simulator.state import Cluster

NAME = "small-linux"
MEMORY_MB = 128


async def plant_linux(cluster: Cluster, image: Path) -> None:
    """Give the template a copy of an image as its disk, and a cloud-init drive.

    Raises:
        ValueError: the cluster keeps no files, or the image is no QCOW2 file.
    """
    template = cluster.guests[TEMPLATE_ID]
    volid = template.config["scsi0"].partition(",")[0]
    storage = cluster.storage(volid.partition(":")[0])
    volume = storage.on(template.node)[volid]
    size = virtual_size(image)
    if cluster.files is None or size is None:
        raise ValueError(f"{image} cannot be a guest's disk")
    copy = await asyncio.to_thread(shutil.copyfile, image, cluster.files.new_path("qcow2"))
    volume.file, volume.size = Path(copy), size
    seed, _ = allocate(
        cluster,
        template.node,
        storage,
        TEMPLATE_ID,
        CLOUDINIT_BYTES,
        image_format="qcow2",
        suffix="cloudinit",
    )
    template.config |= {
        "name": NAME,
        "memory": str(MEMORY_MB),
        "scsi0": f"{volid},size={size >> 20}M",
        "ide2": f"{seed.volid},media=cdrom",
        "ipconfig0": "ip=dhcp",
        "ciuser": USER,
    }
