"""VMLab's mark in a guest's notes: how a guest says whose it is.

The clone call itself carries the mark, so there is no moment at which a guest of ours stands in
Proxmox without it: a repeated clone adopts its own guest and never another's, and nothing
destructive happens to a guest that does not carry it. People read the notes too, so the mark is
their last line, below sentences for the administrator who finds the guest in the Proxmox
interface.
"""

from __future__ import annotations

import re
from uuid import UUID

_MARK = re.compile(r"vmlab: (?P<uuid>[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})")


def build(notes: str, uuid: UUID) -> str:
    """Put the mark below the notes.

    Args:
        notes: what a person should read, any number of lines; may be empty.
        uuid: the VM's identity in VMLab's database.
    """
    text = notes.strip()
    line = f"vmlab: {uuid}"
    # An empty line between, because Proxmox shows notes as Markdown and would join the two.
    return f"{text}\n\n{line}" if text else line


def find(description: str | None) -> UUID | None:
    """Read the mark back; None if the notes do not end with one.

    Only the last line counts: a mark that somebody quotes further up claims nothing.
    """
    lines = (description or "").rstrip().splitlines()
    match = _MARK.fullmatch(lines[-1].strip()) if lines else None
    return UUID(match["uuid"]) if match else None
