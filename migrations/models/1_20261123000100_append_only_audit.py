"""The audit log takes new rows and nothing else, whoever asks, on SQLite and on PostgreSQL."""

from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True

UP = {
    "sqlite": """
CREATE TRIGGER "audit_entries_no_update" BEFORE UPDATE ON "audit_entries"
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER "audit_entries_no_delete" BEFORE DELETE ON "audit_entries"
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER "audit_entries_no_replace" BEFORE INSERT ON "audit_entries"
WHEN EXISTS (SELECT 1 FROM "audit_entries" WHERE "id" = NEW."id")
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
""",
    "postgres": """
CREATE FUNCTION "audit_entries_append_only"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'the audit log is append-only'; END $$;
CREATE TRIGGER "audit_entries_no_change" BEFORE UPDATE OR DELETE ON "audit_entries"
FOR EACH ROW EXECUTE FUNCTION "audit_entries_append_only"();
CREATE TRIGGER "audit_entries_no_truncate" BEFORE TRUNCATE ON "audit_entries"
FOR EACH STATEMENT EXECUTE FUNCTION "audit_entries_append_only"();
""",
}

DOWN = {
    "sqlite": """
DROP TRIGGER "audit_entries_no_update";
DROP TRIGGER "audit_entries_no_delete";
DROP TRIGGER "audit_entries_no_replace";
""",
    "postgres": """
DROP TRIGGER "audit_entries_no_change" ON "audit_entries";
DROP TRIGGER "audit_entries_no_truncate" ON "audit_entries";
DROP FUNCTION "audit_entries_append_only"();
""",
}


async def upgrade(db: BaseDBAsyncClient) -> str:
    """Statements for the dialect of `db`."""
    return UP[db.capabilities.dialect]


async def downgrade(db: BaseDBAsyncClient) -> str:
    """Statements that let rows be changed again."""
    return DOWN[db.capabilities.dialect]
