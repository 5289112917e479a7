"""`auth/user/avatar/` takes a picture of oneself; `/avatars/` shows everybody's."""

from __future__ import annotations

from aiohttp import web

from vmlab.errors import NotFound, TooLarge, UnsafeFile
from vmlab.handlers.endpoint import API, PUBLIC, Call, Endpoints
from vmlab.handlers.people import avatar_url
from vmlab.handlers.schemas.accounts import AvatarSchema
from vmlab.handlers.uploads import FilePart
from vmlab.models import User
from vmlab.rules.access import Permission

avatars = Endpoints("", tag="auth")

HEADERS = {
    "Content-Type": "image/webp",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "public, max-age=31536000, immutable",
}
PICTURE = FilePart(
    name="avatar",
    max_bytes=5 * 1024 * 1024,
    description="A still PNG, JPEG or WebP of at most 5 MiB and 25 million pixels.",
)


@avatars.post(
    f"{API}/auth/user/avatar/",
    needs=Permission.PROFILE_CHANGE,
    takes=PICTURE,
    returns=AvatarSchema(),
    errors=(TooLarge, UnsafeFile),
)
async def post_avatar(call: Call) -> dict[str, str | None]:
    """Replace the picture of oneself.

    Its middle is drawn anew as a square; nothing of the file itself is kept.
    """
    user = await User.get(id=call.actor.user_id)
    name = await call.parts.avatars.replace(user, call.body.content, call.body.content_type)
    return {"avatar_url": avatar_url(name)}


@avatars.get("/avatars/{name}", needs=PUBLIC, produces="image/webp")
async def get_avatar(call: Call) -> web.FileResponse:
    """Somebody's picture; its name is random, and never means another picture."""
    path = await call.parts.avatars.find(call.path["name"])
    if path is None:
        raise NotFound
    return web.FileResponse(path, headers=HEADERS)
