"""Takes away the Proxmox pool of a course that was deleted.

release   delete the pool, if it is empty and VMLab made it; anybody else's stays

Only where each course has a pool (`[guests] pool_per_course`). The course is gone by then, so the
pool is known by its number, which no other course ever gets.
"""

from __future__ import annotations

from vmlab.config import Guests
from vmlab.models import TaskStatus
from vmlab.proxmox.faults import ObjectMissing
from vmlab.rules import names
from vmlab.tasks.operation import Operation, Step
from vmlab.tasks.run import Run
from vmlab.tasks.store import NewTask

KIND = "course.release_pool"


def task_for(course_id: int, settings: Guests, *, created_by_id: int | None) -> NewTask | None:
    """The task for a course that is being deleted; None where courses have no pools."""
    if not settings.pool_per_course:
        return None
    return NewTask(
        kind=KIND,
        target_type="course",
        target_id=course_id,
        params={"pool": names.pool(settings.pool, per_course=True, course_id=course_id)},
        created_by_id=created_by_id,
    )


async def _release(run: Run) -> dict[str, str]:
    pool, cluster = run.params["pool"], run.parts.cluster
    comment = (await cluster.pools()).get(pool)
    if comment is None:
        return {"pool": "gone"}
    if comment != names.pool_comment(run.task.target_id):
        return {"pool": "kept: not made by VMLab"}
    try:
        if await cluster.pool_members(pool):
            return {"pool": "kept: not empty"}
        # Proxmox itself refuses to delete one that has members by now (pve-access-control 8.4).
        await cluster.delete_pool(pool)
    except ObjectMissing:
        return {"pool": "gone"}
    return {"pool": "deleted"}


async def _settle(_run: Run, _status: TaskStatus) -> None:
    """No row tells of pools."""


OPERATION = Operation(kind=KIND, steps=(Step("release", _release),), settle=_settle)
