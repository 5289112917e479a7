"""Kept statements: written once, executed anew each time, with the values that Tortoise gives."""

from __future__ import annotations

import pytest

from vmlab.models import AuditEntry, AuditResult
from vmlab.models.statements import Query, kept

pytestmark = pytest.mark.usefixtures("database")

COLUMNS = ("id", "username", "user_id", "result", "status", "details", "created_at")


async def add(*names: str) -> None:
    for name in names:
        await AuditEntry.create(
            username=name,
            action="login",
            method="POST",
            result=AuditResult.SUCCESS,
            status=200,
            details={"from": [name]},
        )


async def test_only_the_text_is_kept():
    written = []

    def named(name: str) -> Query:
        written.append(name)
        return AuditEntry.filter(username=name).count()

    assert await kept(named, "ann").number() == 0
    await add("ann", "ann", "bea")
    assert await kept(named, "ann").number() == 2
    assert await kept(named, "bea").number() == 1
    assert written == ["ann", "bea"]


async def test_values_are_those_of_tortoise():
    await add("ann", "bea", "carl")

    def among(names: int) -> Query:
        found = AuditEntry.filter(status=200, username__in=[""] * names).order_by("username")
        return found.values(*COLUMNS)

    rows = await kept(among, 2).rows("carl", "ann")
    own = AuditEntry.filter(username__in=["ann", "carl"]).order_by("username")
    assert rows == await own.values(*COLUMNS)
    assert isinstance(rows[0]["result"], AuditResult)
    assert rows[0]["created_at"].utcoffset().total_seconds() == 0


async def test_parameters_take_the_place_of_the_last():
    await add("ann", "hannah", "joanna", "bea")

    def part(text: str) -> Query:
        found = AuditEntry.filter(username__icontains=text).order_by("-username")
        return found.limit(1).offset(1).values("username")

    async def names(*parameters: int) -> list[str]:
        return [row["username"] for row in await kept(part, "ANN").rows(*parameters)]

    assert await names(2, 0) == ["joanna", "hannah"]
    assert await names(2, 2) == ["ann"]
    assert await names(2, 4) == []
    assert await names() == ["hannah"]
