"""Brings a database's schema up to date, with the migrations that are shipped.

Used by `vmlab migrate` and, for the demo, before the server starts. Several machines may do this at
the same time: on PostgreSQL an advisory lock lets one work and the others find nothing left to do.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
from aerich import Command
from aerich.migrate import Migrate
from tortoise.exceptions import OperationalError

from vmlab.models.connection import connected, tortoise_config

ADVISORY_LOCK = 0x564D4C61
"""An arbitrary number that means "VMLab is migrating" (the letters VMLa)."""


def migrations_path() -> Path:
    """The folder of migrations: inside an installed package, or beside it in a checkout."""
    package = Path(__file__).resolve().parent.parent
    installed = package / "_migrations"
    return installed if installed.is_dir() else package.parent / "migrations"


async def migrate(url: str) -> list[str]:
    """Apply what is missing and return the names of the files that were applied."""
    async with _alone(url), connected(url, answers_within_s=None):
        command = Command(tortoise_config(url), app="models", location=str(migrations_path()))
        await command.init()
        return list(await command.upgrade(run_in_transaction=True))


async def pending(url: str) -> list[str]:
    """Names of the migrations that this database still lacks."""
    async with connected(url):
        command = Command(tortoise_config(url), app="models", location=str(migrations_path()))
        await command.init()
        try:
            return list(await command.heads())
        except OperationalError:  # a new database, without even aerich's own table
            return list(Migrate.get_all_version_files())


@contextlib.asynccontextmanager
async def _alone(url: str) -> AsyncIterator[None]:
    if not url.startswith("postgres"):
        yield
        return
    connection = await asyncpg.connect(url.replace("asyncpg://", "postgres://"))
    try:
        await connection.execute("SELECT pg_advisory_lock($1)", ADVISORY_LOCK)
        yield
    finally:
        await connection.close()
