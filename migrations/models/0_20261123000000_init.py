"""The first schema: every table, for SQLite and for PostgreSQL."""

from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True

UP = {
    "sqlite": """
CREATE TABLE IF NOT EXISTS "roles" (
    "id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    "name" VARCHAR(32) NOT NULL UNIQUE,
    "description" VARCHAR(200) NOT NULL
) /* A named set of permissions; which ones stands in `vmlab.rules.access`. */;
CREATE TABLE IF NOT EXISTS "users" (
    "id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    "username" VARCHAR(64) NOT NULL UNIQUE,
    "email" VARCHAR(254) NOT NULL UNIQUE,
    "password_hash" VARCHAR(200) NOT NULL,
    "first_name" VARCHAR(64) NOT NULL,
    "last_name" VARCHAR(64) NOT NULL,
    "is_active" INT NOT NULL,
    "avatar" VARCHAR(64),
    "date_joined" TIMESTAMP NOT NULL,
    "last_login" TIMESTAMP
) /* Somebody who can sign in. */;
CREATE TABLE IF NOT EXISTS "auth_sessions" (
    "id" VARCHAR(32) NOT NULL PRIMARY KEY,
    "cookie_hash" VARCHAR(64) UNIQUE,
    "csrf_hash" VARCHAR(64),
    "address" VARCHAR(64) NOT NULL,
    "user_agent" VARCHAR(200) NOT NULL,
    "created_at" TIMESTAMP NOT NULL,
    "expires_at" TIMESTAMP NOT NULL,
    "revoked_at" TIMESTAMP,
    "user_id" INT NOT NULL REFERENCES "users" ("id") ON DELETE CASCADE
) /* One login, from signing in to signing out. */;
CREATE INDEX IF NOT EXISTS "idx_auth_sessio_user_id_78519e" ON "auth_sessions" ("user_id", "revoked_at");
CREATE TABLE IF NOT EXISTS "refresh_tokens" (
    "id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    "token_hash" VARCHAR(64) NOT NULL UNIQUE,
    "expires_at" TIMESTAMP NOT NULL,
    "spent_at" TIMESTAMP,
    "session_id" VARCHAR(32) NOT NULL REFERENCES "auth_sessions" ("id") ON DELETE CASCADE
) /* A token that buys the next pair, once. */;
CREATE TABLE IF NOT EXISTS "password_resets" (
    "id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    "token_hash" VARCHAR(64) NOT NULL UNIQUE,
    "account_hash" VARCHAR(64) NOT NULL,
    "expires_at" TIMESTAMP NOT NULL,
    "user_id" INT NOT NULL REFERENCES "users" ("id") ON DELETE CASCADE
) /* One such token, good once and not for long. */;
CREATE TABLE IF NOT EXISTS "invitations" (
    "id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    "code_hash" VARCHAR(64) NOT NULL UNIQUE,
    "email" VARCHAR(254),
    "role" VARCHAR(32) NOT NULL,
    "max_uses" INT NOT NULL,
    "uses" INT NOT NULL,
    "created_at" TIMESTAMP NOT NULL,
    "expires_at" TIMESTAMP NOT NULL,
    "created_by_id" INT REFERENCES "users" ("id") ON DELETE SET NULL
) /* A code that makes so many accounts with a role. */;
CREATE TABLE IF NOT EXISTS "quotas" (
    "cpu_cores" INT NOT NULL,
    "memory_mb" INT NOT NULL,
    "disk_gb" INT NOT NULL,
    "vm_limit" INT NOT NULL,
    "user_id" INT NOT NULL PRIMARY KEY REFERENCES "users" ("id") ON DELETE CASCADE
) /* Limits of one user. */;
CREATE TABLE IF NOT EXISTS "courses" (
    "id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    "name" VARCHAR(128) NOT NULL,
    "code" VARCHAR(32) UNIQUE,
    "description" TEXT NOT NULL,
    "starts_at" TIMESTAMP,
    "ends_at" TIMESTAMP,
    "is_active" INT NOT NULL,
    "created_at" TIMESTAMP NOT NULL,
    "updated_at" TIMESTAMP NOT NULL
) /* A class that is taught with machines. */;
CREATE TABLE IF NOT EXISTS "memberships" (
    "id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    "role" VARCHAR(16) NOT NULL /* TEACHER: teacher\nSTUDENT: student */,
    "joined_at" TIMESTAMP NOT NULL,
    "course_id" INT NOT NULL REFERENCES "courses" ("id") ON DELETE CASCADE,
    "user_id" INT NOT NULL REFERENCES "users" ("id") ON DELETE CASCADE,
    CONSTRAINT "uid_memberships_course__9393fc" UNIQUE ("course_id", "user_id", "role")
) /* A user's place in a course. */;
CREATE INDEX IF NOT EXISTS "idx_memberships_user_id_e403d8" ON "memberships" ("user_id", "role");
CREATE TABLE IF NOT EXISTS "templates" (
    "id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    "name" VARCHAR(128) NOT NULL,
    "description" TEXT NOT NULL,
    "status" VARCHAR(16) NOT NULL /* PENDING: pending\nVALIDATING: validating\nIMPORTING: importing\nREADY: ready\nINVALID: invalid\nERROR: error */,
    "os_type" VARCHAR(32) NOT NULL,
    "is_public" INT NOT NULL,
    "default_cpu_cores" INT NOT NULL,
    "default_memory_mb" INT NOT NULL,
    "default_disk_gb" INT NOT NULL,
    "ssh_username" VARCHAR(32) NOT NULL,
    "node" VARCHAR(64),
    "vmid" INT,
    "storage" VARCHAR(64),
    "shared_storage" INT NOT NULL,
    "disk_gb" INT NOT NULL,
    "size_bytes" BIGINT,
    "format" VARCHAR(16),
    "sha256" VARCHAR(64),
    "validation" JSON,
    "created_at" TIMESTAMP NOT NULL,
    "updated_at" TIMESTAMP NOT NULL,
    "course_id" INT NOT NULL REFERENCES "courses" ("id") ON DELETE RESTRICT,
    "owner_id" INT NOT NULL REFERENCES "users" ("id") ON DELETE RESTRICT
) /* A Proxmox template that a course (or, if public, every course) may use. */;
CREATE INDEX IF NOT EXISTS "idx_templates_course__b27bfc" ON "templates" ("course_id", "status");
CREATE TABLE IF NOT EXISTS "vms" (
    "id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    "uuid" CHAR(36) NOT NULL UNIQUE,
    "name" VARCHAR(63) NOT NULL,
    "description" TEXT NOT NULL,
    "status" VARCHAR(16) NOT NULL /* CREATING: creating\nSTOPPED: stopped\nRUNNING: running\nPAUSED: paused\nERROR: error\nDELETING: deleting\nMISSING: missing */,
    "cpu_cores" INT NOT NULL,
    "memory_mb" INT NOT NULL,
    "disk_gb" INT NOT NULL,
    "reserved" INT NOT NULL,
    "node" VARCHAR(64),
    "vmid" INT UNIQUE,
    "smbios_uuid" VARCHAR(36),
    "mac_address" VARCHAR(17),
    "ip_addresses" JSON NOT NULL,
    "started_at" TIMESTAMP,
    "observed_at" TIMESTAMP,
    "created_at" TIMESTAMP NOT NULL,
    "updated_at" TIMESTAMP NOT NULL,
    "deleted_at" TIMESTAMP,
    "course_id" INT REFERENCES "courses" ("id") ON DELETE RESTRICT,
    "owner_id" INT NOT NULL REFERENCES "users" ("id") ON DELETE RESTRICT,
    "template_id" INT REFERENCES "templates" ("id") ON DELETE SET NULL
) /* One machine of one owner. */;
CREATE INDEX IF NOT EXISTS "idx_vms_owner_i_106a52" ON "vms" ("owner_id", "deleted_at");
CREATE INDEX IF NOT EXISTS "idx_vms_course__4045da" ON "vms" ("course_id", "deleted_at");
CREATE INDEX IF NOT EXISTS "idx_vms_status_ae184a" ON "vms" ("status");
CREATE TABLE IF NOT EXISTS "tasks" (
    "id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    "kind" VARCHAR(48) NOT NULL,
    "status" VARCHAR(16) NOT NULL /* PENDING: pending\nRUNNING: running\nSUCCEEDED: succeeded\nFAILED: failed\nCANCELLED: cancelled */,
    "params" JSON NOT NULL,
    "target_type" VARCHAR(16) NOT NULL,
    "target_id" INT NOT NULL,
    "lock" VARCHAR(32) UNIQUE,
    "lanes" JSON NOT NULL,
    "priority" SMALLINT NOT NULL,
    "attempts" INT NOT NULL,
    "max_attempts" INT NOT NULL,
    "fence" INT NOT NULL,
    "worker" VARCHAR(64),
    "lease_until" TIMESTAMP,
    "run_at" TIMESTAMP NOT NULL,
    "unwinding" INT NOT NULL,
    "cancel_requested_at" TIMESTAMP,
    "progress" SMALLINT NOT NULL,
    "step" VARCHAR(48),
    "error" JSON,
    "result" JSON,
    "created_at" TIMESTAMP NOT NULL,
    "started_at" TIMESTAMP,
    "finished_at" TIMESTAMP,
    "course_id" INT REFERENCES "courses" ("id") ON DELETE SET NULL,
    "created_by_id" INT REFERENCES "users" ("id") ON DELETE SET NULL,
    "parent_id" INT REFERENCES "tasks" ("id") ON DELETE CASCADE
) /* One piece of work: a verb on a target, or the parent of many. */;
CREATE INDEX IF NOT EXISTS "idx_tasks_status_97f001" ON "tasks" ("status", "run_at");
CREATE INDEX IF NOT EXISTS "idx_tasks_target__3e34ae" ON "tasks" ("target_type", "target_id");
CREATE INDEX IF NOT EXISTS "idx_tasks_parent__f22067" ON "tasks" ("parent_id");
CREATE INDEX IF NOT EXISTS "idx_tasks_created_b70a91" ON "tasks" ("created_by_id", "created_at");
CREATE TABLE IF NOT EXISTS "task_steps" (
    "id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    "position" SMALLINT NOT NULL,
    "name" VARCHAR(48) NOT NULL,
    "status" VARCHAR(16) NOT NULL /* STARTED: started\nDONE: done\nFAILED: failed\nUNDOING: undoing\nUNDONE: undone\nSTUCK: stuck */,
    "node" VARCHAR(64),
    "upid" VARCHAR(200),
    "undo_upid" VARCHAR(200),
    "since" INT,
    "output" JSON,
    "error" TEXT,
    "started_at" TIMESTAMP NOT NULL,
    "finished_at" TIMESTAMP,
    "task_id" INT NOT NULL REFERENCES "tasks" ("id") ON DELETE CASCADE,
    CONSTRAINT "uid_task_steps_task_id_a5273a" UNIQUE ("task_id", "name")
) /* What is known of one step of one task: written before, between and after. */;
CREATE TABLE IF NOT EXISTS "workers" (
    "id" VARCHAR(64) NOT NULL PRIMARY KEY,
    "host" VARCHAR(128) NOT NULL,
    "pid" INT NOT NULL,
    "version" VARCHAR(32) NOT NULL,
    "state" VARCHAR(16) NOT NULL,
    "concurrency" INT NOT NULL,
    "started_at" TIMESTAMP NOT NULL,
    "last_seen_at" TIMESTAMP NOT NULL
) /* A process that runs tasks, by its own last sign of life. */;
CREATE TABLE IF NOT EXISTS "idempotency_keys" (
    "id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    "key" VARCHAR(128) NOT NULL,
    "request_hash" VARCHAR(64) NOT NULL,
    "status" SMALLINT,
    "body" TEXT,
    "created_at" TIMESTAMP NOT NULL,
    "user_id" INT NOT NULL REFERENCES "users" ("id") ON DELETE CASCADE,
    CONSTRAINT "uid_idempotency_user_id_bc4599" UNIQUE ("user_id", "key")
) /* One key of one user, good for a day; `status` is null while the first answer is made. */;
CREATE TABLE IF NOT EXISTS "audit_entries" (
    "id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    "created_at" TIMESTAMP NOT NULL,
    "user_id" INT,
    "username" VARCHAR(64) NOT NULL,
    "action" VARCHAR(64) NOT NULL,
    "method" VARCHAR(8) NOT NULL,
    "target_type" VARCHAR(16) NOT NULL,
    "target_id" INT,
    "address" VARCHAR(64) NOT NULL,
    "request_id" VARCHAR(64) NOT NULL,
    "result" VARCHAR(16) NOT NULL /* SUCCESS: success\nREFUSED: refused\nFAILED: failed */,
    "status" SMALLINT NOT NULL,
    "code" VARCHAR(32) NOT NULL,
    "details" JSON NOT NULL
) /* One act, or one that was refused; never a secret and never a body. */;
CREATE INDEX IF NOT EXISTS "idx_audit_entri_created_a88510" ON "audit_entries" ("created_at");
CREATE INDEX IF NOT EXISTS "idx_audit_entri_user_id_ca372c" ON "audit_entries" ("user_id", "created_at");
CREATE INDEX IF NOT EXISTS "idx_audit_entri_target__a085eb" ON "audit_entries" ("target_type", "target_id", "created_at");
CREATE TABLE IF NOT EXISTS "aerich" (
    "id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    "version" VARCHAR(255) NOT NULL,
    "app" VARCHAR(100) NOT NULL,
    "content" JSON NOT NULL
);
CREATE TABLE IF NOT EXISTS "user_roles" (
    "users_id" INT NOT NULL REFERENCES "users" ("id") ON DELETE CASCADE,
    "role_id" INT NOT NULL REFERENCES "roles" ("id") ON DELETE CASCADE
);
CREATE UNIQUE INDEX IF NOT EXISTS "uidx_user_roles_users_i_c62307" ON "user_roles" ("users_id", "role_id");
""",
    "postgres": """
CREATE TABLE IF NOT EXISTS "roles" (
    "id" SERIAL NOT NULL PRIMARY KEY,
    "name" VARCHAR(32) NOT NULL UNIQUE,
    "description" VARCHAR(200) NOT NULL
);
COMMENT ON TABLE "roles" IS 'A named set of permissions; which ones stands in `vmlab.rules.access`.';
CREATE TABLE IF NOT EXISTS "users" (
    "id" SERIAL NOT NULL PRIMARY KEY,
    "username" VARCHAR(64) NOT NULL UNIQUE,
    "email" VARCHAR(254) NOT NULL UNIQUE,
    "password_hash" VARCHAR(200) NOT NULL,
    "first_name" VARCHAR(64) NOT NULL,
    "last_name" VARCHAR(64) NOT NULL,
    "is_active" BOOL NOT NULL,
    "avatar" VARCHAR(64),
    "date_joined" TIMESTAMPTZ NOT NULL,
    "last_login" TIMESTAMPTZ
);
COMMENT ON TABLE "users" IS 'Somebody who can sign in.';
CREATE TABLE IF NOT EXISTS "auth_sessions" (
    "id" VARCHAR(32) NOT NULL PRIMARY KEY,
    "cookie_hash" VARCHAR(64) UNIQUE,
    "csrf_hash" VARCHAR(64),
    "address" VARCHAR(64) NOT NULL,
    "user_agent" VARCHAR(200) NOT NULL,
    "created_at" TIMESTAMPTZ NOT NULL,
    "expires_at" TIMESTAMPTZ NOT NULL,
    "revoked_at" TIMESTAMPTZ,
    "user_id" INT NOT NULL REFERENCES "users" ("id") ON DELETE CASCADE
);
CREATE INDEX IF NOT EXISTS "idx_auth_sessio_user_id_78519e" ON "auth_sessions" ("user_id", "revoked_at");
COMMENT ON TABLE "auth_sessions" IS 'One login, from signing in to signing out.';
CREATE TABLE IF NOT EXISTS "refresh_tokens" (
    "id" SERIAL NOT NULL PRIMARY KEY,
    "token_hash" VARCHAR(64) NOT NULL UNIQUE,
    "expires_at" TIMESTAMPTZ NOT NULL,
    "spent_at" TIMESTAMPTZ,
    "session_id" VARCHAR(32) NOT NULL REFERENCES "auth_sessions" ("id") ON DELETE CASCADE
);
COMMENT ON TABLE "refresh_tokens" IS 'A token that buys the next pair, once.';
CREATE TABLE IF NOT EXISTS "password_resets" (
    "id" SERIAL NOT NULL PRIMARY KEY,
    "token_hash" VARCHAR(64) NOT NULL UNIQUE,
    "account_hash" VARCHAR(64) NOT NULL,
    "expires_at" TIMESTAMPTZ NOT NULL,
    "user_id" INT NOT NULL REFERENCES "users" ("id") ON DELETE CASCADE
);
COMMENT ON TABLE "password_resets" IS 'One such token, good once and not for long.';
CREATE TABLE IF NOT EXISTS "invitations" (
    "id" SERIAL NOT NULL PRIMARY KEY,
    "code_hash" VARCHAR(64) NOT NULL UNIQUE,
    "email" VARCHAR(254),
    "role" VARCHAR(32) NOT NULL,
    "max_uses" INT NOT NULL,
    "uses" INT NOT NULL,
    "created_at" TIMESTAMPTZ NOT NULL,
    "expires_at" TIMESTAMPTZ NOT NULL,
    "created_by_id" INT REFERENCES "users" ("id") ON DELETE SET NULL
);
COMMENT ON TABLE "invitations" IS 'A code that makes so many accounts with a role.';
CREATE TABLE IF NOT EXISTS "quotas" (
    "cpu_cores" INT NOT NULL,
    "memory_mb" INT NOT NULL,
    "disk_gb" INT NOT NULL,
    "vm_limit" INT NOT NULL,
    "user_id" INT NOT NULL PRIMARY KEY REFERENCES "users" ("id") ON DELETE CASCADE
);
COMMENT ON TABLE "quotas" IS 'Limits of one user.';
CREATE TABLE IF NOT EXISTS "courses" (
    "id" SERIAL NOT NULL PRIMARY KEY,
    "name" VARCHAR(128) NOT NULL,
    "code" VARCHAR(32) UNIQUE,
    "description" TEXT NOT NULL,
    "starts_at" TIMESTAMPTZ,
    "ends_at" TIMESTAMPTZ,
    "is_active" BOOL NOT NULL,
    "created_at" TIMESTAMPTZ NOT NULL,
    "updated_at" TIMESTAMPTZ NOT NULL
);
COMMENT ON TABLE "courses" IS 'A class that is taught with machines.';
CREATE TABLE IF NOT EXISTS "memberships" (
    "id" SERIAL NOT NULL PRIMARY KEY,
    "role" VARCHAR(16) NOT NULL,
    "joined_at" TIMESTAMPTZ NOT NULL,
    "course_id" INT NOT NULL REFERENCES "courses" ("id") ON DELETE CASCADE,
    "user_id" INT NOT NULL REFERENCES "users" ("id") ON DELETE CASCADE,
    CONSTRAINT "uid_memberships_course__9393fc" UNIQUE ("course_id", "user_id", "role")
);
CREATE INDEX IF NOT EXISTS "idx_memberships_user_id_e403d8" ON "memberships" ("user_id", "role");
COMMENT ON COLUMN "memberships"."role" IS 'TEACHER: teacher\nSTUDENT: student';
COMMENT ON TABLE "memberships" IS 'A user''s place in a course.';
CREATE TABLE IF NOT EXISTS "templates" (
    "id" SERIAL NOT NULL PRIMARY KEY,
    "name" VARCHAR(128) NOT NULL,
    "description" TEXT NOT NULL,
    "status" VARCHAR(16) NOT NULL,
    "os_type" VARCHAR(32) NOT NULL,
    "is_public" BOOL NOT NULL,
    "default_cpu_cores" INT NOT NULL,
    "default_memory_mb" INT NOT NULL,
    "default_disk_gb" INT NOT NULL,
    "ssh_username" VARCHAR(32) NOT NULL,
    "node" VARCHAR(64),
    "vmid" INT,
    "storage" VARCHAR(64),
    "shared_storage" BOOL NOT NULL,
    "disk_gb" INT NOT NULL,
    "size_bytes" BIGINT,
    "format" VARCHAR(16),
    "sha256" VARCHAR(64),
    "validation" JSONB,
    "created_at" TIMESTAMPTZ NOT NULL,
    "updated_at" TIMESTAMPTZ NOT NULL,
    "course_id" INT NOT NULL REFERENCES "courses" ("id") ON DELETE RESTRICT,
    "owner_id" INT NOT NULL REFERENCES "users" ("id") ON DELETE RESTRICT
);
CREATE INDEX IF NOT EXISTS "idx_templates_course__b27bfc" ON "templates" ("course_id", "status");
COMMENT ON COLUMN "templates"."status" IS 'PENDING: pending\nVALIDATING: validating\nIMPORTING: importing\nREADY: ready\nINVALID: invalid\nERROR: error';
COMMENT ON TABLE "templates" IS 'A Proxmox template that a course (or, if public, every course) may use.';
CREATE TABLE IF NOT EXISTS "vms" (
    "id" SERIAL NOT NULL PRIMARY KEY,
    "uuid" UUID NOT NULL UNIQUE,
    "name" VARCHAR(63) NOT NULL,
    "description" TEXT NOT NULL,
    "status" VARCHAR(16) NOT NULL,
    "cpu_cores" INT NOT NULL,
    "memory_mb" INT NOT NULL,
    "disk_gb" INT NOT NULL,
    "reserved" BOOL NOT NULL,
    "node" VARCHAR(64),
    "vmid" INT UNIQUE,
    "smbios_uuid" VARCHAR(36),
    "mac_address" VARCHAR(17),
    "ip_addresses" JSONB NOT NULL,
    "started_at" TIMESTAMPTZ,
    "observed_at" TIMESTAMPTZ,
    "created_at" TIMESTAMPTZ NOT NULL,
    "updated_at" TIMESTAMPTZ NOT NULL,
    "deleted_at" TIMESTAMPTZ,
    "course_id" INT REFERENCES "courses" ("id") ON DELETE RESTRICT,
    "owner_id" INT NOT NULL REFERENCES "users" ("id") ON DELETE RESTRICT,
    "template_id" INT REFERENCES "templates" ("id") ON DELETE SET NULL
);
CREATE INDEX IF NOT EXISTS "idx_vms_owner_i_106a52" ON "vms" ("owner_id", "deleted_at");
CREATE INDEX IF NOT EXISTS "idx_vms_course__4045da" ON "vms" ("course_id", "deleted_at");
CREATE INDEX IF NOT EXISTS "idx_vms_status_ae184a" ON "vms" ("status");
COMMENT ON COLUMN "vms"."status" IS 'CREATING: creating\nSTOPPED: stopped\nRUNNING: running\nPAUSED: paused\nERROR: error\nDELETING: deleting\nMISSING: missing';
COMMENT ON TABLE "vms" IS 'One machine of one owner.';
CREATE TABLE IF NOT EXISTS "tasks" (
    "id" SERIAL NOT NULL PRIMARY KEY,
    "kind" VARCHAR(48) NOT NULL,
    "status" VARCHAR(16) NOT NULL,
    "params" JSONB NOT NULL,
    "target_type" VARCHAR(16) NOT NULL,
    "target_id" INT NOT NULL,
    "lock" VARCHAR(32) UNIQUE,
    "lanes" JSONB NOT NULL,
    "priority" SMALLINT NOT NULL,
    "attempts" INT NOT NULL,
    "max_attempts" INT NOT NULL,
    "fence" INT NOT NULL,
    "worker" VARCHAR(64),
    "lease_until" TIMESTAMPTZ,
    "run_at" TIMESTAMPTZ NOT NULL,
    "unwinding" BOOL NOT NULL,
    "cancel_requested_at" TIMESTAMPTZ,
    "progress" SMALLINT NOT NULL,
    "step" VARCHAR(48),
    "error" JSONB,
    "result" JSONB,
    "created_at" TIMESTAMPTZ NOT NULL,
    "started_at" TIMESTAMPTZ,
    "finished_at" TIMESTAMPTZ,
    "course_id" INT REFERENCES "courses" ("id") ON DELETE SET NULL,
    "created_by_id" INT REFERENCES "users" ("id") ON DELETE SET NULL,
    "parent_id" INT REFERENCES "tasks" ("id") ON DELETE CASCADE
);
CREATE INDEX IF NOT EXISTS "idx_tasks_status_97f001" ON "tasks" ("status", "run_at");
CREATE INDEX IF NOT EXISTS "idx_tasks_target__3e34ae" ON "tasks" ("target_type", "target_id");
CREATE INDEX IF NOT EXISTS "idx_tasks_parent__f22067" ON "tasks" ("parent_id");
CREATE INDEX IF NOT EXISTS "idx_tasks_created_b70a91" ON "tasks" ("created_by_id", "created_at");
COMMENT ON COLUMN "tasks"."status" IS 'PENDING: pending\nRUNNING: running\nSUCCEEDED: succeeded\nFAILED: failed\nCANCELLED: cancelled';
COMMENT ON TABLE "tasks" IS 'One piece of work: a verb on a target, or the parent of many.';
CREATE TABLE IF NOT EXISTS "task_steps" (
    "id" SERIAL NOT NULL PRIMARY KEY,
    "position" SMALLINT NOT NULL,
    "name" VARCHAR(48) NOT NULL,
    "status" VARCHAR(16) NOT NULL,
    "node" VARCHAR(64),
    "upid" VARCHAR(200),
    "undo_upid" VARCHAR(200),
    "since" INT,
    "output" JSONB,
    "error" TEXT,
    "started_at" TIMESTAMPTZ NOT NULL,
    "finished_at" TIMESTAMPTZ,
    "task_id" INT NOT NULL REFERENCES "tasks" ("id") ON DELETE CASCADE,
    CONSTRAINT "uid_task_steps_task_id_a5273a" UNIQUE ("task_id", "name")
);
COMMENT ON COLUMN "task_steps"."status" IS 'STARTED: started\nDONE: done\nFAILED: failed\nUNDOING: undoing\nUNDONE: undone\nSTUCK: stuck';
COMMENT ON TABLE "task_steps" IS 'What is known of one step of one task: written before, between and after.';
CREATE TABLE IF NOT EXISTS "workers" (
    "id" VARCHAR(64) NOT NULL PRIMARY KEY,
    "host" VARCHAR(128) NOT NULL,
    "pid" INT NOT NULL,
    "version" VARCHAR(32) NOT NULL,
    "state" VARCHAR(16) NOT NULL,
    "concurrency" INT NOT NULL,
    "started_at" TIMESTAMPTZ NOT NULL,
    "last_seen_at" TIMESTAMPTZ NOT NULL
);
COMMENT ON TABLE "workers" IS 'A process that runs tasks, by its own last sign of life.';
CREATE TABLE IF NOT EXISTS "idempotency_keys" (
    "id" SERIAL NOT NULL PRIMARY KEY,
    "key" VARCHAR(128) NOT NULL,
    "request_hash" VARCHAR(64) NOT NULL,
    "status" SMALLINT,
    "body" TEXT,
    "created_at" TIMESTAMPTZ NOT NULL,
    "user_id" INT NOT NULL REFERENCES "users" ("id") ON DELETE CASCADE,
    CONSTRAINT "uid_idempotency_user_id_bc4599" UNIQUE ("user_id", "key")
);
COMMENT ON TABLE "idempotency_keys" IS 'One key of one user, good for a day; `status` is null while the first answer is made.';
CREATE TABLE IF NOT EXISTS "audit_entries" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "created_at" TIMESTAMPTZ NOT NULL,
    "user_id" INT,
    "username" VARCHAR(64) NOT NULL,
    "action" VARCHAR(64) NOT NULL,
    "method" VARCHAR(8) NOT NULL,
    "target_type" VARCHAR(16) NOT NULL,
    "target_id" INT,
    "address" VARCHAR(64) NOT NULL,
    "request_id" VARCHAR(64) NOT NULL,
    "result" VARCHAR(16) NOT NULL,
    "status" SMALLINT NOT NULL,
    "code" VARCHAR(32) NOT NULL,
    "details" JSONB NOT NULL
);
CREATE INDEX IF NOT EXISTS "idx_audit_entri_created_a88510" ON "audit_entries" ("created_at");
CREATE INDEX IF NOT EXISTS "idx_audit_entri_user_id_ca372c" ON "audit_entries" ("user_id", "created_at");
CREATE INDEX IF NOT EXISTS "idx_audit_entri_target__a085eb" ON "audit_entries" ("target_type", "target_id", "created_at");
COMMENT ON COLUMN "audit_entries"."result" IS 'SUCCESS: success\nREFUSED: refused\nFAILED: failed';
COMMENT ON TABLE "audit_entries" IS 'One act, or one that was refused; never a secret and never a body.';
CREATE TABLE IF NOT EXISTS "aerich" (
    "id" SERIAL NOT NULL PRIMARY KEY,
    "version" VARCHAR(255) NOT NULL,
    "app" VARCHAR(100) NOT NULL,
    "content" JSONB NOT NULL
);
CREATE TABLE IF NOT EXISTS "user_roles" (
    "users_id" INT NOT NULL REFERENCES "users" ("id") ON DELETE CASCADE,
    "role_id" INT NOT NULL REFERENCES "roles" ("id") ON DELETE CASCADE
);
CREATE UNIQUE INDEX IF NOT EXISTS "uidx_user_roles_users_i_c62307" ON "user_roles" ("users_id", "role_id");
""",
}


async def upgrade(db: BaseDBAsyncClient) -> str:
    """Statements for the dialect of `db`."""
    return UP[db.capabilities.dialect]


async def downgrade(db: BaseDBAsyncClient) -> str:
    """There is nothing before the first schema: drop the database instead."""
    return ""


MODELS_STATE = (
    "eJztXWuT2ji6/isqvpxMVZ9Uh75lM1tbRXeTGTZ9yQI9s2cnUx5jC/BpbDGW3R12T/77keS7LRkLDBhHX5JG1ivDI/nV"
    "q+e9+D8dG5lwgd/2fG8+ghhbyOl8AP/pOLoNyR+8yyegoy+XyUXa4OmTBeuvk44aDnqyK/oEe65ueOTiVF9gSJpMiA3X"
    "WnrBvTqPDgQLNLOcEzB1kQ2wNXMsZwYsB3go/oR87y0dz0QGGZC0yIv6jvWnDzUPzaA3hy4Z4LffSbPlmPArxPTjbx0f"
    "Q1ezTNrdhS/oGZqa7nV+p/2Wz9rUggszg0/QlbVr3mrJ2m7muvuR9aTfd6IZaOHbTtJ7ufLmyIm7k59DW2fQga7uQTOF"
    "lOMvFiGyUVPwI0iD5/ow/vZm0mDCqe4vKN5UOvgGSVtH0x4ex9qoP9a0TmEuIokUxmGTQaaTzKPleJj9flv/qi2gM/Pm"
    "5ONZ91twnwSHoBe94S+94c3PveGbs+4P9IaILIZgqTyEV7rs0jc2hO7pwSBsOhKYDYSeLajNdTyXwTsnthHwIaxNxP3y"
    "vALul+dC3OklinsKZ+xO5VFOC9WCcdQlATnRHS1AWTdNl6hIGYxTIvWojyoQdzpHCjDT4jqBxJPBOCvVOpi7p6cVcCa9"
    "hECzazmF4UKKBt0kC0jfkiueZUOB1shI5tA2Q9G30R+7wn6XWoT8QPPRWaxCBVcC/nhw3x+Ne/ef6e1sjP9cMPx64z69"
    "0mWtq1zrm8vcPMWDgF8H458B/Qj+9fjQZ/Ai7M1cdsek3/hfHfqdiMmGNAe9akTHJLo4ao1Qy8w6/Lq0yGgbzHpWsoWz"
    "fiSzHGFSOs0pC1hymrOSNUxzwyyENs1y6siTneKB45VslNyzjBXsnUf2zJLvS/777+6786vz92eX5+9JF/ZF45arkgkf"
    "PIzJpkhPiNNn7uGFwlVE9yNyITmgfoIrBvKAfCPdMSAH1PAM/hQOc2TgfotWT9SaPM2u/hofqdOLivx28ouhF9hrvdFN"
    "77bfYQhPdOP5VXdNTQC1C6fkyZiTM/4zdDgG9nUo//HTEC50L6Qz+HgPg7HGdKgW4c5wRF2Uwi+DbPGS3bXzLbpD7GQz"
    "vDe9Ew8zDo+Ux1RMJBVncj2T1AOsN/Dmugcm/gqTvyBw4FcPLHXLPQGIPGBFFqm62HoGSYooEirYqro1fI6aSxPVoFhP"
    "SmghNm/SfEVWqnVsXP3HaWXufxeGIF5Cx9tgktNyytRv9AwHjhmutS/Wl1mp/fFiR+a/KDkB4MR1tuUhIOeIOzLYq54F"
    "sitO9jiwUwMXMWCLhi1tLzdoSY/Kdiwd3QQYegBNwRK6thV4VH8Er3PLmBOLFGJA14qJqbPzjxebTPlb1ye3eKsbBoHv"
    "D56dW9ewyg5ulh3M/pfQ6FH/1tm+dXmiE2jTX0sC4ZyYciaJnEmFXXNnej1LyHHIoXvdWY0R/XfHjNxBH5iSPZj9LC23"
    "s0U/0qWEGTTjy/F+NkUuw/8ZrmJww507npvwGpUJL3lzF/mzeSShxcNxd3vSruUV/rfSjZp9bc5GHf0c8UYdr471G/UI"
    "2XCCzBXZPhEwdIeFHJGds7j3lvZU22mztlO6AmS31LRM67bVHVBKtm4tZPCNBVoHbveiCrqkl3grvSjgu9QxfkVE88qS"
    "owXBFp73dxIJM7Vc7GmyaiMr1TozsX7FsdA3QDkjpEBeC7KFNWL3WC8ckK8RMdR0R2BgpOVyOE+I4K6AjpT3funf68fH"
    "uwzzez0Y5zB+ur/uD9+8Y9CTTlZg1UYWSCoi9IXYIpwggZKA0FhCRdyuX9DU/aD9L7IcyLGXy70bOdEW+rBaHKjIFD/L"
    "EJGd9qykcms1za0lwRsV/DBbBga10wfDPz6QWYLelnh9Dgcb0rHaipjlvFgeA2JLtAbxQEerVMqRsqE9gS6eW8stkbqP"
    "B2rrovKgvaSs65ZAjcNh2grTi70lQL/YbYXG0/HztquHDNFSVWSZ5MlAHnSMFXVRbKu5k9E+wVWbVpSU5y2B908feboY"
    "00cHjhH5Zz2y/4gGaskaLHNOJn617ZyTUUTKUTHjss7J6EfmnZOJhzfrnEw5IPO+ybTfcjvnZHJAEXonsyYxx01ZsJnF"
    "/kqOrV6t6AL2jXkQ+n4CZgiZLM4d6I4JHOQBghxYIGfGr7ogIau8m83ybqqg+f0k+RsG8h1PGui8XAv9bypDQRF9KlVV"
    "pao2Ddw9pKruMjY9xRxyLMosryg2J3NEZpVodYOMEmRP2vozjSBH5A9nBcKtDINXy5sDHVAzmheWLi2vTMpmmZR0Ajco"
    "zmVuWZqrYSC3K2SuYVzKHmLm3JBMqIpv1L+FFnr9eRR0eLJvcpgtofZNi+zPeHvXaB2cMdVkwNw/kKdHAqQqYSaGur2R"
    "QYoxEM76kcxyJcYgekQnKzneoCC3kd5smg21W/IgwWx/FELDEK7KIBSWV4ZHIN8CPDzd3R2KSAjcrRwOIfbDiukD5vOt"
    "yBzcWbZFTvdoShPPAWVViuyAoM8WDEADSMR2kwFLn2DnSlmnGRlF1HKsVBvayF1p9kTmAJWWUahyUDUt/KzNZDBNSShE"
    "OYi+2NqCqmwJSNMiClORnSVjCqxz6ESRVzt25zQ1lGgLZ85WdtUN8l0MeYZVeKXUsjJYn+pOmYWOceBVscj/uj+be4Ej"
    "xdaNueVAzHXFVJNSDphm2VyHLQB0aHWboa7fdd9X4K5JLyF5za7lOELyOMr6tmrzvDTIq7Xn+kpj+FVkhrWuvlIZ69b/"
    "5zhDuEWAvrnv/fOHDOl29/jwU9Q9NQE3d4/XOeDJpu96m/CfGUGVGNlk9hM65kYMdyKm5rfJ86vqNOy5ToPyFYoNhfb6"
    "Cv2lueGsZyXVrDdl1jnaNU7Mkq4qoBKaOyV8i0pobmpCczMNM5XPLIfOLh3BKYXEIS2z6kpMXOb0YxXykpKy/4UBecgN"
    "SCuR6yBgP3mUZWlfDlH5W8iksstRcVsayvl7jsLMvg067qFYzX2xmuKA3L7j2wXnxdEF53bG/d7Nz/0hmTWoG2R5fnFG"
    "46fb/sP4A8Ceb4ZvopVmQC+rEKB5yyrFf17mSbqg/NkG9m9GUJm/TTF/qxx6AiUpGTWXllGuXH7U9qGDj1qAaFkQYry3"
    "bxmAmLhkjwzgyjGI6YeV7/rOr9waYFWpoYeI6IwPzBwzPn2YFhvxmZN7FRP+s4u+2ugriASDoILIOAdvkHsCrClY+pOF"
    "ZZwA+ALdVXjxB2DrK2rX88z92sZdH8PwW/YZIUvb87E6BKjQhjaFNigH/OEc8FSdcJf2+vNtIr1H6JfQMSmEcjPQ+dx/"
    "uB08/PQBhPJfnF96dwNyyGGNL/rCIk8/ax/cf34cBs2WvURu0Drs927/5wOgZ60V6fPApEkPh4l+cfrD4SM5REPXRW4z"
    "DswIB/MhobdSInucUcS2vr1or/pjhyysBds8hxBe4/5O5Pbo/o5bjtb/HX5tbZMcD66syusWQbxJwgdXdo8Qn3bPjwzl"
    "DRJAipL7RPhI8MV4rm3yGrW8XAvsyl3vgo5kbLJTZ2xyo85H9dfcebGlzvRRd5UsztEIHoF8JqcMEhG1WNcvVkyAhKYm"
    "BLrUJi4Kq7hQCbv4OPJIj8Z6sP4NtcmKHydmzYSgZuVapIX/0u2enV11T88u31+cX11dvD+NIS5eKsP6evAThTuzyov4"
    "T5Fr85z9Je+xjCXap6nrp4eIsu1eXEpthbFE+/DdgdkWUoo8Svvvo8cHgfWWkcpHq1iGB/4PLCx8hFqkBF8KRzm1nWex"
    "T7KhJnSAPLWt0iTES7+9EUMqTaJtsy5Kk1BxYru2gNGrIxsolhZRmKpIsX1Eig2J9hgObsad4uKtAdiWx4qlH1gBqlXS"
    "z1Sy0L7SYQhQnPi5AD5x5Fw4P9XeyRVW2YnqHbIlwn8Dl7Bnlbi29NIL1h0zvki/XMxb/qKKgTtEDJzv82B9ehrcCuxp"
    "n4ssbX5LpTZRqk0o5sVDL3CYBQZw2rRlvzPnKVOhhDHnclaFczkTcy5nKo5QxRFuCj1jeTYIJLwZ9sOgwWgEmjH3+Plz"
    "/5ZmzKHlEppfnOHTwwPr5PqOw/p87j2NaJel7mOYCxj84tz27/rBqGy3YxL3g9GINdkWxtE3PThvrErr1rfbqtK6qrTu"
    "cSFK3+/rvkCOJVjq2U+LKZ9+dZ++iqtqZ1xVC06KKePPnlgIa/wDYok7OSvWviV7VsX2OhPbXmcF28vWDeoVIdpUYGsL"
    "DIWsWPuQfle2YGMr90ps5V4V0jqWEWI8Q1fsv8/LbeXB3+xg89ep7xgUTzDxrQU5SuC39H5/O8BZcyeOfVb7dSMXb1ZS"
    "lRVtjke36MhHk8Bi3GCac6Jqnps8zypMR7zHHWfAhgrT+R5nvUqYTsqRJznrWUml0ZszyRyNfpBgrIZNqIrFaj6mUfUe"
    "OVhzUmqxrg1yU6FYdYViFdVsDbBWDh1s2KrdVeSgl6pFtiW0EjXCjxTcnDZs1CuERx7k1oxm7SelheZ0/Kxh0q1i1Nyv"
    "4bvqnolN5ETRcFQ++psO+AG8upbnQQdM4JSspBPyv/cKyWfdMYE+9XhRdrWOzC1E7YWlyBlI+fLTKsRunyF2xBK3+LFL"
    "I1tfLIT4puXaZOmdda8uY4zphzJ4R/e9uzuOB1XF20VekvMqlfvOxYX7zgt1+44v7Ese7A45Dw/HQXAXcx98cW7JyfkD"
    "MIn6/eJ87A3u6MWpbi3otaeH20cWtOU7JmJhXLSF9qcNVGI0frr5xIqrG895fX+YkC4VZbC7KAN/KecVj/q3D9vu6WkF"
    "cEkvIbrsWg5e8lBp0hinhRTQlYDGVqjCK9p8cX9FkHDYPN9b+hwSXBxXkEiomgCbhw7E1VmrZgbEAm3QEgdICmhKoEbj"
    "DPPjdPJVce1OLcfC842mPSeq3HxNdvMxjkzOc5JItIml2JXbJCLmtuWgq71qsGngViagk0XVqJedUNQ53HM0G+Xcs0Sy"
    "9tKCBkvAfkXu8weggxfoTgCiryAkm+gMeicAucCbk566Cx2PdiXfesVP6N5qtCpJ3wnn4/pOnNEdjB2sXIYF+0hmlV0N"
    "bhV/jOK+Jqtw3lOBYConfK+E9TP5WTIH76h/k/k+Ra5uDHZ97+Yops+Onm5u+v1bxsP6hgGhSdnWPPt603u46d+xJoPC"
    "slgEOWeH51iJEtN5RVLER/5EohlJBPS2rUkiyO04VRVYTqyFeqz+lZ/s5jJHhZSMOixwKMQFMjinA/HKjfrXQmQd1qjZ"
    "8bsMFrojl/MVCzRDT7cq2WvpWsi1vFVxPtaERKTk9qc/LnarPOqIh9A9GrLlyVTvSIuoOvGFyh1EG20Aal6sNYu0NmCn"
    "UM7jGPdXazQPJWVzeCHYYnMhkWiD52vXQR4LqGOo+Y5nLWR9HjlR5fNoss8j5CwlpziRaqEns03T6zuvVkxgZWe4tLpR"
    "Rk69y1OivlFA0mkuJD8ab5gGzh9CKdImP2lLF834VWzWHesSudaYeXUc63CY01LVvov6t8+6q98RI4gaExNCoqgxFasn"
    "wfyQS/T7S8CeSCjc1XuTVNSeTNReg2I1j+f5a9IkVzK7VGzm9zHPqgTLDkjUQtxZVWDzcgrcIrhJjF91YDMyCtS1AcUB"
    "XkWAdxVS3DB0q0YUZ5YVP6aYrxZqQLZiiZsjRbagCQXlQlSZm1rL3FSpw5JlkrZ8mVtUYOXIjncipLPrcW4tTKIgtkOo"
    "XRp0py+8+zXwRHNyKX6NfdTibIrAj10xn6IHli4yIMbAo2V3XN/BrL4OPgGTFbA8TN9wBxY69gAmuocmPyysKSymUmwz"
    "0PosCqkcBzEFvEX6e8OyHHbi3RdnPcwR5lhRYqCj/m2MFu5WYdtJL3G8cLfAt3OrOYhPASpIWHiqeiGqj1tPSrxYUyIt"
    "XK/1RwvTPBupFIJYYI95OWEWTWc/OqH+V84hx/BdYnQZnDNWCaGVkVIKgvfqnubQ/k2Duk18MLU0NQzhJtFreVk11Y2b"
    "6gLnd5ic94EJ7SXyqML9BFcdzokt1+Ok7ORmJX21Z7iSSIknvaPqqD6G7gmYIWSCKXKBDkx99SP4I0iO/YMWVqW/AbyS"
    "Qz1kae1TyyWHMt3Br9Cll23d5JzvdnYXboVWPyQFyR1VgdbD5rtDjgFSku4OeZZHG+zonZz7whBOba7juQzMebkW4l1/"
    "yoKoukB5/KWwqsAx+9vqiL+cIJOjGsSF5aL+bYi/LDOfdlFXTkWoiVd0eyPUqBUkFx+QklCH//XhAZGZuR8XdtPArepm"
    "TS2qJtUb6/mm5fUdz+Weu1JXT8rOXDrtp0HS0YISBy7SgdUFY++joA6vVx0DF04JVuaPwIEvkB6KMCTq12OvpIia6C7I"
    "P11tP2SVamTpymG0tFhqcvOXhCXKcn2lDmTX1ux7OZP9pds9O7vqnp5dvr84v7q6eH8aq6/ipTI9dj34iaqyzDa0/uSm"
    "bAZlM+zDZmiYaV63v4DCI/tGlbTMHn1e+3F21X8w1w3+K4DEACcSivmoALBN7AEkFSmTSLQQ4CpEnpjGK5B4x1ZYb096"
    "oi1l9Vq+vxHTgp+WXqJ9E5HWrdr6lW/E1cuFKmalFMwVYOYnT1erHSxMpG7UftdhJYFHo7AgMMZfnGH/49OIFv8NmYJ8"
    "geA81XAYzX0Q10vjjJD6fC+G5OvrjG1eX9dkPVJ/dKMJPfLgSFVDTYk0ox7q0detbkh4Tw+6ljHv8Ojl4MpJKbWc9FnH"
    "KYvBrzk34nvhXncWD6Piy/OvXry4qKCCSS/xqxfptdyhZClV2ins3kJ031V6seW7khdbviu+2JLc0eOmRYu3uJTI/re4"
    "wwRytGMz+/b/ypkIdw=="
)
