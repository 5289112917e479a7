"""Puts the image together: what is in it, and who may log in."""

from __future__ import annotations

import gzip
from pathlib import Path

from vmlab.simulator.linux import disk, elf, modules, packages
from vmlab.simulator.linux.cpio import Archive
from vmlab.simulator.linux.packages import BuildFailed, run
from vmlab.simulator.sha_crypt import sha256_crypt

__all__ = ["PASSWORD", "USER", "BuildFailed", "build"]

USER = "student"
PASSWORD = "vmlab-demo"  # noqa: S105
"""Of the user and of root; the guests are reached from this machine only."""

SALT = "vmlab"  # fixed, so that the same packages make the same image

SYSTEM = ("busybox-static", "openssh-server", "openssh-sftp-server", "qemu-guest-agent", "libc6")
TOOLS = ("syslinux", "syslinux-common", "mtools")
PROGRAMS = ("usr/sbin/sshd", "usr/bin/ssh-keygen", "usr/sbin/qemu-ga")
OWN_FILES = Path(__file__).parent / "root"
FOLDERS = "dev proc sys run tmp data home root mnt var/log var/lib"
EXECUTABLE = ("init", "bin/apply-seed", "bin/dhcp", "sbin/shutdown", "etc/acpi/PWRF/00000080")


def build(work: Path) -> Path:
    """Build the image in a folder; returns its path, a QCOW2 file.

    Raises:
        BuildFailed: a program or a package is missing, or something else is wrong.
    """
    root, boot, tools = work / "root", work / "kernel", work / "tools"
    packages.unpack([packages.kernel()], work / "kernel-debs", boot)
    packages.unpack(packages.with_libraries([*SYSTEM, "openssh-client"]), work / "debs", root)
    packages.unpack(TOOLS, work / "tool-debs", tools)
    kernel = next((boot / "boot").glob("vmlinuz-*")).read_bytes()
    initramfs = gzip.compress(_initramfs(root, _found(boot, "lib/modules")), 9, mtime=0)
    raw, image = work / "disk.raw", work / "disk.qcow2"
    disk.write(raw, kernel, initramfs, tools, work)
    run("qemu-img", "convert", "-f", "raw", "-O", "qcow2", raw, image)
    return image


def _initramfs(root: Path, kernel_modules: Path) -> bytes:
    archive = Archive()
    for name in FOLDERS.split():
        archive.folder(name)
    archive.device("dev/console", 5, 1)
    archive.device("dev/null", 1, 3, 0o666)
    _own_files(archive)
    _programs(archive, root)
    names = []
    for name, content in modules.in_order(kernel_modules):
        archive.file(f"lib/modules/{name}.ko", content)
        names.append(name)
    archive.file("lib/modules/order", "\n".join(names).encode() + b"\n")
    hashed = sha256_crypt(PASSWORD, SALT)
    shadow = "".join(f"{name}:{hashed}:20000:0:99999:7:::\n" for name in ("root", USER))
    archive.file("etc/shadow", f"{shadow}sshd:!:20000::::::\n".encode(), 0o600)
    return archive.finish()


def _own_files(archive: Archive) -> None:
    """Init, its scripts and the configuration; they come before busybox's programs of that name."""
    for path in sorted(OWN_FILES.rglob("*")):
        if path.is_file():
            name = path.relative_to(OWN_FILES).as_posix()
            archive.file(name, path.read_bytes(), 0o755 if name in EXECUTABLE else 0o644)


def _programs(archive: Archive, root: Path) -> None:
    """Busybox with its many names, the dynamic programs, and the libraries that those need."""
    busybox = _found(root, "bin/busybox")
    archive.file("bin/busybox", busybox.read_bytes(), 0o755)
    for name in run(busybox, "--list-full").split():
        if name not in ("bin/busybox", "linuxrc", "init"):
            archive.link(name, "/bin/busybox")
    # Debian 13 has parts of sshd beside it.
    parts = [*(root / "usr/lib/openssh").glob("sshd-*"), *(root / "usr/lib/openssh").glob("sftp*")]
    programs = {name: _found(root, name) for name in PROGRAMS}
    programs |= {part.relative_to(root).as_posix(): part for part in parts}
    for name, path in programs.items():
        archive.file(name, path.read_bytes(), 0o755)
    for name, path in elf.libraries(programs.values(), root).items():
        archive.file(f"lib/{name}", path.read_bytes(), 0o755)
    archive.link("lib64", "lib")


def _found(root: Path, name: str) -> Path:
    """A file or folder of the packages, also where Debian moved it into /usr."""
    for path in (root / name, root / "usr" / name):
        if path.exists():
            return path
    raise BuildFailed(f"/{name} is in no package fetched")
