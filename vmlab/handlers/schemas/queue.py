"""Schemas of the queue's numbers."""

from __future__ import annotations

from marshmallow import fields, validate

from vmlab.handlers.schemas.base import Input, Output, Time


class QueueOfKind(Output):
    """Tasks of one kind by what they are doing."""

    pending = fields.Integer()
    running = fields.Integer()
    failed_24h = fields.Integer()
    succeeded_24h = fields.Integer()


class QueueSchema(QueueOfKind):
    """The queue at this moment; tasks with children count beside their children."""

    oldest_pending_s = fields.Float(
        allow_none=True, metadata={"description": "Seconds; null if none waits."}
    )
    by_kind = fields.Dict(keys=fields.String(), values=fields.Nested(QueueOfKind))


class WorkerSchema(Output):
    """A process that works on tasks."""

    id = fields.String()
    host = fields.String()
    pid = fields.Integer()
    version = fields.String()
    started_at = Time()
    last_seen_at = Time()
    state = fields.String(validate=validate.OneOf(["running", "stopping", "lost"]))
    concurrency = fields.Integer(metadata={"description": "Tasks at once"})
    running = fields.List(fields.Integer(), metadata={"description": "Ids of its tasks."})


class StatisticsQuery(Input):
    """Tasks that were submitted in this time."""

    start_time = Time(metadata={"description": "By default a week before the end."})
    end_time = Time(metadata={"description": "By default now."})


class SpanSchema(Output):
    """Seconds that so many percent of the tasks did not exceed; null where there are none."""

    p50 = fields.Float(allow_none=True)
    p95 = fields.Float(allow_none=True)


class KindStatistics(Output):
    """What became of the tasks of one kind."""

    total = fields.Integer()
    succeeded = fields.Integer()
    failed = fields.Integer()
    cancelled = fields.Integer()
    retried = fields.Integer()
    wait_s = fields.Nested(SpanSchema)
    run_s = fields.Nested(SpanSchema)


class StatisticsSchema(Output):
    """The numbers, and what they are of."""

    start_time = Time()
    end_time = Time()
    by_kind = fields.Dict(keys=fields.String(), values=fields.Nested(KindStatistics))
