"""Has `qemu-img`, where it is installed, check or convert an image that our own check has passed.

Sources: QEMU 7.2's behaviour. Without an explicit format it guesses from the content; it treats
names like `json:…` and `nbd:…` as devices; `info` on an image that it cannot open may end with
status 0 and say nothing. So: the format and the lack of a backing file are spelt out, the path is
absolute and ours, there is a limit to memory, processor time, output and waiting, and an empty
answer is a refusal.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

from vmlab.rules.images import ImageFormat, Reason
from vmlab.storage.images.source import refuse

MEMORY_KB = 1 << 20
CPU_S = 20
WAIT_S = 60.0
CONVERT_S = 3600
"""Longest conversion, in seconds of waiting and of processor time."""

_BLOCK = 512
"""Bytes of the unit of `ulimit -f` (POSIX)."""
_ENVIRONMENT = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C"}
_DRIVERS = {
    ImageFormat.QCOW2: "qcow2",
    ImageFormat.VMDK: "vmdk",
    ImageFormat.VDI: "vdi",
    ImageFormat.VHDX: "vhdx",
}
"""The formats that have a structure for it to check; it never sees the others."""

_SOUND, _LEAKS = 0, 3
"""Status of `qemu-img check`; leaked clusters waste space and harm nobody."""


def check(path: Path, format_: ImageFormat, virtual_size_bytes: int) -> bool:
    """Whether qemu-img was asked, and found nothing wrong.

    Args:
        path: absolute, and named by us.
        format_: as our own check found it.
        virtual_size_bytes: likewise; qemu-img has to agree.

    Raises:
        Refusal: it found something, or took too long.
    """
    program = shutil.which("qemu-img")
    if program is None or format_ not in _DRIVERS:
        return False
    image = _image(path, _DRIVERS[format_])
    info = _json(_run([program, "info", "--output=json", image]))
    if info.get("virtual-size") != virtual_size_bytes or info.get("backing-filename"):
        refuse(Reason.TOOL_REFUSED)
    checked = _run([program, "check", "--output=json", image])
    if checked.returncode not in (_SOUND, _LEAKS):
        refuse(Reason.TOOL_REFUSED)
    return True


def is_installed() -> bool:
    """Whether there is a qemu-img at all."""
    return shutil.which("qemu-img") is not None


async def convert(path: Path, format_: ImageFormat, target: Path, *, limit_bytes: int) -> None:
    """Make a QCOW2 image of an image that has passed the checks; cancelling ends the program.

    Args:
        path: absolute, and named by us.
        format_: as our own check found it.
        target: does not exist yet; likewise absolute and ours.
        limit_bytes: largest that the target may become.

    Raises:
        Refusal: it could not be done, or took too long.
    """
    program = shutil.which("qemu-img")
    if program is None:
        refuse(Reason.NO_TOOL)
    source = _image(path, _DRIVERS[format_])
    command = [program, "convert", "-t", "writeback", "-O", "qcow2", source, str(target)]
    process = await asyncio.create_subprocess_exec(
        *_limited(command, cpu_s=CONVERT_S, file_bytes=limit_bytes),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=_ENVIRONMENT,
    )
    try:
        async with asyncio.timeout(CONVERT_S):
            status = await process.wait()
    except TimeoutError:
        refuse(Reason.TOO_COMPLEX)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if status != 0:
        refuse(Reason.TOOL_REFUSED)


def _limited(command: list[str], *, cpu_s: int, file_bytes: int) -> list[str]:
    """The command, with limits to its memory, its processor time and what it may write."""
    limits = f"ulimit -v {MEMORY_KB} && ulimit -t {cpu_s} && ulimit -f {file_bytes // _BLOCK}"
    return ["/bin/sh", "-c", f'{limits} && exec "$@"', "sh", *command]


def _image(path: Path, driver: str) -> str:
    """The image as a device description, which leaves nothing to be guessed or opened besides."""
    file = {"driver": "file", "filename": str(path), "locking": "off"}
    device: dict[str, Any] = {"driver": driver, "read-only": True, "file": file}
    if driver == _DRIVERS[ImageFormat.QCOW2]:
        device["backing"] = None
    return "json:" + json.dumps(device)


def _run(command: list[str]) -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run(  # noqa: S603 (no shell sees the arguments as text)
            _limited(command, cpu_s=CPU_S, file_bytes=0),
            check=False,
            timeout=WAIT_S,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=_ENVIRONMENT,
        )
    except subprocess.TimeoutExpired:
        refuse(Reason.TOO_COMPLEX)


def _json(done: subprocess.CompletedProcess[bytes]) -> dict[str, Any]:
    try:
        found = json.loads(done.stdout)
    except ValueError:
        refuse(Reason.TOOL_REFUSED)
    if done.returncode != 0 or not isinstance(found, dict):
        refuse(Reason.TOOL_REFUSED)
    return found
