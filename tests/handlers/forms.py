"""Forms with a file in them."""

from __future__ import annotations

import io
from collections.abc import Mapping

from aiohttp import FormData


def form(
    name: str,
    content: bytes,
    *,
    filename: str = "file",
    content_type: str | None = None,
    fields: Mapping[str, str] | None = None,
) -> FormData:
    """A form with one file, and with other fields before it."""
    made = FormData(quote_fields=False)
    for key, value in (fields or {}).items():
        made.add_field(key, value)
    made.add_field(name, io.BytesIO(content), filename=filename, content_type=content_type)
    return made
