"""Property strings: `virtio=BC:24:11:00:00:01,bridge=vmbr0`, read and written.

Reading here is only taking apart, with the error texts of pve-common's `parse_property_string`;
`checks.py` holds the values against their schema.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_TRUE = {"1", "on", "yes", "true"}
_FALSE = {"0", "off", "no", "false"}


class PropertyStringError(ValueError):
    """A property string that cannot be taken apart; the text is Proxmox's, newline included."""


def boolean(text: str) -> str:
    """A boolean as property strings allow it, as 1 or 0; anything else unchanged."""
    lowered = text.lower()
    return "1" if lowered in _TRUE else "0" if lowered in _FALSE else text


def parse(text: str, format: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """Take a property string apart.

    Args:
        text: what the client or the configuration says.
        format: the schema of each key, as schema.json has it (`default_key`, `alias`, `keyAlias`).

    Raises:
        PropertyStringError: an unknown, missing or doubled key.
    """
    default_key = next((key for key, item in format.items() if item.get("default_key")), None)
    found: dict[str, str] = {}
    for part in text.split(","):
        if not part.strip():
            continue
        key, equals, value = part.partition("=")
        if not equals:
            if default_key is None:
                raise PropertyStringError(
                    "value without key, but schema does not define a default key\n"
                )
            key, value = default_key, part
        elif not key or not value:
            raise PropertyStringError("missing key in comma-separated list property\n")
        _put(found, key, value, format)
    return found


def _put(
    found: dict[str, str], key: str, value: str, format: Mapping[str, Mapping[str, Any]]
) -> None:
    if key in found:
        raise PropertyStringError(f"duplicate key in comma-separated list property: {key}\n")
    item = format.get(key)
    if item is not None and "alias" in item:
        if key_alias := item.get("keyAlias"):
            if key_alias in found:
                raise PropertyStringError(f"key alias '{key_alias}' is already defined\n")
            found[key_alias] = key
        key = item["alias"]
        item = format.get(key)
    if item is None:
        raise PropertyStringError(f"invalid key in comma-separated list property: {key}\n")
    found[key] = boolean(value) if item.get("type") == "boolean" else value


def split(text: str, default_key: str = "") -> dict[str, str]:
    """A stored property string as a dictionary, in order; for strings known to be right."""
    found: dict[str, str] = {}
    for part in text.split(","):
        key, equals, value = part.partition("=")
        if equals:
            found[key] = value
        elif part:
            found[default_key] = part
    return found
