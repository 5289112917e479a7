"""The durable engine: it knows steps and Proxmox tasks, but no machines.

store ──> the `tasks` table ──> claim ──> worker ──> walk ──> the steps of an operation
submit, cancel, retry           who may    many at    forward,   (vmlab.operations)
                                have it    once       adopt, back
                                              journal: every write of the walk, fenced

A task is claimed for the time of a lease. Whoever holds it walks its steps and writes down each
intent before and each result after (`walk`, `journal`); if the holder dies, the lease ends and the
next one goes on from there. There is no other way of recovery than this ordinary claim.
"""

from vmlab.tasks.operation import Operation, Operations, PveStep, Step
from vmlab.tasks.parts import Parts
from vmlab.tasks.run import Run
from vmlab.tasks.store import (
    BULK,
    INTERACTIVE,
    LockTaken,
    NewTask,
    announce,
    request_cancel,
    retry,
    submit,
)

__all__ = [
    "BULK",
    "INTERACTIVE",
    "LockTaken",
    "NewTask",
    "Operation",
    "Operations",
    "Parts",
    "PveStep",
    "Run",
    "Step",
    "announce",
    "request_cancel",
    "retry",
    "submit",
]
