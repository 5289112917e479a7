"""Builds a small Linux for QEMU guests from Debian's packages: kernel, busybox, sshd, guest agent.

It takes neither root nor a loop device, and installs nothing: packages are fetched, unpacked into a
folder and packed into an image by the code here.

    packages ──> root folder ──> initramfs (cpio) ┐
        └──────> kernel ──────────────────────────┴──> disk ──> image.qcow2, kept by `cache`

`python -m vmlab.simulator.linux` builds one or says where it is.
"""

from vmlab.simulator.linux.build import PASSWORD, USER, BuildFailed
from vmlab.simulator.linux.cache import image

__all__ = ["PASSWORD", "USER", "BuildFailed", "image"]
