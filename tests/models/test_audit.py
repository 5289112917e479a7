"""The database itself keeps the audit log from being changed."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import asyncpg
import pytest
from tortoise import connections
from tortoise.exceptions import BaseORMException

from vmlab.models import AuditEntry, AuditResult, connected

DOCUMENTATION = Path(__file__).parents[2] / "docs" / "security.md"

REFUSAL = (BaseORMException, asyncpg.RaiseError)
"""Tortoise passes on as it is what a PostgreSQL trigger raises."""


@pytest.fixture
async def entry(database: str) -> AuditEntry:
    return await AuditEntry.create(
        username="kim", action="login", method="POST", result=AuditResult.REFUSED, status=401
    )


async def test_an_entry_is_not_changed(entry: AuditEntry):
    with pytest.raises(REFUSAL, match="append-only"):
        await AuditEntry.filter(id=entry.id).update(username="lee")
    assert (await AuditEntry.get(id=entry.id)).username == "kim"


async def test_an_entry_is_not_deleted(entry: AuditEntry):
    with pytest.raises(REFUSAL, match="append-only"):
        await AuditEntry.all().delete()
    assert await AuditEntry.all().count() == 1


async def test_entries_are_not_replaced_or_swept_away(entry: AuditEntry):
    connection = connections.get("default")
    if connection.capabilities.dialect == "sqlite":
        columns = "id, created_at, username, action, method, target_type, address, request_id"
        statement = (
            f"INSERT OR REPLACE INTO audit_entries ({columns}, result, status, code, details) "
            f"SELECT {columns}, 'success', 200, code, details FROM audit_entries"
        )
    else:
        statement = "TRUNCATE audit_entries"
    with pytest.raises(REFUSAL, match="append-only"):
        await connection.execute_query(statement)
    assert (await AuditEntry.get(id=entry.id)).result is AuditResult.REFUSED


async def test_the_owner_of_the_database_prunes_as_the_documentation_says(postgres_url: str):
    text = DOCUMENTATION.read_text(encoding="utf-8")
    statements = text.partition("```sql")[2].partition("```")[0]
    async with connected(postgres_url):
        for created_at in (datetime(2020, 1, 1, tzinfo=UTC), datetime.now(UTC)):
            kept = await AuditEntry.create(
                action="login", method="POST", result="success", status=200, created_at=created_at
            )
        await connections.get("default").execute_script(statements)
        assert await AuditEntry.all().values_list("id", flat=True) == [kept.id]
        with pytest.raises(REFUSAL, match="append-only"):
            await AuditEntry.all().delete()
