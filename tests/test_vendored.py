"""Other projects' files are what they say they are."""

from __future__ import annotations

import hashlib
from pathlib import Path

import vmlab

STATIC = Path(vmlab.__file__).parent / "web" / "static"
OURS = {"console", "docs", "monitor"}


def test_every_file_of_another_project_is_listed_and_unchanged():
    lines = (STATIC / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
    listed = {name: checksum for checksum, _, name in (line.partition("  ") for line in lines)}
    found = {
        path.relative_to(STATIC).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for folder in STATIC.iterdir()
        if folder.is_dir() and folder.name not in OURS
        for path in folder.rglob("*")
        if path.is_file()
    }
    assert found == listed
