"""Tasks of a node: the list with its filters, status, log, stopping."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from vmlab.simulator import formats
from vmlab.simulator.errors import invalid
from vmlab.simulator.jobs import UPID, Job
from vmlab.simulator.routes import Call, Reply, route

_TASK = "/nodes/{node}/tasks/{upid}"
DEFAULT_LIMIT = 50


@route("GET", "/nodes/{node}/tasks")
async def index(call: Call) -> Any:
    """The caller's tasks, all of them with Sys.Audit; only ended ones unless `source` says so."""
    assert call.node is not None
    source = call.params.get("source", "archive")
    jobs = [job for job in call.sim.jobs.on(call.node.name) if _wanted(call, job)]
    rows: list[dict[str, Any]] = []
    if source in ("active", "all"):
        rows += [_active_row(job) for job in jobs if job.running]
    if source in ("archive", "all"):
        rows += [_ended_row(job) for job in jobs if not job.running]
    start, limit = call.params.get("start", 0), call.params.get("limit", DEFAULT_LIMIT)
    return Reply(rows[start : start + limit], total=len(rows))


def _active_row(job: Job) -> dict[str, Any]:
    # pve-manager reads this source raw: the user is not taken apart there.
    row = {**job.row(), "user": job.user, "status": "RUNNING", "saved": "0"}
    row.pop("tokenid", None)
    return row


def _ended_row(job: Job) -> dict[str, Any]:
    return {**job.row(), "endtime": job.endtime, "status": job.status}


def _wanted(call: Call, job: Job) -> bool:
    return (_owned(call, job) or call.has(f"/nodes/{job.node}", "Sys.Audit")) and all(
        _filters(call.params, job)
    )


def _filters(params: dict[str, Any], job: Job) -> Iterator[bool]:
    yield params.get("userfilter", "").lower() in job.user.lower()
    yield params.get("typefilter", job.kind) == job.kind
    yield str(params.get("vmid", job.id)) == job.id
    yield job.starttime >= params.get("since", job.starttime)
    yield job.starttime <= params.get("until", job.starttime)
    if params.get("errors"):
        yield job.status != "OK"
    if "statusfilter" in params:
        yield _state(job) in formats.items(params["statusfilter"])


def _state(job: Job) -> str:
    if job.status == "OK":
        return "ok"
    if job.status is None or job.status == "unexpected status":
        return "unknown"
    return "warning" if job.status.startswith("WARNINGS: ") else "error"


def _owned(call: Call, job: Job) -> bool:
    """A token owns its own tasks; a user own and all of the user's tokens'."""
    return job.user == call.who.full or (
        call.who.token is None and job.user.startswith(f"{call.who.userid}!")
    )


def _job(call: Call, priv: str) -> Job:
    """The task that the path names, if the caller may deal with it.

    Raises:
        ApiError: 400 for garbage or an unknown UPID, 403 naming `priv` for a foreign one.
    """
    assert call.node is not None
    upid = call.params["upid"]
    if not UPID.fullmatch(upid):
        raise invalid(upid="unable to parse worker upid")
    job = call.sim.jobs.find(upid)
    if job is None or job.node != call.node.name:
        raise invalid(upid="no such task")
    if not _owned(call, job):
        call.require(f"/nodes/{call.node.name}", priv)
    return job


@route("GET", _TASK)
async def directory(call: Call) -> Any:
    """What there is below a task."""
    return [{"name": "log"}, {"name": "status"}]


@route("GET", _TASK + "/status")
async def status(call: Call) -> Any:
    """Whether it runs, or how it ended."""
    job = _job(call, "Sys.Audit")
    if job.running:
        return {**job.row(), "status": "running"}
    return {**job.row(), "status": "stopped", "exitstatus": job.status}


@route("GET", _TASK + "/log")
async def log(call: Call) -> Any:
    """Lines of the log, numbered from 1; `limit=0` gives the rest."""
    lines = _job(call, "Sys.Audit").lines
    start, limit = call.params.get("start", 0), call.params.get("limit", DEFAULT_LIMIT)
    end = start + limit if limit else len(lines)
    rows = [{"n": start + n, "t": text} for n, text in enumerate(lines[start:end], 1)]
    return Reply(rows or [{"n": 1, "t": "no content"}], total=len(lines))


@route("DELETE", _TASK)
async def stop(call: Call) -> Any:
    """Stop a task; one that has ended stays as it is."""
    await call.sim.jobs.stop(_job(call, "Sys.Modify"))
