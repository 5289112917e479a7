"""Values against a schema, with the order and the texts of pve-common's JSONSchema.pm."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from vmlab.simulator import acl, formats, propstring

Errors = dict[str, str]

MISSING = "property is missing and it is not optional"
UNKNOWN = "property is not defined in schema and the schema does not allow additional properties"
_TYPES = {
    "integer": re.compile(r"[+-]?\d+"),
    "number": re.compile(r"[+-]?(\d+\.\d+|\d+\.|\.\d+|\d+)([eE][+-]?\d+)?"),
    "boolean": re.compile(r"[01]"),
}


def check_object(
    path: str, properties: Mapping[str, Any], values: dict[str, Any], errors: Errors, major: int
) -> None:
    """Check each value, turn it into its type in place, and note what is missing or unknown.

    Args:
        path: prefix of the keys in `errors`, with its dot; "" at top level.
        properties: schema by key.
        values: as sent (strings, or what JSON gave); integers and booleans become int.
        errors: texts are added here.
        major: Proxmox's major version.
    """
    for key in values:
        if key not in properties:
            errors[path + key] = UNKNOWN
    for key, schema in properties.items():
        if key not in values:
            if not schema.get("optional") and "alias" not in schema:
                errors[path + key] = MISSING
            continue
        values[key] = _check_value(path + key, schema, values[key], errors, major)
        required = schema.get("requires")
        if required is not None and required not in values:
            errors[path + required] = f"missing property required by '{key}'"


def _check_value(
    path: str, schema: Mapping[str, Any], value: Any, errors: Errors, major: int
) -> Any:
    kind = schema.get("type", "string")
    if kind == "array":
        values = value if isinstance(value, list) else [value]
        return [_check_value(path, schema.get("items", {}), v, errors, major) for v in values]
    if isinstance(value, list):
        value = ",".join(map(str, value))
    text = {True: "1", False: "0"}.get(value, "") if isinstance(value, bool) else str(value)
    if kind in _TYPES and not _TYPES[kind].fullmatch(text):
        errors[path] = f"type check ('{kind}') failed - got '{text}'"
        return value
    if error := _content_error(path, schema, text, major):
        errors[path] = error
        return value
    return int(text) if kind in ("integer", "boolean") else text


def _content_error(path: str, schema: Mapping[str, Any], text: str, major: int) -> str | None:
    if error := _format_error(path, schema.get("format"), text, major):
        return f"invalid format - {error}"
    if "pattern" in schema and not _pattern(schema["pattern"]).fullmatch(text):
        return "value does not match the regex pattern"
    if "maxLength" in schema and len(text) > schema["maxLength"]:
        return f"value may only be {schema['maxLength']} characters long"
    if "minLength" in schema and len(text) < schema["minLength"]:
        return f"value must be at least {schema['minLength']} characters long"
    if error := _range_error(schema, text):
        return error
    choices = [str(choice) for choice in schema.get("enum") or ()]
    if choices and text not in choices:
        return f"value '{text}' does not have a value in the enumeration '{', '.join(choices)}'"
    return None


def _range_error(schema: Mapping[str, Any], text: str) -> str | None:
    if not _TYPES["number"].fullmatch(text):
        return None
    if "maximum" in schema and float(text) > schema["maximum"]:
        return f"value must have a maximum value of {schema['maximum']}"
    if "minimum" in schema and float(text) < schema["minimum"]:
        return f"value must have a minimum value of {schema['minimum']}"
    return None


def _format_error(
    path: str, format: str | Mapping[str, Any] | None, text: str, major: int
) -> str | None:
    if format is None:
        return None
    if isinstance(format, str):
        if format == "pve-priv-list":
            return _privilege_error(text, major)
        error = formats.check(format, text, major)
        return error if error is None or error.endswith("\n") else error + "\n"
    try:
        values: dict[str, Any] = dict(propstring.parse(text, format))
    except propstring.PropertyStringError as error:
        return str(error)
    errors: Errors = {}
    check_object(f"{path}.", format, values, errors, major)
    if not errors:
        return None
    return "format error\n" + "".join(f"{key}: {errors[key]}\n" for key in sorted(errors))


def _privilege_error(text: str, major: int) -> str | None:
    known = acl.privileges(major)
    wrong = next((priv for priv in formats.items(text) if priv not in known), None)
    return None if wrong is None else f"invalid privilege '{wrong}'\n"


@cache
def _pattern(perl: str) -> re.Pattern[str]:
    """Perl writes compiled patterns as (?^i:…); the rest reads the same in Python."""
    return re.compile(re.sub(r"\(\?\^(\w*):", lambda m: f"(?{m[1]}:", perl).replace(r"\z", r"\Z"))
