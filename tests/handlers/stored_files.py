"""Files in the store, made without asking the API."""

from __future__ import annotations

import hashlib

from tests.handlers.people import Person
from vmlab.handlers.parts import ApiParts
from vmlab.models import File, Upload
from vmlab.operations.uploads import NewFile
from vmlab.rules.images import Purpose
from vmlab.storage import Writer


async def make_file(
    parts: ApiParts,
    owner: Person,
    content: bytes = b"hello",
    *,
    name: str = "notes.txt",
    purpose: Purpose = Purpose.ATTACHMENT,
) -> File:
    """A file that is ready."""
    uploads = parts.uploads
    new = NewFile(owner_id=owner.id, name=name, size_bytes=len(content), purpose=purpose)
    file = await uploads.begin(new)
    async with uploads.store.locked(file.key) as fd:
        writer = Writer(uploads.store.run, fd)
        await writer.write(content)
        await writer.finish()
    await uploads.finish(file, len(content), hashlib.sha256(content).hexdigest(), None)
    return file


async def make_upload(parts: ApiParts, owner: Person, size_bytes: int = 5) -> Upload:
    """An upload of which nothing has come yet, byte after byte."""
    new = NewFile(
        owner_id=owner.id, name="notes.txt", size_bytes=size_bytes, purpose=Purpose.ATTACHMENT
    )
    return await parts.uploads.begin_in_order(new, None)
