"""Letters: plain text from a template in the reader's language.

A template's first line is the subject. Values are put in by `$name` and come from accounts and
settings; nothing of a request's Host header ever gets into a letter, or a stranger could have links
of theirs sent to people.
"""

from __future__ import annotations

import string
from collections.abc import Mapping
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, localtime, make_msgid
from pathlib import Path

TEMPLATES = Path(__file__).resolve().parent / "templates"


@dataclass(frozen=True, kw_only=True)
class Letter:
    """One letter to one person."""

    kind: str
    """Name of the template."""
    language: str
    """`zh` or `en`."""
    to: str
    """The e-mail address."""
    values: Mapping[str, str]
    """What the template names."""


def compose(letter: Letter, sender: str) -> EmailMessage:
    """The message as it goes over the wire.

    Raises:
        ValueError: the address cannot stand in a header.
    """
    template = TEMPLATES / f"{letter.kind}.{letter.language}.txt"
    text = string.Template(template.read_text(encoding="utf-8")).substitute(letter.values)
    subject, _, body = text.partition("\n")
    message = EmailMessage()
    message["From"] = sender
    message["To"] = Address(addr_spec=letter.to)
    message["Subject"] = subject
    message["Date"] = format_datetime(localtime())
    message["Message-ID"] = make_msgid(domain=message["From"].addresses[0].domain or None)
    message["Content-Language"] = letter.language
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(body.lstrip("\n"))
    return message
