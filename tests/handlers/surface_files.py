"""Who reaches the endpoints on files and uploads; see `surface`."""

from __future__ import annotations

from typing import Any

from tests.handlers.people import Person
from tests.handlers.stored_files import make_file, make_upload
from tests.handlers.surface import Parameters, Public, Reach, everybody
from tests.handlers.world import ABSENT_ID, World

_TUS = {"Tus-Resumable": "1.0.0"}
_BYTES = {"Content-Type": "application/offset+octet-stream"}
_CHUNK = {"filename": "notes.txt", "total_size": "5", "chunk_size": "5", "chunk_index": "0"}


def own(status: int, **how: Any) -> Reach:
    """On a file of the student's: nobody else but an admin knows that there is one."""
    return Reach(
        student=status, other_student=404, teacher=404, other_teacher=404, admin=status, **how
    )


async def stored(world: World, owner: Person) -> Parameters:
    """A file."""
    return {"id": (await make_file(world.people.parts, owner)).id}


async def under_way(world: World, owner: Person) -> Parameters:
    """An upload."""
    return {"id": (await make_upload(world.people.parts, owner)).id}


FILES: dict[str, Reach | Public] = {
    "list_files": everybody(200),
    "get_file": own(200, on=stored),
    "delete_file": own(200, on=stored),
    "download_file": own(200, on=stored),
    "upload_file": everybody(201, file=("file", b"hello")),
    "upload_chunk": everybody(200, file=("chunk", b"hello"), fields=_CHUNK),
    "get_chunks": everybody(404, query={"upload_id": str(ABSENT_ID)}),
    "merge_upload": everybody(404, body={"upload_id": ABSENT_ID}),
    "get_tus_options": Public(status=204),
    "get_offered_image": Public(status=404),
    "create_tus_upload": everybody(201, headers=_TUS | {"Upload-Length": "5"}),
    "get_tus_upload": own(200, on=under_way),
    "patch_tus_upload": own(
        204, on=under_way, content=b"hello", headers=_TUS | _BYTES | {"Upload-Offset": "0"}
    ),
    "delete_tus_upload": own(204, on=under_way, headers=_TUS),
}
