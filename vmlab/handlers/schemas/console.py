"""What is said about consoles."""

from __future__ import annotations

from marshmallow import fields, validate

from vmlab.handlers.schemas.base import Input, Output, Time
from vmlab.handlers.schemas.references import PersonRef


class Onlooker(Output):
    """Somebody who has a machine's screen open."""

    user = fields.Nested(PersonRef)
    mode = fields.String(metadata={"description": "`view` if they can only watch."})
    since = Time()


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
    viewers = fields.List(
        fields.Nested(Onlooker), metadata={"description": "Who has it open, over all servers."}
    )


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


class Renewal(Input):
    """What came over the console that broke."""

    secret = fields.String(required=True, load_only=True, validate=validate.Length(1, 128))
    cols = fields.Integer(strict=True, load_default=80, validate=validate.Range(1, 1000))
    rows = fields.Integer(strict=True, load_default=24, validate=validate.Range(1, 1000))


class RenewedToken(Output):
    """Opens the console once more."""

    token = fields.String()
    expires_in = fields.Integer(metadata={"description": "Seconds in which to connect."})
    websocket_url = fields.String(metadata={"description": "For a client of one's own."})
    protocol = fields.String(validate=validate.OneOf(["vnc", "ssh"]))


class ConsoleQuery(Input):
    """The grant in the address, since a browser's WebSocket can carry no header."""

    token = fields.String(required=True, metadata={"description": "From the token address."})


class SshInfo(Output):
    """Whether a shell can be opened in a machine, where it is and who it is."""

    available = fields.Boolean(metadata={"description": "Whether a console can be opened now."})
    reason = fields.String(
        allow_none=True, metadata={"description": "Why not; null if it can be opened."}
    )
    protocol = fields.String(
        metadata={
            "description": "`ssh`: terminal bytes in binary WebSocket frames; a text frame "
            '`{"type": "resize", "cols": 80, "rows": 24}` tells the size.'
        }
    )
    page_url = fields.String(
        metadata={"description": "For a browser: the page signs in by itself."}
    )
    websocket_url = fields.String(metadata={"description": "The WebSocket; it needs a token."})
    token_url = fields.String(metadata={"description": "POST there for a token."})
    host = fields.String(
        allow_none=True,
        metadata={"description": "The machine's address; null while its agent does not say."},
    )
    port = fields.Integer()
    username = fields.String(
        allow_none=True, metadata={"description": "Who one usually is there; null: tell it."}
    )
    authentication = fields.String(
        allow_none=True,
        validate=validate.OneOf(["certificate", "key"]),
        metadata={"description": "How VMLab signs in by itself; null: give a password or a key."},
    )
    host_key_fingerprint = fields.String(
        allow_none=True,
        metadata={"description": "Of the pinned host key; null before the first contact."},
    )
    command = fields.String(
        allow_none=True, metadata={"description": "For a terminal of one's own."}
    )


class SshTokenRequest(Input):
    """How to sign in; whatever is left out, VMLab has of its own if it can."""

    username = fields.String(
        validate=validate.Regexp(r"[\w.@\\-]{1,64}\Z", error="Must be a user name of the guest.")
    )
    password = fields.String(load_only=True, validate=validate.Length(1, 1024))
    private_key = fields.String(
        load_only=True,
        validate=validate.Length(1, 16_384),
        metadata={"description": "In OpenSSH's or PEM format, without a passphrase."},
    )
    cols = fields.Integer(strict=True, load_default=80, validate=validate.Range(1, 1000))
    rows = fields.Integer(strict=True, load_default=24, validate=validate.Range(1, 1000))


class SshToken(Output):
    """Opens one shell once."""

    token = fields.String()
    expires_in = fields.Integer(metadata={"description": "Seconds in which to connect."})
    websocket_url = fields.String(metadata={"description": "For a client of one's own."})
    page_url = fields.String(metadata={"description": "For a browser: xterm.js, ready to use."})


class SshAuthority(Output):
    """Whose certificates templates may trust."""

    public_key = fields.String(
        metadata={"description": "A line for the file that sshd's `TrustedUserCAKeys` names."}
    )
    fingerprint = fields.String()
