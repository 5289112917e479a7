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
    "ssh_certificates" INT NOT NULL,
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
CREATE TABLE IF NOT EXISTS "ssh_access" (
    "user_key" TEXT,
    "host_key" TEXT,
    "host_key_pinned_at" TIMESTAMP,
    "vm_id" INT NOT NULL PRIMARY KEY REFERENCES "vms" ("id") ON DELETE CASCADE
) /* What VMLab knows of one machine's SSH server. */;
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
    "ssh_certificates" BOOL NOT NULL,
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
CREATE TABLE IF NOT EXISTS "ssh_access" (
    "user_key" TEXT,
    "host_key" TEXT,
    "host_key_pinned_at" TIMESTAMPTZ,
    "vm_id" INT NOT NULL PRIMARY KEY REFERENCES "vms" ("id") ON DELETE CASCADE
);
COMMENT ON TABLE "ssh_access" IS 'What VMLab knows of one machine''s SSH server.';
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
    "eJztXW1z2ziS/isofdlMlTflyG/ZzNVWybYyo4tfcpI8s7uTKQ5FQhLXIqEhSDu6vfz3A8B3EqAIiZIoBl8Si0SD0gOw"
    "0eh+uvGfjo1MuMBve743H0GMLeR0PoD/dBzdhuQP3u0T0NGXy+QmveDpkwVrr5OGGg5asjv6BHuubnjk5lRfYEgumRAb"
    "rrX0gmd1Hh0IFmhmOSdg6iIbYGvmWM4MWA7wUPwJ+d5b2p+JDNIhuSIv6jvWnz7UPDSD3hy6pIPffieXLceEXyGmH3/r"
    "+Bi6mmXS5i58Qc/Q1HSv8zttt3zWphZcmBl8gqbsuuatluzazVx3P7KW9PtONAMtfNtJWi9X3hw5cXPyc+jVGXSgq3vQ"
    "TCHl+ItFiGx0KfgR5ILn+jD+9mZywYRT3V9QvKl08A2Sax1Ne3gca6P+WNM6hbGIJFIYh5cMMpxkHC3Hw+z32/pXbQGd"
    "mTcnH8+634LnJDgEregDf+kNb37uDd+cdX+gD0RkMgRT5SG802W3vrEudE8POmHDkcBsIPRsQW2u47kM3jmxjYAPYW0i"
    "7pfnFXC/PBfiTm9R3FM4Y3cqj3JaqBaMoyYJyInuaAHKumm6REXKYJwSqUd9VIG40zlSgJkW1wkkngzGWanWwdw9Pa2A"
    "M2klBJrdyykMF1I06CJZQPqW3PEsGwq0RkYyh7YZir6N/tgV9rvUIuQHmo/OYhUquBLwx4P7/mjcu/9MH2dj/OeC4dcb"
    "9+mdLru6yl19c5kbp7gT8Otg/DOgH8G/Hh/6DF6EvZnLnpi0G/+rQ78TMdmQ5qBXjeiYRBdHVyPUMqMOvy4t0tsGo56V"
    "bOGoH8koR5iUDnPKApYc5qxkDcPcMAuhTaOc2vJkh3jgeCULJXcvYwVr55G9s+T7kv/+2n13fnX+/uzy/D1pwr5ofOWq"
    "ZMAHD2OyKNId4vSZu3mhcBXR/YhcSDaon+CKgTwg30h3DMgBNdyDP4XdHBm436LZE11N3mZXf4231OlJRX47+cXQC+y1"
    "3uimd9vvMIQnuvH8qrumJoDahVPyZszJHv8ZOhwD+zqU//hpCBe6F7oz+HgPg77GtKsW4c5wRF2Uwi+DbPGW3bXzV3SH"
    "2Mlm+Gz6JB5mHD9SHlOxI6k4kus9ST3AWgNvrntg4q8w+QsCB371wFK33BOAyAtW9CJVF1vvQZJyFAkVbFXdGr5HzXUT"
    "1aBYT0rcQmzcpP0VWanWeePq304rc/+7MATxEjreBoOcllOmfqNHOAjMcK19sb7MSu3PL3Zk8YuSHQBOQmdbbgJygbgj"
    "g73qXiA742S3Azs1cBEDtmjY0uvlBi1pUdmOpb2bAEMPoClYQte2gojqj+B1bhlzYpFCDOhcMTENdv7xYpMhf+v65BFv"
    "dcMg8P3Bs3Pr6lbZwc2yg9n/Eho9at8627euSHQCbfprSSCcE1PBJFEwqbBq7kyvZx1yHOfQve6sxoj+u2OP3EFfmJI1"
    "mP0sLbeyRT/SpQ4zaMa34/VsilyG/zNcxeCGK3c8NuE9KhPe8uYu8mfzSEKLu+Ou9uS6llf430oXava1OQt19HPEC3U8"
    "O9Yv1CNkwwkyV2T5RMDQHUY5Iitnce0tbamW02Ytp3QGyC6paZnWLas7cCnZurWQwTcWaB243Ysq6JJW4qX0ooDvUsf4"
    "FRHNK+scLQi2cL+/EybM1HKxp8mqjaxU68zE+hXHQt8A5YyQAnktyBbWiN1jvXBAvkbEUNMdgYGRlsvhPCGCuwI6Ut77"
    "df9ePz7eZTy/14NxDuOn++v+8M07Bj1pZAVWbWSBpBihL8QW4ZAESgihsYRi3K6f0DT8oP0bWQ7k2Mvl0Y2caAtjWC0m"
    "KjLFzzJEZIc9K6nCWk0La0n4jQpxmC2JQe2MwfC3D2SUoLclXp/Dzoa0r7YiZjkvlseA2BKtQdzR0SqVcqRsaE+gi+fW"
    "ckuk7uOO2jqpPGgvqdd1S6DGYTdthenF3hKgX+y2QuPp+Hnb2UO6aKkqskzyZiAPOsaKhii21dxJb5/gqk0zSirylsD7"
    "p488XYzpowPHiPyzHtn/iTpqyRwsC04mcbXtgpMRI+WoPOOywcnoR+aDk0mENxucTAUg87HJdNxyu+BkskERRiezJjEn"
    "TFmwmcXxSo6tXq3oAvaNeUB9PwEzhEzGcwe6YwIHeYAgBxbImfGrLkjIquhms6KbijS/nyR/w0C+40kDnZdrYfxNZSgo"
    "R59KVVWpqk0Ddw+pqrvkpqc8hxyLMutXFJuTOUdmFba6QXoJsidt/ZkyyBH5w1mBcCnD4NXy5kAH1Izm0dKl5ZVJ2SyT"
    "kg7gBsW5zC1LczUM5HZR5hrmS9kDZ84NnQlV8Y3at9BCrz+PgnZP1k2OZ0uofdMi+zPe3jVaB2dMNRkw9w/k6ZEAqUqY"
    "iaFuLzNIeQyEo34ko1zJYxC9opOVnN+gILeR3myaDbVb50GC2f5cCA1DuKoHoTC9Mn4E8i3Aw9Pd3aEcCUG4leNDiOOw"
    "YvcBi/lW9BzcWbZFdvdoShPPAfWqFL0DgjZbeAAa4ERstzNg6RPsXCnrNCOjHLUcK9WGNnJXmj2R2UClZRSqHFRNCz9r"
    "MxlMUxIKUQ6iL7a2oCpbAtK0iMJUZGfJmALrAjoR82rH4ZymUom2COZsZVfdIN/FkGdYhXdKLSuDtakelFnoGAdRFYv8"
    "r/uzuRcEUmzdmFsOxNxQTDUpFYBpls112AJAh1a3Gdf1u+77Cr5r0krovGb3cj5C8jrKxrZqi7w0KKq15/pKY/hVZIa1"
    "rr5Smdet/49xxuEWAfrmvvePHzJOt7vHh5+i5qkBuLl7vM4BTxZ919vE/5kRVImRTfZ+QsfcyMOdiKnxbfL4qjoNe67T"
    "oGKFYkOhvbFCf2luOOpZSTXqTRl1jnaNE7OkqwqohOZOib9FJTQ3NaG5mYaZymeWQ2eXgeCUQuI4LbPqSuy4zOnHKs5L"
    "6pT9CwbkJTcgrUSug8D7yXNZlrblOCp/Cz2p7HZU3JZSOX/PuTCzp0HHLZRXc19eTTEht+/4diF4cXTk3M6437v5uT8k"
    "owZ1g0zPL85o/HTbfxh/ANjzzfAkWmkP6GUVB2jeskr5Py/zTrqg/NkG9m9GUJm/TTF/q2x6AiUpyZpLy6hQLp+1fWjy"
    "UQsQLSMhxmv7lgTEJCR7ZABX5iCmX1Z+6Ds/c2uAVaWGHoLRGW+YOWZ8ejMtNuIzO/cqJvxnF3210VcQCQakgsg4B2+Q"
    "ewKsKVj6k4VlnAD4At1VePMHYOsratfzzP3a+l3PYfgt+46Qqe35WG0CFLWhTdQGFYA/XACeqhPu1F6/v02k9wj9Ejom"
    "hVBuBDqf+w+3g4efPoBQ/ovzS+9uQDY57OKLvrDI28+uD+4/Pw6Dy5a9RG5wddjv3f7zA6B7rRVp88CkSQuHiX5x+sPh"
    "I9lEQ9dFbjM2zAgH4yGht1IiexxRxJa+vWiv+rlDFtaCZZ7jEF4T/k7k9hj+jq8cbfw7/NraJjkeXFmV1y2CeJOED67s"
    "HiE+7Z4fGcobJIAUJfeJ8JHgi/Fc2+QYtbxcC+zKXa+CFDIDElNpahmC0HrZYsgTV2uixJroSHLDnTq54Y3an9Zf8+jF"
    "lvKpRM1Vsj5HI3sE8pmcMk5E1GRdP1kxARKamhDocjVcEFa8XIl9yXHk8R6N9Wb9L9QmK74xYc2EoGblWqSF/9btnp1d"
    "dU/PLt9fnF9dXbw/jSEu3irD+nrwE4U7M8uL+E+Ra/PIFiXniMYS7dPU9bvniLLtXlxKLYWxRPvw3YHZFrp0eSGF/x49"
    "Pgist4xUni1kGR74P7Cw8BFqkRJ8KRzloYV8FOEkS/WhHeRDCypNRTz128vYUmkqbRt1UZqK4unt2gJGr44sUS8tojBV"
    "TL19MPWGRHsMBzfjTnHy1gBsy7l66RdWgGqV9D+VrLWvdCQCFIe/GMAnZi6G41PtTLSwylFUb5JNEf4JaMKWVXiF6akX"
    "zDtmfJF2Oc5h/qbiIB6Cg+j7PFifnga3Anva5yJLL7+lUpso1SYUU+OhFwQsAwM4bdqy35mLlCkqZ+xzOaviczkT+1zO"
    "FI9T8Tg3hZ55eTYgct4M+yFpM+qBZiw+fv7cv6UZi2i5hOYXZ/j08MAaub7jsDafe08j2mSp+xjmCJtfnNv+XT/ola12"
    "TOJ+MBqxS7aFcfRND+43VqWN61ttVWljVdr4uBCl5yu7L5BjCZZG9tNiKqaveFWNCNAdkFfVgp1iyvizJxbCGn+DWBJO"
    "zoq1b8qeVbG9zsS211nB9rJ1g0ZFiDYV2NoCQyEr1j6k35VN2NjKvRJbuVeFtJplhBjP0BXH7/NyW0XwN9vY/NfUdwyK"
    "J5j41oJsJfBb+ry/H2CvuZPAPqu9u1GINyupyro2J6JbDOSjSWAxbjDMOVE1zk0eZ0XTEa9xx0nYUDSd73HUq9B0UoE8"
    "yVHPSiqN3pxB5mj0g5CxGjagiovVfEyj6klysOak1GRdS3JTVKy6qFhFNVsDrJWpgw2btbtiDnqpWnBbQitRo/1Iwc1p"
    "w90e4ZzN99cNg+sHjWiH0QGP68mHIzzvxZ21Y5y+SdIKEwg47MIMPmKSYXZQ1nMNf6VFC3+5v9Mn4JkYk/EB1yGr8C8Y"
    "jEY/A+bL4fAPpaW3OK/xxZazEeL26qjs9bxCWi30Ga6K8IoJW2mZNkQz9k3XmpMtnyzmaRmF+eaYa0vL2ayQPL8H5Qxp"
    "mjOksBWSMX/Si05xgkgeWl0pq6JZy01VwzNeYnd9YPXIg9yTX9j1UnuIntOjYdJMxh6yMDNnnMicofLR37TDD+DVtTwP"
    "OmACp2Q/ckL+914h+aw7JtCnntBWqqtn7nEyXnigEAMpf4iMStTYp0FFVJjFZ8CPbH2xEOKblmuTv/Cse3UZY0w/lME7"
    "uu/d3XF4eCprI+LanFepv30uLr99Xqi+fXzJA/Jgd4ghMRwHKQKMhPLFuSUmxwdgEvX7xfnYG9zRm1PdWtB7Tw+3j4z6"
    "7zsmYskA9AptTy9QidH46eYTOyLJeM7r+8MkBiiu6u64qv5SjlsZtW8ftt3T0wrgklZCdNm9HLzkpdKkMU4LKaArAY2t"
    "UIVXtPni9irMxokJ+97S53gRxOzUREJVltqcgBqfsVDVdRYLtEFLHCC1tCl038YZ5sdJFatCEJxajoXnGw17TlT5R5vm"
    "H82fZS3Jv0kk2uSl2BX5JnLMbctkqHZgeNPArUxjSCZVo44spKhzfM/RaJT7niVK/iwtaLAyPq/Iff4AdPAC3QlA9CBx"
    "sojOoHcCkAu8OWmpu9DxaFPyrVf8skBb9ValdFDi83F9J64LFPQdzFyGBftIRpXdDR4Vf4yyByarcNxT6QSqstBeHdbP"
    "5GfJbLyj9k329ynn6sZg13fCXrEIy+jp5qbfv2V+WN8wIDSptzXvfb3pPdz079glg8KyWASVCw7vYyVKTOeV2hNv+ROJ"
    "ZqSi0se2JhU1t+JUVWA5sRbqsfpnfrKay2wVUjJqs8BxIS6QwdkdiGdu1L4WR9ZhjZodn0i20B25ygGxQDP0dKtKBixd"
    "C7mWx+E7rqFEpOT2pz8udqs86uBD6B4l/nsyNeDSIuq0oUL9N6KNNgA1L9aaSVobsFMoF3GM26s5moeSenN4iXxicyGR"
    "aEPka9ckjwXUMdR8x7MWsjGPnKiKeTQ55hH6LCWHOJFqYSSzTcPrO69W7MDKpSaW1cjMyKnThyWqZAZOOs2F5EfjDYsJ"
    "8btQirTJb9rSRTN+LcR127pErjVmXh3bOhzmtFS176L27bPu6g/ECFhjYoeQiDWmuHoSnh9yi35/CdgTCYW7On1TsfZk"
    "WHsN4moez/vXpEGuZHYpbub3Mc6qkN8OnKgF3llVYPNyCtwiuAnHrzqwGRkF6lpCcYBXEeBdUYobhm5VRnFmWvE5xXy1"
    "UAOyFQslHimyBU0oKDqniiXWWiyxSjW/rCdpyyOBowIrR7a9EyGdnY9za2ESBbEdQu3SoDs9NvnXIBLNyaX4NY5Ri7Mp"
    "gjh2xXyKHli6iFZBBB4tu+P6Dmb1dfAJmKyA5WF6TjJY6NgDmOgemvywsKawmEqxTUdbFDuUy4LfIv29YVkOO4nui7Me"
    "aDU3GaCj9m1kC3ereNtJKzFfuFvwt3OrOYh3AYokLNxVvRDVx60nJZ6sKZEWztf62cI0z0YqhSAW2GNeTphF09mPTqj/"
    "4GLkGL5LjC6Ds8cqcWhlpJSC4B0A2Ry3f9OgbpM/mFqaGoZwE/ZaXlYNdeOGuuDzO0zO+8CE9hJ5VOF+gqsOZ8eWa3FS"
    "tnOzkra0dLJESjxpHVVHpeXGT8AMIRNMkQt0YOqrH8EfQXLsH7SwKv0N4JVs6iFLa59aLtmU6Q5+hS69besmZ3+3s6dw"
    "K7T6oVOQlvBWBVoPmu/OK7xeku6+Rc31punIPez7QgqnNtfxXAbmvFwL8a4/ZUFUXaCcfymsKnDM8bY6+JcTZEqdyRC1"
    "bwP/ssx82kVdOcVQE8/o9jLU2MkxUlZNSkJt/tfTAyIzcz8h7KaBWzXMmppUTao31vNNy+s7nsvdd6XunpTtuXTaToOk"
    "oQUlNlykAasLxs6joAGvVx0DF04JVuaPwIEvkG6KMCTq12NHUkSX6CrI311t32WVamTpymG0tFhqcPO3hCXKcm2lNmTX"
    "1ux72ZP9rds9O7vqnp5dvr84v7q6eH8aq6/irTI9dj34iaqyzDK0fuembAZlM+zDZmiYaV53vIDCI3uiSlpmjzGv/QS7"
    "6t+Y6wb/CCAxwImE8nxUANgm9gCSYsokEi0EuIojT+zGKzjxjq2w3p70RFvK6rV8fSOmBT8tvUT7JiKtm7X1K9/IVy9H"
    "VcxKKZgrwMxPnq5WO1iYSN2o9a7DSgKPRmFBYIy/OMP+x6cRLf4begryBYLzrobDaO6DhF4aZ4TUF3sxJI+vM7Y5vq7J"
    "eqR+dqMJPfLiSFVDTYk0ox7q0detbgi9pwddy5h3eO7l4M5JqWs5abPOpywGv+bciO/F97ozPozil+ePXry4qKCCSSvx"
    "0Yv0Xm5TspQq7RQ2byG67yodbPmu5GDLd8WDLckTPW5atHiJS4nsf4k7DJGjHYvZt/8H19DVcg=="
)
