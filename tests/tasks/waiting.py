"""Waiting for what other tasks and processes do."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from vmlab.models import Task, TaskStatus


async def until(condition: Callable[[], Awaitable[bool]], timeout_s: float = 30) -> None:
    """Wait for something that is bound to come, and that nobody announces to a test."""
    async with asyncio.timeout(timeout_s):
        while not await condition():  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def until_status(task: Task, status: TaskStatus) -> Task:
    """Wait until the task is there, and read it."""

    async def there() -> bool:
        return (await Task.get(id=task.id)).status is status

    await until(there)
    return await Task.get(id=task.id)
