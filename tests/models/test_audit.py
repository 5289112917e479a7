"""The database itself keeps the audit log from being changed."""

from __future__ import annotations

import asyncpg
import pytest
from tortoise import connections
from tortoise.exceptions import BaseORMException

from vmlab.models import AuditEntry, AuditResult

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
