"""Turns a picture that somebody sent into one that is safe to show: decoded and drawn anew.

Nothing of the bytes that were sent is kept, so neither are metadata (where a photograph was taken)
or whatever else hides in them. Runs in a thread; the limits bound what a hostile file can cost.
"""

from __future__ import annotations

import io

from PIL import Image, ImageOps

from vmlab.errors import UnsafeFile

SIDE = 256
"""Pixels of each side of the result."""
MAX_PIXELS = 25_000_000
"""Largest picture that is decoded: some 100 MB of memory while that lasts."""

_FORMATS = ("PNG", "JPEG", "WEBP")
_TYPES = {"PNG": "image/png", "JPEG": "image/jpeg", "WEBP": "image/webp"}
_UNSAID = frozenset({"", "application/octet-stream"})
_PNG_END = b"IEND\xaeB`\x82"
_JPEG_END = b"\xff\xd9"


def square_webp(content: bytes, content_type: str) -> bytes:
    """The middle of a picture as a WebP of 256 by 256 pixels.

    Args:
        content: PNG, JPEG or WebP.
        content_type: what the client says that it is; empty if it does not say.

    Raises:
        UnsafeFile: it is something else, moves, is too large or damaged, or more follows after it.
    """
    try:
        with Image.open(io.BytesIO(content), formats=_FORMATS) as picture:
            _require_harmless(picture, content, content_type)
            picture.load()
            return _drawn_anew(picture)
    except UnsafeFile:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise _too_many_pixels() from None
    except Exception as error:  # a decoder raises whatever the damage makes it stumble over
        raise UnsafeFile("This is not a whole PNG, JPEG or WebP picture.") from error


def _require_harmless(picture: Image.Image, content: bytes, content_type: str) -> None:
    """Judge by the header alone, before anything is decoded."""
    # A JPEG of several pictures (a phone's, with its depth map) comes as MPO; the first one counts.
    kind = "JPEG" if picture.format == "MPO" else str(picture.format)
    if content_type not in _UNSAID and content_type != _TYPES[kind]:
        raise UnsafeFile("The picture is not of the type that it claims to be.")
    if picture.width * picture.height > MAX_PIXELS:
        raise _too_many_pixels()
    if picture.format != "MPO" and getattr(picture, "is_animated", False):
        raise UnsafeFile("The picture moves: send one that does not.")
    if not _ends_with_itself(kind, content):
        raise UnsafeFile("Something else follows after the picture.")


def _ends_with_itself(kind: str, content: bytes) -> bool:
    """Whether the file ends where the picture does; an archive can be appended to any of them."""
    if kind == "WEBP":
        size = int.from_bytes(content[4:8], "little") + 8
        return len(content) in (size, size + size % 2)
    return content.endswith(_PNG_END if kind == "PNG" else _JPEG_END)


def _drawn_anew(picture: Image.Image) -> bytes:
    upright = ImageOps.exif_transpose(picture)
    has_alpha = upright.has_transparency_data
    fitted = ImageOps.fit(upright.convert("RGBA" if has_alpha else "RGB"), (SIDE, SIDE))
    anew = Image.new(fitted.mode, fitted.size)
    anew.paste(fitted)
    result = io.BytesIO()
    anew.save(result, "WEBP", quality=85)
    return result.getvalue()


def _too_many_pixels() -> UnsafeFile:
    return UnsafeFile("The picture has more than {limit} pixels.", limit=MAX_PIXELS)
