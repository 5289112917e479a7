"""Forms with a file in them."""

from __future__ import annotations

from aiohttp import FormData


def form(
    name: str, content: bytes, *, filename: str = "file", content_type: str | None = None
) -> FormData:
    """A form with one file."""
    made = FormData(quote_fields=False)
    made.add_field(name, content, filename=filename, content_type=content_type)
    return made
