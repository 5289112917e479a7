"""A synthetic guest's text screen: rows of text, drawn by Pillow when somebody looks.

There is no framebuffer to keep: a viewer compares rows and asks for pictures of the changed
ones, so that a thousand guests that nobody watches cost a few strings each.
"""

from collections import deque
from functools import lru_cache

from PIL import Image, ImageDraw, ImageFont

from vmlab.simulator.machines.shell import CLEAR_SCREEN

WIDTH = 720
ROW_HEIGHT = 20
ROWS = 20
HEIGHT = ROWS * ROW_HEIGHT

_FONT_SIZE = 15
_MARGIN = 8
_COLOURS = {False: ("#d8d8d8", "#101828"), True: ("#101828", "#d8d8d8")}
"""Text and background, of an ordinary row and of the title."""


class Transcript:
    """The last lines that were written to a terminal, the one with the cursor at the end."""

    def __init__(self) -> None:
        self._lines: deque[str] = deque([""], maxlen=ROWS - 1)

    @property
    def lines(self) -> list[str]:
        """As many rows as the screen has below its title."""
        lines = [*self._lines]
        lines[-1] += "_"
        return lines + [""] * (ROWS - 1 - len(lines))

    def write(self, text: str) -> None:
        """Show what a program prints: text, line feeds, backspaces, "clear the screen"."""
        _, cleared, rest = text.rpartition(CLEAR_SCREEN)
        if cleared:
            self._lines.clear()
            self._lines.append("")
        for character in rest:
            if character == "\n":
                self._lines.append("")
            elif character == "\b":
                self._lines[-1] = self._lines[-1][:-1]
            elif character != "\r":
                self._lines[-1] += character


@lru_cache(maxsize=256)
def draw_row(text: str, title: bool) -> Image.Image:
    """Draw one row of the screen, `WIDTH` by `ROW_HEIGHT` pixels; longer text is cut off."""
    colour, background = _COLOURS[title]
    picture = Image.new("RGB", (WIDTH, ROW_HEIGHT), background)
    pen = ImageDraw.Draw(picture)
    pen.text((_MARGIN, 1), text, fill=colour, font=_font())
    return picture


@lru_cache(maxsize=1)
def _font() -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(_FONT_SIZE)
