"""What is of no use any more goes, in small batches; what is history, or still good, stays."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any

import pytest

from vmlab.models import (
    AuthSession,
    Event,
    EventType,
    IdempotencyKey,
    PasswordReset,
    RefreshToken,
    Step,
    StepStatus,
    Task,
    TaskStatus,
    User,
)
from vmlab.reconcile import Housekeeping, housekeeping
from vmlab.tasks.clock import database_now

pytestmark = pytest.mark.usefixtures("database")

DAYS = timedelta(days=1)


@pytest.fixture
async def now() -> datetime:
    return await database_now()


@pytest.fixture
async def ann() -> User:
    return await User.create(username="ann", email="ann@example.edu", password_hash="-")


async def login(user: User, **columns: Any) -> AuthSession:
    """A login with a refresh token."""
    made = await AuthSession.create(id=uuid.uuid4().hex, user=user, **columns)
    expires_at = columns["expires_at"]
    await RefreshToken.create(session=made, token_hash=uuid.uuid4().hex, expires_at=expires_at)
    return made


async def test_logins_that_are_over(now: datetime, ann: User) -> None:
    soon = now + 1 * DAYS
    good = await login(ann, expires_at=soon)
    just_ended = await login(ann, expires_at=soon, revoked_at=now)
    await login(ann, expires_at=now - 2 * DAYS)
    await login(ann, expires_at=soon, revoked_at=now - 2 * DAYS)
    await RefreshToken.create(session=good, token_hash="old", expires_at=now - 1 * DAYS)
    spent = await RefreshToken.create(
        session=good, token_hash="spent", expires_at=soon, spent_at=now - 1 * DAYS
    )
    assert await Housekeeping().tick() == 3
    assert {row.id for row in await AuthSession.all()} == {good.id, just_ended.id}
    # A spent token that comes again tells that it is in two hands, as long as its login goes on.
    assert await RefreshToken.filter(session_id=good.id).count() == 2
    assert await RefreshToken.exists(id=spent.id)
    assert await RefreshToken.all().count() == 3


async def test_tokens_and_answers(now: datetime, ann: User) -> None:
    for hours in (-1, 1):
        await PasswordReset.create(
            user=ann,
            token_hash=f"{hours}",
            account_hash="-",
            expires_at=now + timedelta(hours=hours),
        )
    for hours in (23, 25):
        row = await IdempotencyKey.create(user=ann, key=f"{hours}", request_hash="-")
        await IdempotencyKey.filter(id=row.id).update(created_at=now - timedelta(hours=hours))
    assert await Housekeeping().tick() == 2
    assert [row.token_hash for row in await PasswordReset.all()] == ["1"]
    assert [row.key for row in await IdempotencyKey.all()] == ["23"]


async def task(finished_at: datetime | None, *steps: StepStatus) -> Task:
    """A task with steps in these states."""
    ended = finished_at is not None
    made = await Task.create(
        kind="vm.start",
        status=TaskStatus.SUCCEEDED if ended else TaskStatus.RUNNING,
        target_type="vm",
        target_id=1,
        run_at=await database_now(),
        finished_at=finished_at,
    )
    for position, status in enumerate(steps):
        await Step.create(task=made, position=position, name=f"step{position}", status=status)
    return made


async def test_steps_of_tasks_of_long_ago(now: datetime) -> None:
    done = [StepStatus.DONE] * 7
    await task(now - 91 * DAYS, *done)
    stuck = await task(now - 91 * DAYS, StepStatus.DONE, StepStatus.STUCK)
    under_way = await task(None, *done)
    lately = await task(now - 89 * DAYS, *done)
    await task(now - 91 * DAYS, *done)
    assert await Housekeeping(batch=3).tick() == 14
    kept = {row["task_id"] for row in await Step.all().values("task_id")}
    assert kept == {stuck.id, under_way.id, lately.id}
    assert await Task.all().count() == 5
    assert await Housekeeping().tick() == 0


async def test_events_beyond_what_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(housekeeping, "KEEP_EVENTS", 3)
    for number in range(5):
        await Event.create(type=EventType.VM, object_id=number)
    await Housekeeping().tick()
    assert [row.object_id for row in await Event.all().order_by("id")] == [2, 3, 4]
