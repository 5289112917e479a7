"""What is said about consoles."""

from __future__ import annotations

from marshmallow import fields, validate

from vmlab.handlers.schemas.base import Input, Output


class VncInfo(Output):
    """Whether a machine's screen can be opened, and where."""

    available = fields.Boolean(metadata={"description": "Whether a console can be opened now."})
    reason = fields.String(
        allow_none=True, metadata={"description": "Why not; null if it can be opened."}
    )
    protocol = fields.String(metadata={"description": "`rfb` in binary WebSocket frames."})
    page_url = fields.String(
        metadata={"description": "For a browser: the page signs in by itself."}
    )
    websocket_url = fields.String(metadata={"description": "The WebSocket; it needs a token."})
    token_url = fields.String(metadata={"description": "POST there for a token."})


class VncTokenRequest(Input):
    """How the screen shall be opened."""

    mode = fields.String(
        load_default="control",
        validate=validate.OneOf(["control", "view"]),
        metadata={"description": "`view` passes on no keys, pointer or clipboard."},
    )


class VncToken(Output):
    """Opens one console once."""

    token = fields.String()
    expires_in = fields.Integer(metadata={"description": "Seconds in which to connect."})
    websocket_url = fields.String(metadata={"description": "For a client of one's own."})
    page_url = fields.String(metadata={"description": "For a browser: noVNC, ready to use."})
    mode = fields.String()


class ConsoleQuery(Input):
    """The grant in the address, since a browser's WebSocket can carry no header."""

    token = fields.String(required=True, metadata={"description": "From the token address."})
