"""Tells a database that is away for the moment from an error of our own.

Tortoise passes on most of what the drivers raise (tortoise-orm 1.1), and what it does translate is
the same class for "locked" and for "no such table". So the driver's own error is looked at.
"""

from __future__ import annotations

import sqlite3
from types import TracebackType

import asyncpg
from tortoise.exceptions import BaseORMException, DBConnectionError, OperationalError

_DRIVERS = ("asyncpg", "aiosqlite")

_AWAY = (
    DBConnectionError,
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.TooManyConnectionsError,
)
"""Connections that cannot be made, or broke; PostgreSQL that starts, stops, or is full."""

_LOCKED = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
"""Another program has had SQLite's file for longer than `busy_timeout`."""


def is_away(error: BaseException) -> bool:
    """Whether the same may work in a moment, because the database was not there for it."""
    if isinstance(error, OperationalError) and error.args and isinstance(error.args[0], Exception):
        return is_away(error.args[0])
    if isinstance(error, sqlite3.OperationalError):
        return (getattr(error, "sqlite_errorcode", 0) & 0xFF) in _LOCKED
    if isinstance(error, asyncpg.InterfaceError):
        # The same class as for wrong use of the driver; "connection is closed", "pool is closing".
        return "clos" in str(error)
    if isinstance(error, _AWAY):
        return True
    # Refused, reset, or too slow: said by whatever goes over a network, so ask who has said it.
    return isinstance(error, OSError) and _came_through_driver(error.__traceback__)


def is_of_database(error: BaseException) -> bool:
    """Whether the database, or the way to it, has said this, whatever it means."""
    known = (BaseORMException, sqlite3.Error, asyncpg.PostgresError, asyncpg.InterfaceError)
    return isinstance(error, known) or is_away(error)


def _came_through_driver(traceback: TracebackType | None) -> bool:
    while traceback is not None:
        name = str(traceback.tb_frame.f_globals.get("__name__", ""))
        if name.partition(".")[0] in _DRIVERS:
            return True
        traceback = traceback.tb_next
    return False
