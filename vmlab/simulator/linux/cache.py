"""Keeps the built image in the user's cache folder, under a digest of what it was built from.

Two builders at once build it once: the second waits for the first one's lock. An image is moved in
place whole, so that a builder that is killed leaves nothing that looks like one.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import tempfile
from pathlib import Path

from vmlab.simulator.linux.build import build

IMAGE = "image.qcow2"


def image() -> Path:
    """The path of the image, which is built now if it is not there; takes 15 seconds then.

    Raises:
        BuildFailed: a program or a package is missing, or cannot be fetched.
    """
    folder = _folder()
    built = folder / recipe() / IMAGE
    if built.exists():
        return built
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not built.exists():
            work = Path(tempfile.mkdtemp(prefix="building-", dir=folder))
            try:
                ready = build(work)
                built.parent.mkdir(exist_ok=True)
                ready.rename(built)
            finally:
                shutil.rmtree(work, ignore_errors=True)
            _forget_all_but(built.parent)
    return built


def recipe() -> str:
    """A digest of the code and the files that make the image."""
    digest = hashlib.sha256()
    for file in sorted(Path(__file__).parent.rglob("*")):
        if file.is_file() and "__pycache__" not in file.parts:
            digest.update(file.name.encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()[:16]


def _folder() -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "vmlab" / "linux"


def _forget_all_but(kept: Path) -> None:
    """Remove the images of earlier recipes and what killed builders left."""
    for entry in kept.parent.iterdir():
        if entry.is_dir() and entry != kept:
            shutil.rmtree(entry, ignore_errors=True)
