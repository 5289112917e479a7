"""Entries of a machine's log in the reader's language.

They are written in English, in a few forms (`vmlab.models.vm_log`, the triggers, the reconciler);
`log.po` has each form in Chinese, and the words that stand in them. What is not known there stays
as it was written; Proxmox's own words always do.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

from vmlab.handlers.language import DEFAULT, catalogue, language_spoken, spoken

words = functools.partial(catalogue, "log")
_OTHERS_TASK = ", not by VMLab: "
"""In the line with which VMLab begins the log of somebody else's task in Proxmox."""


def told(row: Mapping[str, Any]) -> str:
    """What an entry says; a failure with its reason."""
    message = row["message"]
    if row["source"] != "proxmox":
        message = tell(message)
    elif _OTHERS_TASK in message:
        message = words().say(message, language_spoken())
    if row["reason"] is None:
        return str(message)
    colon = "：" if language_spoken() == DEFAULT else ": "
    return f"{message}{colon}{spoken(row['reason'])}"


def tell(text: str) -> str:
    """A form with all that stands in it, or a word."""
    if language_spoken() != DEFAULT:
        return text
    found, parameters = words().translated(text)
    if not parameters:
        return found
    return found.format_map({name: tell(str(value)) for name, value in parameters.items()})
