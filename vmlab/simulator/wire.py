"""HTTP as pve-http-server speaks it: limits, reason phrases, empty 401s, when a connection closes.

A request comes in here from `service.py`'s listeners, is authenticated, handed to `dispatch.py`,
and its outcome written in Proxmox's form.
"""

from __future__ import annotations

import asyncio
import json
import re
from email.utils import formatdate
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote
from weakref import WeakKeyDictionary

from aiohttp import web

from vmlab.simulator.errors import ApiError, Dropped, Plain
from vmlab.simulator.faults import strike_before
from vmlab.simulator.identity import Unauthenticated
from vmlab.simulator.routes import Identity, Reply
from vmlab.simulator.state import Node
from vmlab.simulator.uploads import Upload, receive

if TYPE_CHECKING:
    from vmlab.simulator.dispatch import Target
    from vmlab.simulator.service import Simulator

MAX_BODY_BYTES = 512 * 1024
MAX_HEADER_LINES = 64
MAX_HEADER_BYTES = 8 * 1024
KEEPALIVE_S = 5.0
REQUESTS_A_CONNECTION = 100
COMPRESS_ABOVE_BYTES = 1024
WIDE_TEXT_DELAY_S = 5.0
METHODS = ("GET", "POST", "PUT", "DELETE")
FORM = "application/x-www-form-urlencoded"
JSON_TYPE = "application/json;charset=UTF-8"
NOBODY = Identity("")
_PATH = re.compile(r"/api2/(json|extjs)(/.*)?")
_UPLOAD = re.compile(r"/nodes/[^/]+/storage/[^/]+/upload")


class _Untyped(web.Response):
    """A response that says nothing of its body's type; aiohttp would add octet-stream."""

    async def _prepare_headers(self) -> None:
        await super()._prepare_headers()
        self.headers.popall("Content-Type", None)


class Wire:
    """Answers requests in the name of one simulator's nodes."""

    def __init__(self, sim: Simulator) -> None:
        self._sim = sim
        self._served: WeakKeyDictionary[asyncio.Transport, int] = WeakKeyDictionary()

    async def answer(self, entry: Node, request: web.BaseRequest) -> web.StreamResponse:
        """The response to a request that reached `entry`."""
        try:
            return await self._answer(entry, request)
        except Dropped:
            if request.transport is not None:
                request.transport.abort()
            return web.Response()
        except Unauthenticated as error:
            await self._sim.clock.sleep(self._sim.auth_delay_s)
            return self._plain(Plain(401, str(error)))
        except Plain as error:
            return self._plain(error)

    async def _answer(self, entry: Node, request: web.BaseRequest) -> web.StreamResponse:
        self._check_framing(request)
        path = re.sub(r"/+", "/", unquote(request.rel_url.raw_path)).removesuffix("/")
        match = _PATH.fullmatch(path)
        if match is None:
            raise Plain(501, f"no such file '{path}'" if path else "no such file '/'")
        call_path, extjs = match[2] or "/", match[1] == "extjs"
        uploading = request.method == "POST" and _UPLOAD.fullmatch(call_path) is not None
        who = self._authenticate(request, call_path, uploading)
        body = {} if uploading else await self._body(request)
        params = {**body, **parse_form(request.rel_url.raw_query_string)}
        params.pop("_dc", None)
        try:
            outcome = await self._call(entry, request, who, call_path, params, uploading)
        except ApiError as error:
            if error.status == 401:
                await self._sim.clock.sleep(self._sim.auth_delay_s)
            return await self._failed(error, extjs)
        if isinstance(outcome, web.StreamResponse):
            return outcome
        return self._succeeded(request, outcome, extjs, close=uploading)

    async def _call(
        self,
        entry: Node,
        request: web.BaseRequest,
        who: Identity,
        path: str,
        params: dict[str, Any],
        uploading: bool,
    ) -> Reply | web.StreamResponse:
        await strike_before(self._sim, entry, request.method, path)
        dispatcher = self._sim.dispatcher
        target = dispatcher.find(request.method, path)
        upload = None
        if uploading:
            upload = await self._receive(request, target, who)
            params = {**upload.fields, "filename": upload.name, **params}
        merged = dispatcher.permit(target, who, params)
        outcome = await dispatcher.carry_out(
            target, who, entry, path, merged, request=request, upload=upload
        )
        if self._sim.faults.strike("drop_reply", request.method, path):
            raise Dropped
        return outcome

    async def _receive(self, request: web.BaseRequest, target: Target, who: Identity) -> Upload:
        """Uploads are permitted before their body is read; a refusal has an empty body."""
        try:
            self._sim.dispatcher.permit(target, who, {})
        except ApiError as error:
            await self._sim.clock.sleep(self._sim.auth_delay_s)
            raise Plain(error.status, error.message) from error
        return await receive(request, self._sim.directory)

    def _check_framing(self, request: web.BaseRequest) -> None:
        headers = request.raw_headers
        if request.method not in METHODS:
            raise Plain(501, f"method '{request.method}' not available")
        size = sum(len(name) + len(value) + 4 for name, value in headers)
        if len(headers) > MAX_HEADER_LINES or size > MAX_HEADER_BYTES:
            raise Plain(506, "http header too large")
        if "Transfer-Encoding" in request.headers:
            raise Plain(501, "chunked transfer encoding not supported")
        if request.method in ("GET", "DELETE") and request.content_length:
            raise Plain(501, f"Unexpected content for method '{request.method}'")

    def _authenticate(self, request: web.BaseRequest, path: str, uploading: bool) -> Identity:
        endpoint_open = self._sim.is_world(request.method, path)
        try:
            return self._sim.gate.identify(request.method, request.headers, csrf=not uploading)
        except Unauthenticated:
            if endpoint_open:
                return NOBODY
            raise

    async def _body(self, request: web.BaseRequest) -> dict[str, Any]:
        length = request.content_length or 0
        if request.method in ("GET", "DELETE") or not length:
            return {}
        if length > MAX_BODY_BYTES:
            raise Plain(501, "for data too large", "for data too large")
        kind = request.headers.get("Content-Type", FORM)
        content = kind.partition(";")[0].strip().lower()
        if content not in (FORM, "application/json"):
            raise Plain(506, f"upload 'Content-Type '{kind}' not implemented")
        text = (await request.read()).decode("utf-8", "replace")
        if content == FORM:
            return parse_form(text)
        try:
            parsed = json.loads(text)
        except ValueError as error:
            raise Plain(500, f"malformed JSON string: {error}") from error
        return parsed if isinstance(parsed, dict) else {}

    def _succeeded(
        self, request: web.BaseRequest, reply: Reply, extjs: bool, *, close: bool
    ) -> web.Response:
        document: dict[str, Any] = {"data": reply.data}
        if reply.total:
            document["total"] = reply.total
        if extjs:
            document["success"] = 1
        last = self._count(request) >= REQUESTS_A_CONNECTION
        response = self._json(200, "OK", document, close=close or last)
        large = (response.content_length or 0) > COMPRESS_ABOVE_BYTES
        if large and "gzip" in request.headers.get("Accept-Encoding", ""):
            response.enable_compression(web.ContentCoding.gzip)
        return response

    def _count(self, request: web.BaseRequest) -> int:
        """How many requests the connection has served, this one included."""
        transport = request.transport
        if transport is None:
            return 0
        self._served[transport] = self._served.get(transport, 0) + 1
        return self._served[transport]

    async def _failed(self, error: ApiError, extjs: bool) -> web.Response:
        if error.status >= 595:
            return self._plain(Plain(error.status, error.message))
        if "\r" in error.message:
            return self._plain(Plain(400, "Bad Request"))
        if any(ord(character) > 0xFF for character in error.message):
            await self._sim.clock.sleep(WIDE_TEXT_DELAY_S)
            return self._plain(Plain(596, "Broken pipe"))
        # The router's own 501 is the one message without a newline.
        message = error.message if error.status == 501 else error.message.rstrip("\n") + "\n"
        document: dict[str, Any] = {"data": None, "message": message}
        if error.errors:
            document["errors"] = error.errors
        if extjs:
            document |= {"success": 0, "status": "400" if error.errors else error.status}
            return self._json(200, "OK", document, close=False)
        return self._json(error.status, error.message.split("\n")[0], document, close=True)

    def _json(self, status: int, reason: str, document: Any, *, close: bool) -> web.Response:
        text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
        headers = {"Content-Type": JSON_TYPE, **self._headers(close)}
        response = web.Response(
            status=status, reason=reason, body=text.encode("utf-8"), headers=headers
        )
        if close:
            response.force_close()
        return response

    def _plain(self, error: Plain) -> web.Response:
        response = _Untyped(
            status=error.status,
            reason=error.reason.split("\n")[0],
            body=error.body.encode(),
            headers=self._headers(close=True),
        )
        response.force_close()
        return response

    def _headers(self, close: bool) -> dict[str, str]:
        return {
            "Cache-Control": "max-age=0",
            "Connection": "close" if close else "Keep-Alive",
            "Date": formatdate(self._sim.clock.time(), usegmt=True),
            "Pragma": "no-cache",
            "Server": "pve-api-daemon/3.0",
        }


def parse_form(text: str) -> dict[str, Any]:
    """A form or query as pve-http-server's decode_urlencoded reads it.

    Parted at `&` and `;`; a value ends at a raw `=`; a repeated key makes a list.
    """
    params: dict[str, Any] = {}
    for pair in re.split("[&;]", text):
        if not pair:
            continue
        key, value = (unquote(part.replace("+", " ")) for part in [*pair.split("="), ""][:2])
        if key in params:
            earlier = params[key]
            params[key] = [*earlier, value] if isinstance(earlier, list) else [earlier, value]
        else:
            params[key] = value
    return params
