"""People's pictures: made safe, kept as files, named in the user's row.

A new picture gets a new random name, so that browsers may keep what they have for ever, and nobody
finds pictures by guessing.
"""

from __future__ import annotations

import asyncio
import os
import re
import secrets
from pathlib import Path

from vmlab.models import User
from vmlab.operations.pictures import square_webp

_NAME = re.compile(r"[0-9a-f]{32}\.webp")


class Avatars:
    """The folder of pictures."""

    def __init__(self, directory: Path) -> None:
        """Keep them in the folder `avatars` of a directory; it is made when there is one to keep.

        Args:
            directory: where VMLab keeps files.
        """
        self._folder = directory / "avatars"
        self._turn = asyncio.Semaphore(1)  # one is decoded at a time: each may take 100 MB

    async def replace(self, user: User, content: bytes, content_type: str) -> str:
        """Give somebody another picture and return its name.

        Raises:
            UnsafeFile: it is no picture, or not a harmless one.
        """
        async with self._turn:
            picture = await asyncio.to_thread(square_webp, content, content_type)
        name = f"{secrets.token_hex(16)}.webp"
        await asyncio.to_thread(self._write, name, picture)
        await User.filter(id=user.id).update(avatar=name)
        await self.remove(user.avatar)
        return name

    async def remove(self, name: str | None) -> None:
        """Delete a picture's file; None if somebody had none."""
        if name is not None:
            await asyncio.to_thread((self._folder / name).unlink, missing_ok=True)

    async def find(self, name: str) -> Path | None:
        """The file of a picture that is there; names of anything else find nothing."""
        path = self._folder / name
        if _NAME.fullmatch(name) is None or not await asyncio.to_thread(path.is_file):
            return None
        return path

    def _write(self, name: str, content: bytes) -> None:
        """Whole or not at all: a crash leaves no half picture under a name."""
        self._folder.mkdir(parents=True, exist_ok=True)
        part = self._folder / f"{name}.part"
        with part.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.rename(self._folder / name)
