"""Each change of a machine's state or hardware is noted in the transaction that makes it."""

from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True

COLUMNS = ("status", "name", "node", "cpu_cores", "memory_mb", "disk_gb")

_LEVEL = """CASE WHEN NEW."status" IN ('error', 'missing') THEN 'warning' ELSE 'info' END"""


def _value(row: str, column: str) -> str:
    return f"""COALESCE(CAST({row}."{column}" AS TEXT), '-')"""


def _difference(column: str) -> str:
    old, new = _value("OLD", column), _value("NEW", column)
    return (
        f"""CASE WHEN {old} <> {new} THEN ', {column}: ' || {old} || ' → ' || {new} ELSE '' END"""
    )


_CHANGED = " OR ".join(f"{_value('OLD', name)} <> {_value('NEW', name)}" for name in COLUMNS)
_CHANGES = f"SUBSTR({' || '.join(map(_difference, COLUMNS))}, 3)"
_BEGINNING = "'status: ' || NEW.\"status\""


def _note(now: str, message: str) -> str:
    columns = '"vm_id", "at", "kind", "level", "message", "status", "cpu_cores"'
    return f"""
    INSERT INTO "vm_events" ({columns})
    VALUES (NEW."id", {now}, 'state', {_LEVEL}, {message}, NEW."status", NEW."cpu_cores");"""  # noqa: S608 - no input


def _sqlite() -> str:
    now = "STRFTIME('%Y-%m-%d %H:%M:%f', 'now') || '000+00:00'"
    return f"""
CREATE TRIGGER "vms_state_new" AFTER INSERT ON "vms"
BEGIN{_note(now, _BEGINNING)}
END;
CREATE TRIGGER "vms_state" AFTER UPDATE ON "vms" WHEN {_CHANGED}
BEGIN{_note(now, _CHANGES)}
END;"""


def _postgres() -> str:
    now = "CLOCK_TIMESTAMP()"
    return f"""
CREATE FUNCTION "vms_state_new"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN{_note(now, _BEGINNING)}
    RETURN NULL;
END $$;
CREATE FUNCTION "vms_state"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN{_note(now, _CHANGES)}
    RETURN NULL;
END $$;
CREATE TRIGGER "vms_state_new" AFTER INSERT ON "vms"
    FOR EACH ROW EXECUTE FUNCTION "vms_state_new"();
CREATE TRIGGER "vms_state" AFTER UPDATE ON "vms"
    FOR EACH ROW WHEN ({_CHANGED}) EXECUTE FUNCTION "vms_state"();"""


async def upgrade(db: BaseDBAsyncClient) -> str:
    """Statements for the dialect of `db`."""
    return _sqlite() if db.capabilities.dialect == "sqlite" else _postgres()


async def downgrade(db: BaseDBAsyncClient) -> str:
    """Statements that end the noting."""
    names = ("vms_state_new", "vms_state")
    if db.capabilities.dialect == "sqlite":
        return "\n".join(f'DROP TRIGGER "{name}";' for name in names)
    dropped = [f'DROP TRIGGER "{name}" ON "vms";' for name in names]
    return "\n".join(dropped + [f'DROP FUNCTION "{name}"();' for name in names])
