"""Debian packages without installing them: what they need, fetched by apt and unpacked by dpkg."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterable
from pathlib import Path

LIBRARIES = ("lib", "zlib")
"""How the names of packages begin that are followed; the others are a whole system's."""


class BuildFailed(Exception):
    """The image cannot be built; the text is one line that says why."""


def run(
    *command: str | Path, cwd: Path | None = None, environment: dict[str, str] | None = None
) -> str:
    """Run a program; returns what it printed.

    Raises:
        BuildFailed: there is no such program, or it failed.
    """
    try:
        done = subprocess.run(  # noqa: S603
            command,
            cwd=cwd,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
            text=True,
        )
    except FileNotFoundError:
        raise BuildFailed(f"the program {command[0]} is missing") from None
    if done.returncode:
        said = done.stdout.strip().rpartition("\n")[2]
        raise BuildFailed(f"{Path(command[0]).name}: {said or f'exit status {done.returncode}'}")
    return done.stdout


def kernel() -> str:
    """The name of the package with Debian's present kernel for virtual machines."""
    meta = "linux-image-cloud-amd64"
    match = re.search(r"linux-image-\d\S+-cloud-amd64", run("apt-cache", "depends", meta))
    if match is None:
        raise BuildFailed(f"no package {meta} is known: apt-get update may help")
    return match[0]


def with_libraries(names: Iterable[str]) -> list[str]:
    """The packages and all libraries that they need, directly or not."""
    found: list[str] = []
    wanted = list(names)
    while wanted:
        found += wanted
        shown = run("apt-cache", "show", "--no-all-versions", *wanted)
        wanted = sorted(_needed(shown).difference(found))
    return found


def _needed(shown: str) -> set[str]:
    """The libraries that packages depend on, the first where there are alternatives."""
    lines = re.findall(r"^(?:Pre-)?Depends: (.*)$", shown, re.MULTILINE)
    parts = (part.split()[0].partition(":")[0] for line in lines for part in line.split(","))
    return {name for name in parts if name.startswith(LIBRARIES)}


def unpack(names: Iterable[str], debs: Path, root: Path) -> None:
    """Fetch packages and unpack them all into one folder."""
    debs.mkdir(parents=True)
    run("apt-get", "download", *names, cwd=debs)
    for deb in sorted(debs.iterdir()):
        run("dpkg-deb", "-x", deb, root)
