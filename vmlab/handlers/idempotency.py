"""`Idempotency-Key`: a POST that is repeated gets the first answer and does nothing twice.

The key's row, all that the endpoint writes, and the answer are one transaction. A crash therefore
leaves either everything or nothing, and of two requests at the same moment the second waits at the
row's unique index until the first has been answered. An error undoes the row as well: nothing was
done, so the same key may try again.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

from aiohttp import web
from tortoise.exceptions import IntegrityError

from vmlab.errors import Conflict, Invalid
from vmlab.models import IdempotencyKey
from vmlab.models.connection import transaction
from vmlab.rules.access import Actor

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
LIFETIME = timedelta(hours=24)

_KEY = re.compile(r"[\x21-\x7e]{1,128}")


async def once(
    request: web.Request,
    actor: Actor,
    content: bytes,
    answer: Callable[[], Awaitable[web.StreamResponse]],
) -> web.StreamResponse:
    """Answer a request, or repeat the answer that its key was given before.

    Args:
        request: what came.
        actor: from whom; keys are each user's own.
        content: its body, or the file in it.
        answer: makes the first answer.

    Raises:
        Invalid: the key is empty, too long or not of printable ASCII.
        Conflict: the key was used for another request.
    """
    key = request.headers[HEADER]
    if not _KEY.fullmatch(key):
        raise Invalid(details={HEADER: ["Use 1 to 128 printable ASCII characters."]})
    request_hash = _hash(request, content)
    await IdempotencyKey.filter(
        user_id=actor.user_id, created_at__lt=datetime.now(UTC) - LIFETIME
    ).delete()
    row: IdempotencyKey | None = None
    try:
        async with transaction():
            row = await IdempotencyKey.create(
                user_id=actor.user_id, key=key, request_hash=request_hash
            )
            response = await answer()
            if isinstance(response, web.Response):
                await IdempotencyKey.filter(id=row.id).update(
                    status=response.status, body=response.text
                )
            return response
    except IntegrityError:
        if row is not None:
            raise
    return await _repeated(actor, key, request_hash)


async def _repeated(actor: Actor, key: str, request_hash: str) -> web.Response:
    first = await IdempotencyKey.filter(user_id=actor.user_id, key=key).first()
    if first is None or first.status is None or first.request_hash != request_hash:
        raise Conflict("This idempotency key was used for another request.")
    return web.Response(
        text=first.body,
        status=first.status,
        content_type="application/json",
        headers={REPLAYED: "true"},
    )


def _hash(request: web.Request, content: bytes) -> str:
    head = f"{request.method} {request.rel_url}\n".encode()
    return hashlib.sha256(head + content).hexdigest()
