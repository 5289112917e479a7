"""Opens the database, SQLite or PostgreSQL, with what each needs to be safe.

SQLite serves one process, over one connection that has a lock. Its driver begins transactions as
DEFERRED, which fails with "database is locked" when a reader wants to write; here they begin
IMMEDIATE. And it keeps the lock for good if a transaction cannot begin, or is cancelled while it
does (tortoise-orm 1.1); here the lock is given back.

PostgreSQL's connections are pooled, and the pool would ask the server after every single query to
forget what was set on the connection, which costs as much again as most queries. Nothing of VMLab's
outlives a transaction there: locks are the transaction's, there is no LISTEN and no SET.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import AsyncIterator
from typing import Any

from tortoise import Tortoise
from tortoise.backends.base.config_generator import expand_db_url
from tortoise.backends.base.executor import EXECUTOR_CACHE
from tortoise.backends.sqlite import client as sqlite_client
from tortoise.connection import get_connections
from tortoise.exceptions import OperationalError
from tortoise.transactions import in_transaction

MODULES = [
    "vmlab.models.user",
    "vmlab.models.password_reset",
    "vmlab.models.invitation",
    "vmlab.models.quota",
    "vmlab.models.course",
    "vmlab.models.join_code",
    "vmlab.models.file",
    "vmlab.models.template",
    "vmlab.models.vm",
    "vmlab.models.guest_number",
    "vmlab.models.ssh_access",
    "vmlab.models.task",
    "vmlab.models.event",
    "vmlab.models.vm_event",
    "vmlab.models.console_session",
    "vmlab.models.idempotency",
    "vmlab.models.audit",
]


ANSWERS_WITHIN_S = 30.0
"""A statement of which PostgreSQL says nothing for so long is given up: none of ours takes as long.
Without a limit, whoever asks waits for good where the network or the host has gone silent."""

CONNECTS_WITHIN_S = 5.0


def tortoise_config(url: str) -> dict[str, Any]:
    """Tortoise's configuration for a database URL, with aerich's own table in it."""
    if url.startswith("sqlite") and "?" not in url:
        url += "?busy_timeout=5000&synchronous=NORMAL"
    return {
        "connections": {"default": url},
        "apps": {
            "models": {"models": [*MODULES, "aerich.models"], "default_connection": "default"}
        },
        "use_tz": True,
        "timezone": "UTC",
    }


TORTOISE_ORM = tortoise_config("sqlite://:memory:")
"""What the `aerich` command reads; VMLab itself always passes the configured URL."""


async def _leave_as_it_is(_connection: Any) -> None:
    """Before a connection goes back into the pool, which rolls back on its own what is open."""


async def _begin_immediate(self: Any) -> None:
    await self._connection.rollback()
    try:
        await self._connection.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError as error:
        raise OperationalError(error) from error


async def _enter(self: Any) -> Any:
    await self._trxlock.acquire()
    try:
        await self.ensure_connection()
    except BaseException:
        self._trxlock.release()
        raise
    self.token = get_connections().set(self.connection_name, self.connection)
    try:
        await self.connection.begin()
    except BaseException as error:
        # Its rollback is queued behind a BEGIN that may still be on its way.
        await self.__aexit__(type(error), error, error.__traceback__)
        raise
    return self.connection


def _pooled(config: dict[str, Any], answers_within_s: float | None) -> dict[str, Any]:
    """The same configuration with limits to what PostgreSQL is waited for, and asked."""
    expanded = expand_db_url(config["connections"]["default"])
    if str(expanded["engine"]).endswith("asyncpg"):
        limits = {"command_timeout": answers_within_s, "timeout": CONNECTS_WITHIN_S}
        usual = {**limits, "reset": _leave_as_it_is}
        expanded["credentials"] = usual | expanded["credentials"]
    return {**config, "connections": {"default": expanded}}


@contextlib.asynccontextmanager
async def connected(
    url: str, *, answers_within_s: float | None = ANSWERS_WITHIN_S
) -> AsyncIterator[None]:
    """Keep the database open for the time of the block; tasks must be started inside it.

    Args:
        url: of the database.
        answers_within_s: a limit for each statement on PostgreSQL; None where any may be right.

    Raises:
        sqlite3.OperationalError: the file of a SQLite database cannot be opened.
    """
    sqlite_client.SqliteTransactionWrapper.begin = _begin_immediate  # type: ignore[method-assign]
    sqlite_client.SqliteTransactionContext.__aenter__ = _enter  # type: ignore[method-assign]
    # Statements are cached by the connection's name; another database may want another dialect.
    EXECUTOR_CACHE.clear()
    # Without the fallback, tasks created before this call find no connection (context variable).
    _require_file(url)
    config = _pooled(tortoise_config(url), answers_within_s)
    await Tortoise.init(config=config, _enable_global_fallback=True)
    try:
        yield
    finally:
        await Tortoise.close_connections()


def _require_file(url: str) -> None:
    """Find out beforehand that a SQLite file cannot be opened: its driver would wait for good.

    Raises:
        sqlite3.OperationalError: says what is wrong with it.
    """
    path = url.removeprefix("sqlite://").partition("?")[0]
    if url.startswith("sqlite://") and path != ":memory:":
        sqlite3.connect(path).close()


def transaction() -> Any:
    """`async with transaction():` all or nothing. Never wait for the network inside it."""
    return in_transaction("default")
