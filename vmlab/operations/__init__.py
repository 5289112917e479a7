"""The verbs: what can be asked of VMLab that needs Proxmox.

One verb a file (creations have two). Each has what it is asked for (a frozen dataclass), `admit`
(one transaction that checks, writes the rows and submits the task), and its table of steps with
their undos, which the engine (`vmlab.tasks`) walks. After `admit`, call `vmlab.tasks.announce`: a
transaction that is not committed yet has nothing to announce.
"""

from __future__ import annotations

from vmlab.config import Settings
from vmlab.operations import (
    change_vm,
    create_replica_steps,
    create_vm_steps,
    delete_replica,
    delete_snapshot,
    delete_template,
    delete_vm,
    import_template_steps,
    power_vm,
    register_template,
    release_pool,
    rollback_vm,
    snapshot_vm,
    template_from_vm,
)
from vmlab.tasks.operation import Operations


def operations(settings: Settings) -> Operations:
    """All that a worker can be asked to do, by kind."""
    table = (
        create_vm_steps.operation(settings),
        change_vm.operation(settings),
        delete_vm.OPERATION,
        *power_vm.OPERATIONS,
        register_template.OPERATION,
        release_pool.OPERATION,
        import_template_steps.OPERATION,
        template_from_vm.OPERATION,
        delete_template.OPERATION,
        create_replica_steps.OPERATION,
        delete_replica.OPERATION,
        snapshot_vm.OPERATION,
        rollback_vm.operation(settings),
        delete_snapshot.OPERATION,
    )
    return {operation.kind: operation for operation in table}
