"""`images/{token}/`: where a Proxmox node fetches an image that is being imported."""

from __future__ import annotations

from contextlib import aclosing

import structlog
from aiohttp import hdrs, web

from vmlab.errors import NotFound
from vmlab.handlers.endpoint import API, PUBLIC, Call, Endpoints
from vmlab.operations.offers import Offer, take

offered_images = Endpoints(f"{API}/images", tag="files")
log = structlog.get_logger(__name__)


@offered_images.get(
    "/{token}/", needs=PUBLIC, produces="application/octet-stream", errors=(NotFound,)
)
async def get_offered_image(call: Call) -> web.StreamResponse:
    """The image that an import has offered to its node, once.

    The address is known to nobody but the node; it is used up by being opened.
    """
    if call.request.method == hdrs.METH_HEAD:
        raise NotFound
    offered = await take(call.parts.bus, call.path["token"])
    if offered is None:
        raise NotFound
    return await _send(call, offered)


async def _send(call: Call, offered: Offer) -> web.StreamResponse:
    """Send the bytes; what goes wrong under way can only break the connection off."""
    headers = {hdrs.CONTENT_TYPE: "application/octet-stream", hdrs.CACHE_CONTROL: "no-store"}
    response = web.StreamResponse(headers=headers)
    response.content_length = offered.bytes
    store = call.parts.uploads.store
    async with aclosing(store.read(offered.key, offered.start, offered.bytes)) as content:
        await response.prepare(call.request)
        try:
            async for piece in content:
                await response.write(piece)
        except ConnectionError:
            log.info("offered_image_broken_off")
        except (OSError, EOFError):
            log.exception("offered_image_unreadable")
            if call.request.transport is not None:
                call.request.transport.abort()
    return response
