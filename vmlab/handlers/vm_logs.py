"""`vms/{id}/logs/`: everything that has happened to a machine, in one list."""

from __future__ import annotations

from vmlab.handlers.endpoint import API, Call, Endpoints
from vmlab.handlers.log_words import told
from vmlab.handlers.objects import VmObject
from vmlab.handlers.paging import Page
from vmlab.handlers.schemas.vm_logs import VmLogQuery, VmLogSchema
from vmlab.models import Vm
from vmlab.models.vm_log import LogFilter, log_page
from vmlab.rules.access import Permission

vm_logs = Endpoints(f"{API}/vms/{{id}}", tag="vms")


@vm_logs.get("/logs/", on=VmObject, needs=Permission.VM_READ, query=VmLogQuery, lists=VmLogSchema())
async def list_vm_logs(call: Call, vm: Vm) -> Page:
    """List what has happened to a machine.

    `task` are the tasks on it and their steps, `event` its states and consoles, also what was done
    in the Proxmox interface, `proxmox` the log lines of the tasks there, kept for good.
    """
    query = call.query
    page, size = query["page"], query["page_size"]
    rows, total = await log_page(
        vm.id,
        LogFilter(**{name: query[name] for name in ("source", "level", "since") if name in query}),
        newest_first=query["ordering"][0].startswith("-"),
        offset=(page - 1) * size,
        limit=size,
    )
    for row in rows:
        row["message"] = told(row)
        del row["reason"]
    return Page(rows, total, page, size)
