"""Pages as people see them: of either size and language, held to complain of nothing, and kept.

`async with seen(browser, "console-screen", size="phone", language="zh") as page` opens a page and
ends with its picture in `build/screenshots/`, whatever has come of the test.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Literal

from playwright.async_api import Browser, Page, ViewportSize

from tests.e2e.pages import watched

FOLDER = Path(__file__).parents[2] / "build" / "screenshots"
"""Git does not keep it; whoever runs the tests may."""

Size = Literal["desktop", "phone"]
Language = Literal["en", "zh"]

SIZES: dict[Size, ViewportSize] = {
    "desktop": {"width": 1280, "height": 800},
    "phone": {"width": 390, "height": 844},
}
LOCALES: dict[Language, str] = {"en": "en-GB", "zh": "zh-CN"}
REFUSALS = ("Failed to load resource", "WebSocket connection to", "Failed when connecting")
"""How Chromium and noVNC tell of every answer of 400 and above that they get."""


async def keep(page: Page, name: str) -> Path:
    """Keep a picture of what the page shows now."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    path = FOLDER / f"{name}.png"
    await page.screenshot(path=path)
    return path


@contextlib.asynccontextmanager
async def seen(
    browser: Browser,
    name: str,
    *,
    size: Size = "desktop",
    language: Language = "en",
    refusals: bool = False,
) -> AsyncIterator[Page]:
    """A new page, alone with its cookies; its picture is kept when the block ends.

    Args:
        name: of the picture; size and language come behind it.
        refusals: answers of 400 and above belong to what is shown, as before signing in.

    Raises:
        AssertionError: the page complained of something, or is wider than the window.
    """
    context = await browser.new_context(
        viewport=SIZES[size],
        locale=LOCALES[language],
        is_mobile=size == "phone",
        has_touch=size == "phone",
    )
    page = await context.new_page()
    complaints = watched(page)
    try:
        yield page
    finally:
        await keep(page, f"{name}-{size}-{language}")
        widths = "[document.documentElement.scrollWidth, window.innerWidth]"
        needed, there = await page.evaluate(widths)
        await context.close()
    if refusals:
        complaints = [text for text in complaints if not text.startswith(REFUSALS)]
    assert not complaints, complaints
    assert needed <= there, f"{name}: {needed} px wide in a window of {there} px"
