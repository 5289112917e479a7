"""How a message leaves: over SMTP, or into a folder for trying things out."""

from __future__ import annotations

import asyncio
import functools
import os
import secrets
import ssl
import time
from collections.abc import Awaitable, Callable
from email.message import EmailMessage
from pathlib import Path

import aiosmtplib

from vmlab.config import Mail

TIMEOUT_S = 30.0
"""How long the server may take for one step of the dialogue."""

Deliver = Callable[[EmailMessage], Awaitable[None]]


def delivery(mail: Mail) -> Deliver:
    """The way that the settings name; they must name one."""
    if mail.folder:
        return functools.partial(_write, Path(mail.folder))
    return functools.partial(_send, mail, ssl.create_default_context(cafile=mail.ca_file or None))


async def _send(mail: Mail, context: ssl.SSLContext, message: EmailMessage) -> None:
    await aiosmtplib.send(
        message,
        hostname=mail.host,
        port=mail.port,
        username=mail.username or None,
        password=mail.password or None,
        use_tls=mail.security == "tls",
        # True and not None: a server that offers no STARTTLS is refused, or anybody on the way
        # could take the offer out and read along.
        start_tls=mail.security == "starttls",
        tls_context=context,
        timeout=TIMEOUT_S,
    )


async def _write(folder: Path, message: EmailMessage) -> None:
    await asyncio.to_thread(_write_file, folder, bytes(message))


def _write_file(folder: Path, content: bytes) -> None:
    """Whole or not at all, under a name that sorts by time; for the owner's eyes only."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / f"{time.time_ns()}-{secrets.token_hex(4)}.eml"
    part = path.with_suffix(".part")
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
    part.rename(path)


def passes_by_itself(error: Exception) -> bool:
    """Whether the same message may well get through later (RFC 5321, section 4.2.1: 4xx)."""
    if isinstance(error, aiosmtplib.SMTPRecipientsRefused):
        return all(refused.code < 500 for refused in error.recipients)
    if isinstance(error, aiosmtplib.SMTPResponseException):
        return error.code < 500
    return isinstance(
        error,
        aiosmtplib.SMTPConnectError
        | aiosmtplib.SMTPServerDisconnected
        | aiosmtplib.SMTPTimeoutError
        | OSError,
    )
