"""`/static/`: the pages' files, none of which asks for credentials.

Only what lay there at the start is served, by its exact name: nothing in an address can lead
elsewhere, and what is not there gets the envelope's 404 and not the file server's own.
"""

from __future__ import annotations

from pathlib import Path

from aiohttp import web

from vmlab.errors import NotFound


def add_static(app: web.Application, folder: Path) -> None:
    """Serve every file below a folder under `/static/`."""
    files = {
        path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()
    }

    async def serve(request: web.Request) -> web.StreamResponse:
        if (path := files.get(request.match_info["name"])) is None:
            raise NotFound
        return web.FileResponse(path, headers={"Cache-Control": "no-cache"})

    app.router.add_get("/static/{name:.+}", serve)
