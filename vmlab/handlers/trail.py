"""Writes the audit log: every request that changes something or is refused, in one place.

`vmlab.handlers.mount` serves each request inside `Trail.around`. What becomes known on the way, who
it is and what it is about, is told to `by` and `on`; no body, query or secret ever comes here. The
row is one INSERT after the act, outside of its transaction: a refusal rolls back, its row stays.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

import structlog
from aiohttp import hdrs, web
from limits import parse
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import FixedWindowRateLimiter

from vmlab.errors import DatabaseUnavailable, QuotaExceeded, ServerFault, VMLabError
from vmlab.handlers.envelope import REQUEST_ID
from vmlab.handlers.idempotency import REPLAYED
from vmlab.handlers.origin import address_of
from vmlab.models import AuditEntry, AuditResult

STRANGERS_LIMIT = parse("120/minute")
"""Rows a minute for the refusals of one address that has not signed in, by each process: it must
not fill the disk by trying, and the first of them tell the story."""

_SAFE = frozenset({hdrs.METH_GET, hdrs.METH_HEAD, hdrs.METH_OPTIONS})
_REFUSALS = frozenset({403, 404, 409, 429})

log = structlog.get_logger(__name__)

Serve = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(kw_only=True)
class Act:
    """What is known of a request so far."""

    request: web.Request
    action: str
    is_attempt: bool = False
    """Somebody tries to prove who they are: whatever is wrong then is recorded."""
    user_id: int | None = None
    username: str = ""
    target_type: str = ""
    target_id: int | None = None
    is_waiting: bool = False
    """A program asks again and again whether it is time: that it is not is no refusal."""

    async def write(
        self, status: int, code: str = "", *, action: str = "", details: Mapping[str, Any]
    ) -> None:
        """Add the row; what has happened has happened, so a failure here changes no answer."""
        result = AuditResult.SUCCESS
        if status >= 400:
            result = AuditResult.REFUSED if status < 500 else AuditResult.FAILED
        row = {
            "user_id": self.user_id,
            "username": self.username,
            "action": action or self.action,
            "method": self.request.method,
            "target_type": self.target_type,
            "target_id": self.target_id,
            "address": address_of(self.request),
            "request_id": self.request[REQUEST_ID],
            "result": result,
            "status": status,
            "code": code,
            "details": dict(details),
        }
        try:
            await AuditEntry.create(**row)
        except Exception:
            log.exception("audit_not_written", **row)

    def is_recorded(self, status: int, code: str) -> bool:
        """Whether such an answer to this request belongs into the log.

        What was not understood does not, for nothing was done or denied; neither do credentials
        that have expired, which happens to everybody, nor strangers who look for what is not there.
        """
        if self.is_waiting and status in (409, 503):
            return False
        is_stranger = self.user_id is None and not self.is_attempt
        if is_stranger and self.request.method in _SAFE:
            return False
        if status in _REFUSALS or code == QuotaExceeded.code:
            return True
        if 400 <= status < 500:
            return self.is_attempt
        return self.request.method not in _SAFE


_CURRENT: ContextVar[Act | None] = ContextVar("act", default=None)


def by(user_id: int | None, username: str = "", *, is_attempt: bool = False) -> None:
    """Say whose the request is.

    Args:
        user_id: None for nobody whom VMLab knows; what they call themselves is not kept then, for
            people type passwords into the wrong field.
        username: as it is at the moment.
        is_attempt: they try to prove it, with a password or the like.
    """
    if (act := _CURRENT.get()) is not None:
        act.user_id, act.username = user_id, username
        act.is_attempt = act.is_attempt or is_attempt


def on(target_type: str, target_id: int) -> None:
    """Say what the request is about."""
    if (act := _CURRENT.get()) is not None:
        act.target_type, act.target_id = target_type, target_id


def waits() -> None:
    """Say that the request only asks whether it is time yet."""
    if (act := _CURRENT.get()) is not None:
        act.is_waiting = True


async def note(action: str, status: int, **details: Any) -> None:
    """Add a row of its own to what the request does, e.g. the end of what it opened."""
    if (act := _CURRENT.get()) is not None:
        await act.write(status, action=action, details=details)


class Trail:
    """Follows the requests of one application."""

    def __init__(self) -> None:
        self._strangers = FixedWindowRateLimiter(MemoryStorage())

    async def around(self, request: web.Request, action: str, serve: Serve) -> web.StreamResponse:
        """Serve a request and record what came of it.

        Args:
            request: what is served.
            action: the endpoint's name.
            serve: answers, or raises.
        """
        act = Act(request=request, action=action)
        before = _CURRENT.set(act)
        try:
            response = await serve(request)
        except DatabaseUnavailable:
            raise  # nothing was done, and there is nowhere to write it
        except VMLabError as error:
            await self._record(act, error.status, error.code)
            raise
        except (web.HTTPException, web.RequestPayloadError):
            raise  # the framework's complaints about what was sent
        except Exception:
            await self._record(act, ServerFault.status, ServerFault.code)
            raise
        finally:
            _CURRENT.reset(before)
        if REPLAYED not in response.headers:
            await self._record(act, response.status, "")
        return response

    async def _record(self, act: Act, status: int, code: str) -> None:
        if not act.is_recorded(status, code):
            return
        if status >= 400 and (act.is_attempt or act.user_id is None):
            address = address_of(act.request)
            if not await self._strangers.hit(STRANGERS_LIMIT, address):
                return
        await act.write(status, code, details={})
