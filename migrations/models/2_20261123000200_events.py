"""What happens to machines and tasks is noted in the transaction that changes them.

Only columns that somebody is shown count: not when a machine was last seen, nor a task's lease.
"""
# ruff: noqa: S608 - put together from what stands here

from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True

VM_COLUMNS = [
    "name",
    "description",
    "status",
    "owner_id",
    "course_id",
    "template_id",
    "cpu_cores",
    "memory_mb",
    "disk_gb",
    "node",
    "vmid",
    "ip_addresses",
    "mac_address",
    "started_at",
    "deleted_at",
]
TASK_COLUMNS = [
    "status",
    "progress",
    "step",
    "attempts",
    "error",
    "worker",
    "cancel_requested_at",
    "started_at",
    "finished_at",
]


def _changed(columns: list[str], differs: str) -> str:
    old, new = (", ".join(f'{row}."{name}"' for name in columns) for row in ("OLD", "NEW"))
    return f"({old}) {differs} ({new})"


_OWNER = (
    """(SELECT "owner_id" FROM "vms" WHERE NEW."target_type" = 'vm' AND "id" = NEW."target_id")"""
)


def _note_vm(transaction: str) -> str:
    return f"""
    INSERT INTO "events" ("transaction_id", "type", "object_id", "owner_id", "course_id")
    VALUES ({transaction}, 'vm', NEW."id", NEW."owner_id", NEW."course_id");"""


def _note_task(transaction: str) -> str:
    columns = '"transaction_id", "type", "object_id", "owner_id", "created_by_id", "course_id"'
    return f"""
    INSERT INTO "events" ({columns})
    VALUES ({transaction}, 'task', NEW."id", {_OWNER}, NEW."created_by_id", NEW."course_id");"""


def _note_lock(transaction: str) -> str:
    """The task under way on a machine is a part of what is shown of the machine."""
    return f"""
    INSERT INTO "events" ("transaction_id", "type", "object_id", "owner_id", "course_id")
    SELECT {transaction}, 'vm', "id", "owner_id", "course_id" FROM "vms"
    WHERE NEW."target_type" = 'vm' AND "id" = NEW."target_id";"""


def _sqlite() -> str:
    triggers = [
        ("vms_event_new", 'INSERT ON "vms"', "", _note_vm("0")),
        ("vms_event", 'UPDATE ON "vms"', _changed(VM_COLUMNS, "IS NOT"), _note_vm("0")),
        ("tasks_event_new", 'INSERT ON "tasks"', "", _note_task("0")),
        ("tasks_event", 'UPDATE ON "tasks"', _changed(TASK_COLUMNS, "IS NOT"), _note_task("0")),
        ("tasks_event_locked", 'INSERT ON "tasks"', 'NEW."lock" IS NOT NULL', _note_lock("0")),
        ("tasks_event_lock", 'UPDATE ON "tasks"', _changed(["lock"], "IS NOT"), _note_lock("0")),
    ]
    return "\n".join(
        f'CREATE TRIGGER "{name}" AFTER {event} {f"WHEN {when}" if when else ""}\nBEGIN{body}\nEND;'
        for name, event, when, body in triggers
    )


def _postgres() -> str:
    now = "pg_current_xact_id()::text::bigint"
    functions = {
        "vms_event": _note_vm(now),
        "tasks_event": _note_task(now),
        "tasks_event_lock": _note_lock(now),
    }
    differs = "IS DISTINCT FROM"
    triggers = [
        ("vms_event_new", 'INSERT ON "vms"', "", "vms_event"),
        ("vms_event", 'UPDATE ON "vms"', _changed(VM_COLUMNS, differs), "vms_event"),
        ("tasks_event_new", 'INSERT ON "tasks"', "", "tasks_event"),
        ("tasks_event", 'UPDATE ON "tasks"', _changed(TASK_COLUMNS, differs), "tasks_event"),
        ("tasks_event_locked", 'INSERT ON "tasks"', 'NEW."lock" IS NOT NULL', "tasks_event_lock"),
        ("tasks_event_lock", 'UPDATE ON "tasks"', _changed(["lock"], differs), "tasks_event_lock"),
    ]
    return "\n".join(
        [
            f'CREATE FUNCTION "{name}"() RETURNS trigger LANGUAGE plpgsql AS $$\n'
            f"BEGIN{body}\n    RETURN NULL;\nEND $$;"
            for name, body in functions.items()
        ]
        + [
            f'CREATE TRIGGER "{name}" AFTER {event} FOR EACH ROW {f"WHEN ({when})" if when else ""}'
            f' EXECUTE FUNCTION "{function}"();'
            for name, event, when, function in triggers
        ]
    )


TRIGGERS = {
    "vms": ("vms_event_new", "vms_event"),
    "tasks": ("tasks_event_new", "tasks_event", "tasks_event_locked", "tasks_event_lock"),
}


async def upgrade(db: BaseDBAsyncClient) -> str:
    """Statements for the dialect of `db`."""
    return _sqlite() if db.capabilities.dialect == "sqlite" else _postgres()


async def downgrade(db: BaseDBAsyncClient) -> str:
    """Statements that end the noting."""
    if db.capabilities.dialect == "sqlite":
        return "\n".join(f'DROP TRIGGER "{name}";' for names in TRIGGERS.values() for name in names)
    dropped = [
        f'DROP TRIGGER "{name}" ON "{table}";'
        for table, names in TRIGGERS.items()
        for name in names
    ]
    functions = ("vms_event", "tasks_event", "tasks_event_lock")
    return "\n".join(dropped + [f'DROP FUNCTION "{name}"();' for name in functions])
