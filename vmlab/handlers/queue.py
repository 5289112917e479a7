"""`tasks/status/`, `tasks/workers/` and `tasks/statistics/`: the queue in numbers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from vmlab.errors import Invalid
from vmlab.handlers.endpoint import API, Call, Endpoints
from vmlab.handlers.schemas.queue import (
    QueueSchema,
    StatisticsQuery,
    StatisticsSchema,
    WorkerSchema,
)
from vmlab.rules.access import Permission
from vmlab.tasks import statistics

queue = Endpoints(f"{API}/tasks", tag="tasks")

USUAL_WINDOW = timedelta(days=7)


@queue.get("/status/", needs=Permission.QUEUE_READ, returns=QueueSchema())
async def get_queue_status(call: Call) -> dict[str, Any]:
    """How full the queue is, whoever the tasks belong to."""
    return await statistics.queue()


@queue.get("/workers/", needs=Permission.WORKER_READ, returns=WorkerSchema(many=True))
async def list_workers(call: Call) -> list[dict[str, Any]]:
    """All processes that work on tasks, on all machines; killed ones for an hour as `lost`."""
    return await statistics.workers(call.parts.settings.tasks.lease_s)


@queue.get(
    "/statistics/",
    needs=Permission.QUEUE_READ,
    query=StatisticsQuery,
    returns=StatisticsSchema(),
)
async def get_task_statistics(call: Call) -> dict[str, Any]:
    """What became of the tasks that were submitted in a span of time, by kind.

    Waiting ends when a worker begins; `retried` are those that were begun more than once.
    """
    end = call.query.get("end_time", datetime.now(UTC))
    start = call.query.get("start_time") or _before(end)
    if start > end:
        raise Invalid(details={"start_time": ["Must not be later than end_time."]})
    by_kind = await statistics.by_kind(start, end)
    return {"start_time": start, "end_time": end, "by_kind": by_kind}


def _before(end: datetime) -> datetime:
    earliest = datetime.min.replace(tzinfo=UTC)
    return end - USUAL_WINDOW if end - earliest > USUAL_WINDOW else earliest
