"""The shipped migrations make the very schema that the models describe, on both databases."""

from __future__ import annotations

import asyncio
import sys

from aerich import Command
from tortoise import Tortoise, connections

from tests.conftest import administer, named
from vmlab.models import User, connected, tortoise_config
from vmlab.models.migrate import migrate, migrations_path, pending

SQLITE_SCHEMA = """
    SELECT m.name AS place, i.name, i.type, i."notnull", i.pk
    FROM sqlite_master m JOIN pragma_table_info(m.name) i WHERE m.type = 'table'
      AND m.name NOT LIKE 'sqlite_%'
    UNION ALL
    SELECT m.tbl_name, group_concat(i.name), l."unique", l.origin, 0
    FROM sqlite_master m JOIN pragma_index_list(m.tbl_name) l ON l.name = m.name
    JOIN pragma_index_info(l.name) i WHERE m.type = 'index' GROUP BY m.name
    ORDER BY 1, 2
"""
POSTGRES_SCHEMA = """
    SELECT table_name AS place, column_name AS name, data_type, is_nullable,
           character_maximum_length
    FROM information_schema.columns WHERE table_schema = 'public'
    UNION ALL
    SELECT tablename, regexp_replace(indexdef, 'INDEX \\S+ ON', 'INDEX ON'), '', '', 0
    FROM pg_indexes WHERE schemaname = 'public'
    ORDER BY 1, 2
"""


async def schema() -> list[tuple[object, ...]]:
    connection = connections.get("default")
    dialect = connection.capabilities.dialect
    rows = await connection.execute_query_dict(
        SQLITE_SCHEMA if dialect == "sqlite" else POSTGRES_SCHEMA
    )
    return [tuple(row.values()) for row in rows]


async def drop(tables: set[str]) -> None:
    connection = connections.get("default")
    if connection.capabilities.dialect == "sqlite":
        await connection.execute_script("PRAGMA foreign_keys = OFF")
        await connection.execute_script(";".join(f'DROP TABLE "{name}"' for name in tables))
    else:
        await connection.execute_script(f"DROP TABLE {', '.join(tables)} CASCADE")


async def test_migrations_and_models_agree(database_url: str):
    async with connected(database_url):
        migrated = await schema()
        await drop({str(row[0]) for row in migrated})
        assert await schema() == []
        await Tortoise.generate_schemas(safe=False)
        assert await schema() == migrated


async def test_aerich_sees_nothing_left_to_migrate(database_url: str):
    async with connected(database_url):
        command = Command(
            tortoise_config(database_url), app="models", location=str(migrations_path())
        )
        await command.init()
        assert await command.migrate(no_input=True) == ""


async def test_migrating_again_changes_nothing(database_url: str):
    async with connected(database_url):
        await User.create(username="kim", email="kim@example.edu", password_hash="-")
    assert await pending(database_url) == []
    assert await migrate(database_url) == []
    async with connected(database_url):
        assert await User.filter(username="kim").count() == 1


async def test_several_machines_may_migrate_at_once(postgres_server: str):
    url = named(postgres_server, "migrated_by_several")
    await administer(postgres_server, "CREATE DATABASE migrated_by_several")
    program = (
        "import asyncio, sys; from vmlab.models.migrate import migrate;"
        "print(len(asyncio.run(migrate(sys.argv[1]))))"
    )
    processes = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-c", program, url, stdout=asyncio.subprocess.PIPE
        )
        for _ in range(3)
    ]
    outputs = [int((await process.communicate())[0]) for process in processes]
    files = list((migrations_path() / "models").glob("[0-9]*.py"))
    assert sorted(outputs) == [0, 0, len(files)]
