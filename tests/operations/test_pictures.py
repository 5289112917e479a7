"""Pictures are drawn anew; what is no harmless picture is refused."""

from __future__ import annotations

import io
import struct
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw, PngImagePlugin

from vmlab.errors import UnsafeFile
from vmlab.operations.pictures import SIDE, square_webp

KINDS = [("PNG", "image/png"), ("JPEG", "image/jpeg"), ("WEBP", "image/webp")]


def drawn(kind: str, size: tuple[int, int] = (600, 300), mode: str = "RGB", **how: object) -> bytes:
    """A picture with something on it."""
    picture = Image.new(mode, size, "white")
    ImageDraw.Draw(picture).rectangle((0, 0, size[0] // 2, size[1]), fill="red")
    file = io.BytesIO()
    picture.save(file, kind, **how)
    return file.getvalue()


def opened(content: bytes) -> Image.Image:
    """The picture that came out."""
    picture = Image.open(io.BytesIO(content))
    picture.load()
    return picture


def color_at(picture: Image.Image, x: int, y: int) -> tuple[int, ...]:
    """Red, green, blue and alpha of one pixel."""
    color = picture.convert("RGBA").getpixel((x, y))
    assert isinstance(color, tuple)
    return color


def png_that_says(width: int, height: int) -> bytes:
    """A PNG of a few bytes that claims a size."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        check = zlib.crc32(kind + data)
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", check)

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = zlib.compress(b"\0" * 1000)
    signature = b"\x89PNG\r\n\x1a\n"
    return signature + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


@pytest.mark.parametrize(("kind", "content_type"), KINDS)
@pytest.mark.parametrize("said", ["right", "", "application/octet-stream"])
def test_each_kind_becomes_a_square_webp(kind: str, content_type: str, said: str):
    result = square_webp(drawn(kind), content_type if said == "right" else said)
    picture = opened(result)
    assert (picture.format, picture.size) == ("WEBP", (SIDE, SIDE))
    red, white = color_at(picture, 20, 128), color_at(picture, 236, 128)
    assert red[0] > 200
    assert red[1] < 60
    assert min(white) > 200


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "I;16"])
def test_every_mode_of_a_png_will_do(mode: str):
    file = io.BytesIO()
    Image.new(mode, (40, 90)).save(file, "PNG")
    assert opened(square_webp(file.getvalue(), "image/png")).size == (SIDE, SIDE)


def test_a_cmyk_jpeg_will_do():
    assert opened(square_webp(drawn("JPEG", mode="CMYK"), "image/jpeg")).mode == "RGB"


def test_what_is_transparent_stays_so():
    file = io.BytesIO()
    Image.new("RGBA", (10, 10), (0, 0, 0, 0)).save(file, "PNG")
    assert color_at(opened(square_webp(file.getvalue(), "")), 5, 5)[3] == 0


def test_a_photograph_is_turned_upright():
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was held on its side: turn by 90 degrees
    turned = opened(square_webp(drawn("JPEG", (300, 300), exif=exif), "image/jpeg"))
    assert color_at(turned, 128, 20)[1] < 60
    assert color_at(turned, 128, 236)[1] > 200


def test_nothing_that_the_file_says_of_itself_is_kept():
    exif = Image.Exif()
    exif[0x010E] = "SECRET-PLACE"
    notes = PngImagePlugin.PngInfo()
    notes.add_text("Comment", "SECRET-PLACE")
    sent = [
        drawn("JPEG", exif=exif, comment=b"SECRET-PLACE", icc_profile=b"SECRET-PLACE" * 20),
        drawn("PNG", pnginfo=notes, exif=exif),
        drawn("WEBP", exif=exif, xmp=b"SECRET-PLACE"),
    ]
    for content in sent:
        assert b"SECRET-PLACE" in content
        result = square_webp(content, "")
        assert b"SECRET-PLACE" not in result
        assert not {"exif", "xmp", "icc_profile", "comment"} & opened(result).info.keys()


@pytest.mark.parametrize("size", [(5001, 5001), (10_000, 10_000), (60_000, 60_000)])
def test_a_bomb_is_refused_by_what_it_says(size: tuple[int, int]):
    with pytest.raises(UnsafeFile, match="more than 25000000 pixels"):
        square_webp(png_that_says(*size), "image/png")


@pytest.mark.parametrize(("kind", "content_type"), KINDS)
def test_truncated_and_damaged_pictures_are_refused(kind: str, content_type: str):
    whole = drawn(kind)
    for content in (whole[: len(whole) // 2], whole[:20], whole[:-2]):
        with pytest.raises(UnsafeFile):
            square_webp(content, content_type)


@pytest.mark.parametrize(("kind", "content_type"), KINDS)
@pytest.mark.parametrize("tail", [b"PK\x05\x06" + b"\0" * 18, b"<script>alert(1)</script>"])
def test_a_picture_that_is_something_else_as_well_is_refused(
    kind: str, content_type: str, tail: bytes
):
    with pytest.raises(UnsafeFile, match="follows after the picture"):
        square_webp(drawn(kind) + tail, content_type)


def test_what_hides_inside_a_picture_does_not_come_out():
    page = b"<html><script>alert(document.cookie)</script></html>"
    result = square_webp(drawn("JPEG", comment=page), "image/jpeg")
    assert b"script" not in result


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_pictures_that_move_are_refused(kind: str):
    frames = [Image.new("RGB", (20, 20), color) for color in ("red", "green", "blue")]
    file = io.BytesIO()
    frames[0].save(file, kind, save_all=True, append_images=frames[1:], duration=100)
    with pytest.raises(UnsafeFile, match="moves"):
        square_webp(file.getvalue(), "")


def test_a_telephones_jpeg_of_several_pictures_counts_by_its_first():
    first, second = Image.new("RGB", (30, 30), "red"), Image.new("RGB", (30, 30), "blue")
    file = io.BytesIO()
    first.save(file, "MPO", save_all=True, append_images=[second])
    assert color_at(opened(square_webp(file.getvalue(), "image/jpeg")), 128, 128)[0] > 200


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not a picture",
        b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n",
        drawn("GIF"),
        drawn("BMP"),
        drawn("TIFF"),
        drawn("ICO", (32, 32)),
    ],
    ids=["empty", "text", "svg", "eps", "gif", "bmp", "tiff", "ico"],
)
def test_other_kinds_are_refused(content: bytes):
    with pytest.raises(UnsafeFile, match="not a whole PNG, JPEG or WebP"):
        square_webp(content, "")


@pytest.mark.parametrize("said", ["image/jpeg", "image/svg+xml", "text/html"])
def test_a_picture_must_be_of_the_type_that_it_claims(said: str):
    with pytest.raises(UnsafeFile, match="type that it claims"):
        square_webp(drawn("PNG"), said)


@settings(max_examples=150, deadline=None)
@given(
    kind=st.sampled_from([kind for kind, _ in KINDS]),
    changes=st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)), max_size=8),
)
def test_whatever_is_damaged_it_is_a_picture_or_refused(kind: str, changes: list[tuple[int, int]]):
    content = bytearray(drawn(kind, (60, 60)))
    for place, byte in changes:
        content[place % len(content)] = byte
    try:
        result = square_webp(bytes(content), "")
    except UnsafeFile:
        return
    assert opened(result).size == (SIDE, SIDE)
