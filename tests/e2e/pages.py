"""Debian's Chromium, and how tests wait for what a page shows."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

from playwright.async_api import Browser, Page, async_playwright

CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
SHOWS_WITHIN_S = 30.0
STATE = "document.getElementById('state').dataset.state"


@contextlib.asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """Run the browser for the time of the block."""
    async with async_playwright() as playwright:
        running = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield running
        await running.close()


async def until(page: Page, expression: str, wanted: Any) -> None:
    """Wait until an expression has a value; the page's policy allows no `wait_for_function`."""
    async with asyncio.timeout(SHOWS_WITHIN_S):
        value = await page.evaluate(expression)
        while value != wanted:
            await asyncio.sleep(0.1)
            value = await page.evaluate(expression)


def watched(page: Page) -> list[str]:
    """What the page complains of, its content policy's refusals included."""
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda m: complaints.append(m.text) if m.type == "error" else None)
    return complaints
