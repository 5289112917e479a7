"""Whether this machine can run guests by KVM: tried out, as a device file alone proves nothing."""

from __future__ import annotations

import functools
import os
import subprocess
import tempfile
from pathlib import Path

from vmlab.simulator.machines.bootsector import SECTOR_SIZE, SIGNATURE

TCG = "tcg,thread=single,tb-size=32"
"""Emulation; the small translation buffer keeps a machine of one sector at about 40 MB in all."""

KVM = "kvm"
DEVICE = "/dev/kvm"
TRIAL_S = 2.0
_SWITCH_OFF = bytes.fromhex("BA 04 06 B8 00 20 EF F4 EB FD")
"""Sleep state "soft off" of QEMU's PIIX4, whose registers SeaBIOS has put at 0x600; then halt."""


@functools.cache
def best() -> str:
    """The accelerator for guests that have a system; takes two seconds at most, once.

    A guest that does nothing but switch itself off is run by KVM. There are machines whose
    /dev/kvm makes guests that never execute an instruction.
    """
    if not os.access(DEVICE, os.R_OK | os.W_OK):
        return TCG
    sector = _SWITCH_OFF.ljust(SECTOR_SIZE - len(SIGNATURE), b"\0") + SIGNATURE
    with tempfile.TemporaryDirectory() as folder:
        disk = Path(folder) / "disk"
        disk.write_bytes(sector)
        command = ["qemu-system-x86_64", "-nodefaults", "-no-user-config", "-machine", "pc"]
        command += ["-accel", KVM, "-display", "none", "-drive", f"file={disk},format=raw,if=ide"]
        try:
            trial = subprocess.run(command, check=False, capture_output=True, timeout=TRIAL_S)  # noqa: S603
        except subprocess.TimeoutExpired:
            return TCG
    return KVM if trial.returncode == 0 else TCG
