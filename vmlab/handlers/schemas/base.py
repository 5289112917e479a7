"""What all schemas have in common: strict input, complete output, times with a `Z`.

Marshmallow's own messages stay in English here; `vmlab.handlers.language` translates them on the
way out.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, pre_load

MAX_INT = 2**31 - 1
"""Largest number that an integer column of PostgreSQL holds."""


def _has_nul(value: Any) -> bool:
    if isinstance(value, str):
        return "\x00" in value
    return isinstance(value, list) and any(_has_nul(item) for item in value)


class Input(Schema):
    """What a client sends: unknown names are refused, and so is what no database can hold."""

    class Meta:
        unknown = RAISE

    @pre_load
    def refuse_nul(self, data: Any, **_: Any) -> Any:
        """PostgreSQL has no text with a NUL in it; say so before it does."""
        if isinstance(data, Mapping):
            bad = {k: ["Text may not contain NUL."] for k, v in data.items() if _has_nul(v)}
            if bad:
                raise ValidationError(bad)
        return data


class Output(Schema):
    """What a client gets: every field is always there, which the document says too."""

    class Meta:
        unknown = RAISE

    def on_bind_field(self, field_name: str, field_obj: fields.Field[Any]) -> None:
        """Mark each field as required."""
        field_obj.required = True


class Nothing(Input):
    """No fields at all."""


class Time(fields.AwareDateTime):
    """A point in time: any RFC 3339 offset comes in, UTC with `Z` goes out."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(format="iso", default_timezone=UTC, **kwargs)

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        moment = super()._deserialize(value, *args, **kwargs)
        try:
            return moment.astimezone(UTC)
        except OverflowError:  # near year 1 or 9999
            raise self.make_error("invalid", input=value, obj_type=self.OBJ_TYPE) from None

    def _serialize(self, value: datetime | None, *_: Any, **__: Any) -> Any:
        return None if value is None else rfc3339(value)


class Flag(fields.Boolean):
    """A JSON boolean and nothing that merely looks like one."""

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        if not isinstance(value, bool):
            raise self.make_error("invalid", input=value)
        return value


class FormFlag(Flag):
    """A boolean in a form, where everything is text: `true` or `false`, `1` or `0`."""

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        return fields.Boolean._deserialize(self, value, *args, **kwargs)


def rfc3339(moment: datetime) -> str:
    """UTC, to the microsecond where there are any, ending in `Z`."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
