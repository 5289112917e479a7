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
CREATE TABLE IF NOT EXISTS "files" (
    "id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    "key" VARCHAR(32) NOT NULL UNIQUE,
    "name" VARCHAR(255) NOT NULL,
    "purpose" VARCHAR(16) NOT NULL /* TEMPLATE: template\nISO: iso\nATTACHMENT: attachment */,
    "status" VARCHAR(16) NOT NULL /* UPLOADING: uploading\nREADY: ready */,
    "content_type" VARCHAR(127) NOT NULL,
    "size_bytes" BIGINT NOT NULL,
    "sha256" VARCHAR(64),
    "format" VARCHAR(16),
    "virtual_size_bytes" BIGINT,
    "created_at" TIMESTAMP NOT NULL,
    "expires_at" TIMESTAMP,
    "owner_id" INT NOT NULL REFERENCES "users" ("id") ON DELETE RESTRICT
) /* A file, or one that is being uploaded. */;
CREATE INDEX IF NOT EXISTS "idx_files_owner_i_b57198" ON "files" ("owner_id", "status");
CREATE INDEX IF NOT EXISTS "idx_files_status_3a8415" ON "files" ("status", "expires_at");
CREATE TABLE IF NOT EXISTS "uploads" (
    "id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    "total_size" BIGINT NOT NULL,
    "chunk_size" INT,
    "received_bytes" BIGINT NOT NULL,
    "file_id" INT NOT NULL UNIQUE REFERENCES "files" ("id") ON DELETE CASCADE
) /* How a file comes in pieces: numbered chunks in any order, or (tus) one after the other. */;
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
    "owner_id" INT NOT NULL REFERENCES "users" ("id") ON DELETE RESTRICT,
    "source_file_id" INT REFERENCES "files" ("id") ON DELETE RESTRICT
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
CREATE TABLE IF NOT EXISTS "files" (
    "id" SERIAL NOT NULL PRIMARY KEY,
    "key" VARCHAR(32) NOT NULL UNIQUE,
    "name" VARCHAR(255) NOT NULL,
    "purpose" VARCHAR(16) NOT NULL,
    "status" VARCHAR(16) NOT NULL,
    "content_type" VARCHAR(127) NOT NULL,
    "size_bytes" BIGINT NOT NULL,
    "sha256" VARCHAR(64),
    "format" VARCHAR(16),
    "virtual_size_bytes" BIGINT,
    "created_at" TIMESTAMPTZ NOT NULL,
    "expires_at" TIMESTAMPTZ,
    "owner_id" INT NOT NULL REFERENCES "users" ("id") ON DELETE RESTRICT
);
CREATE INDEX IF NOT EXISTS "idx_files_owner_i_b57198" ON "files" ("owner_id", "status");
CREATE INDEX IF NOT EXISTS "idx_files_status_3a8415" ON "files" ("status", "expires_at");
COMMENT ON COLUMN "files"."purpose" IS 'TEMPLATE: template\nISO: iso\nATTACHMENT: attachment';
COMMENT ON COLUMN "files"."status" IS 'UPLOADING: uploading\nREADY: ready';
COMMENT ON TABLE "files" IS 'A file, or one that is being uploaded.';
CREATE TABLE IF NOT EXISTS "uploads" (
    "id" SERIAL NOT NULL PRIMARY KEY,
    "total_size" BIGINT NOT NULL,
    "chunk_size" INT,
    "received_bytes" BIGINT NOT NULL,
    "file_id" INT NOT NULL UNIQUE REFERENCES "files" ("id") ON DELETE CASCADE
);
COMMENT ON TABLE "uploads" IS 'How a file comes in pieces: numbered chunks in any order, or (tus) one after the other.';
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
    "owner_id" INT NOT NULL REFERENCES "users" ("id") ON DELETE RESTRICT,
    "source_file_id" INT REFERENCES "files" ("id") ON DELETE RESTRICT
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
    "eJztXWtz2ziW/SsofZl0lSfryK9MemurFFvpeOPXWHL37MRdbIqELK5FQk2CdrQz+e8LgG8SoAiJlCgGXxKLxAWlA/Di"
    "Pg4u/tWzkQnn3tuBj2cj6HkWcnofwL96jm5D8gfv9gHo6YtFcpNewPpkztrrpKHmBS3ZHX3iYVc3MLk51eceJJdM6Bmu"
    "tcDBs3q3DgRz9GQ5B2DqIht41pNjOU/AcgBG8Sfk47e0PxMZpENyRV7Ud6w/fahh9ATxDLqkg6+/k8uWY8Jv0KMfv/Z8"
    "D7qaZdLmLnxBz9DUdNz7nbZbPGtTC87NDD5BU3Zdw8sFu3Y+091PrCX9vhPNQHPfdpLWiyWeISduTn4OvfoEHejqGJop"
    "pBx/Pg+RjS4FP4JcwK4P429vJhdMONX9OcWbSgffILnW07Sb27E2Go41rVcYi0gihXF4ySDDScbRcrDHfr+tf9Pm0HnC"
    "M/LxqP89eE6CQ9CKPvDXwf3558H9m6P+T/SBiEyGYKrchHf67NZ31oWO9aATNhwJzAZCzxbUZro3k8E7J7YW8CGsbcT9"
    "9LgC7qfHQtzpLYp7CmfPncqjnBaqBeOoSQJyojs6gLJumi5RkTIYp0TqUR9VIO719hRgpsV1AgmWwTgr1TmY+4eHFXAm"
    "rYRAs3s5heFCigZdJAtIX5A72LKhQGtkJHNom6Ho2+iPprBvUouQH2jeOvNlqOBKwB9fXg9H48H1HX2c7Xl/zhl+g/GQ"
    "3umzq8vc1TenuXGKOwG/XY4/A/oR/PP2ZsjgRR5+ctkTk3bjf/bodyImG9Ic9KoRHZPo4uhqhFpm1OG3hUV6W2PUs5Id"
    "HPU9GeUIk9JhTlnAksOclaxhmFtmIXRplFMuT3aILx1cslByfRkrWDv37J0l35f899f+u+Oz4/dHp8fvSRP2ReMrZyUD"
    "fnkzJosi9RCnz1znhcJVRPcTciFxUL/AJQP5knwj3TEgB9TQB38Iu9kzcL9Hsye6mrzNrv4au9TpSUV+O/nFEAf22mB0"
    "PrgY9hjCE914ftVdUxNA7cIpeTNmxMd/hg7HwP4Yyn/6cg/nOg7DGXy874O+xrSrDuHOcER9lMIvg2zxlt2381d0h9jJ"
    "Zvhs+iQeZpw4Uh5TcSCpOJKrI0kDwFoDPNMxmPhLj/wFgQO/YbDQLfcAIPKCFaNI1cVWR5CkAkVCBVtVt4bvUXvDRDUo"
    "1oOSsBAbN+l4RVaqc9G4+t1pZe7/EIagt4AOXmOQ03LK1G/1CAeJGa61L9aXWantxcX2LH9R4gF4SepsQycgl4jbM9ir"
    "+gLZGSfrDjRq4CIGbNGwpdfLDVrSorIdS3s3gQcxQFOwgK5tBRnVn8HrzDJmxCKFHqBzxfRosvOPF5sM+VvXJ494qxsG"
    "ge8Pnp1bV7fKDm6XHcz+l9DoUfvO2b51ZaITaNNfSwLhnJhKJomSSYVVszG9ng3IcYJD17qzHCP6b8MRuZ2+MCVrMPtZ"
    "Wm5li36kSwNm0Ixvx+vZFLkM/2e4jMENV+54bMJ7VCa8hWcu8p9mkYQWd8dd7cl1La/wv5cu1Oxrcxbq6OeIF+p4dqxe"
    "qEfIhhNkLsnyiYChO4xyRFbO4tpb2lItp+1aTukMkF1S0zKdW1YbCCnZujWXwTcW6By4/ZMq6JJW4qX0pIDvQve8V0Q0"
    "r2xwtCDYQX+/ESbM1HI9rMmqjaxU58zE+hXHXF8D5YyQAnklyJanEbvHeuGA/BERQ013BAZGWi6H84QINgV0pLy3G/79"
    "eHt7lYn8frwc5zB+uP44vH/zjkFPGlmBVRtZIClG6AuxRTgkgRJCaCyhGLerJzRNP2j/iywHcuzl8uxGTrSDOawOExWZ"
    "4mc7RGSHPSup0lptS2tJxI0KeZgNiUHdzMHw3QcyShBviNdd2Nk97auriFnOi4UZEBuidRl3tLdKpRwpG9oT6Hoza7Eh"
    "UtdxR12dVFMrirGuDdIna76PNkkleDC0FzQovSFE47CbrsL0Ym8I0K92V6HBuve86ewhXXRUU1smeTMQho6xpBmcTRe2"
    "pLcvcNmlGSWVmEzg/dNHWBdjeuvAMSL/rEb271FHHZmDZbnbJO24We42IuzsVeJANncb/ch87jZJgGdzt6n8bD51m07r"
    "bpa7Tfw3YfI26zFwsrgFl0KczuW4MtVqUni+MQt2BhyAJ4RMtg0A6I4JHIQBQQ7MkfPEL0ohIauSv+1K/qo9BdupgWAY"
    "yHewNNB5uQ6mJ9UGDhUHVTt51U7etoG7hZ28TVL3U4FVjkWZDbuKzclcnLcKmd8gvQSbS239mRLsEfnDWYJwKfPAq4Vn"
    "QAfUjOax9qXllUnZLpOSDuAatcvMDSuXtQzkbjEKWxZL2QKl0A2DCVXxjdp30EKvf5sJ7Z6sm5zIllD7pkW2Z7y9a7UO"
    "zphqMmBuH8jDPQFSVXgTQ91d4pSKGAhHfU9GuVLEIHpFJ0u5uEFBbi292TYbqtngQYLZ9kIILUO4agShML0ycQTyLcDN"
    "w9XVrgIJQbqVE0OI87Di8AHL+VaMHFxZtkW8ezSl+/IBjaoUowOCNhtEAFoQROx2MGDhE+xcKes0I6MCtRwr1YY2cpea"
    "PZFxoNIyClUOqqblPWtPMpimJBSiHERfbG1OVbYEpGkRhanIzpIxBVYldCLmVcPpnLZSiTZI5mxkV50j3/Ugz7AK75Ra"
    "VgZrUz0pM9c9L8iqWOR/3X+a4SCRYuvGzHKgx03FVJNSCZh22Vy7rY+0a3WbCV2/67+vELsmrYTBa3YvFyMkr6Nsbqu2"
    "zEuLslpbLj81ht9EZljnyk+VRd2G/xhnAm4RoG+uB//4KRN0u7q9+SVqnhqA86vbjzngyaLv4nXinxlBtW+0zdFP6Jhr"
    "RbgTMTW+bR5fVcZiy2UsVK5QbCh0N1foL8w1Rz0rqUa9LaPO0a7xxizpogtqv3evJN6iNjS3dUNzOw0ztZ9ZDp0mE8Ep"
    "hcQJWmbVlThwmdOPVYKXNCj7Fw+Ql9yAtFC7DoLoJy9kWdqWE6j8GkZS2e2o9i+lcv6eC2FmD8uOW6io5raimmJC7tDx"
    "7ULyYu/Iub3xcHD+eXhPRg3qBpmej85o/HAxvBl/AB72zfCgXukI6GmVAGjeskrFP0/zQbqgOtwa9m9GUJm/bTF/qzg9"
    "gZKUZM2lZVQql8/a3jX5qAOIlpEQ47V9QwJikpLdM4ArcxDTLys/9Z2fuTXAqraG7oLRyYqkcUz4qHia2HiPK7RVMdtp"
    "4wOAXMbVjEgEE0iABf5ijnQTmjwLvqrYatbB1x56deIRIHMR+16PtPka/X2Q4e8re36r9vwz5DDDxUn0sHnntobWn0RX"
    "9I/UztCTSjtDT0p2hp4UDpvwXWJdr+2LpsTbjDhxR6/vrojrQf3RIMD66FyObj8QdYwencF4TLzVa+ad6hgTh9VujYOa"
    "aPd1xieR3iKPJFjZKGiSo/Rwd3U7uLi8+eUDiPt4dO6Hg4v/+QCoP7psx5iQx2F6bi4DU0I55eW2OCbEDJpbBosf/wcy"
    "MMR/JU+Dui05RGsz18qW14S5dlbCXDsrvBnW/0FtsuSnXKwnoU2TleuS5/m3fv/o6Kx/eHT6/uT47Ozk/WFs5xRvlY3I"
    "x8tfqM2TGYuix+/N9P7JqcwLkEh0r3BD/WUxpsi1eYHJkiOJYonu4Vu/Gn+xXOzrc21dRcKX79B22i3rE0VBEg9Id6Px"
    "LSpX0LK3cE8GuRKfMx28qhh7Sot0yUprKj/A8FJx7FVx7PS0ygSy78kkv788H5dFsnfJ92qndqqtpH7g8YvRrF5T/yHu"
    "qUOISqREwt/PSYokyJScoc3aVEyMfEavQGdZDmAgG3qUpbSwoAE9+q0oOQqawJj5zjO7RUtfIteELsuJvMG+9xPLjOhT"
    "DF2AZxAgmv4oZlIafI7a8NmuVApGOPSp5LyxrFyXDIZtu2H0NRIMgJgfkxHqkA9cGz/GJdrKemGVkaQjDUXZzhQ73PLk"
    "pkuInBuSklAlkuos4DG1eBxYyQIe656RtxcFPFJTr+kCHrEfwrEa0z6K2G7MOERVKDV3Lvpmo29xRjbgx0Qcd/AGEevN"
    "moKFP5lbxgGAL9Bdhjd/Ara+pPR4Huemtn6rkHIyVLOIlaMMRlUhZDc5kiYqhKg6FrurY7Fv1I8FdNYhftwNbwLaRyj/"
    "6Pw6uLq8GIzZxRd9bpG3n12/vL67vQ8uW/YCubhAESFtbpg0aeEw0UdneH9/e/8BQNdFbn7F2E3uEXnS7JGUyBZHlAVK"
    "mnqjmmYPWp4WLPMcd2tFFYlEbotVJOIre1tGIvza2jqlUrmy6ngEEcTr1E3lym4R4sP+8Z6hvEYd1aLkNhHeE3w9b0aP"
    "QHFlrfe8XAfsyqZXQQqZAYmpNKUMUG7ssWwx5ImrNVFiTXQkSyw6dZZYbJV/Wj9H8sWWiqlEzVWCgqORMYH8SU4ZJyJq"
    "sq6erB4BEpqaEOhyNVwQVuXtJPyS/SiHvzfW2+72XrRNZ+wmjam2BjS7605tbWnWbAtDuryUwn+Pbm8E1ltGKk/4tgwM"
    "/g3mlreHWqQEXwpHeWohn0U4yNK3aQf51ILaaiGe+t3daqGqvXZt1Dl7LwqFJVW5q14DFrDa0NKAV0FmnQE1eY5eUbBD"
    "roWqJ7ZrHp64nliyZ6igG2oAVu3EEmiHGrCtSBxtmUqoCm1RIW6w1U3V7N5WVWoCFId/G8AnZt6G47Oac3vrwOiwu+jY"
    "YfYOFlm0pS1li9UF8445D6xgXUad5m8qDu0uOLS+z4P14eHyQuAP+lxk6eW3VGqdVasNlHweekHCPXDg0q4Z+52qWp0o"
    "ZnhUJWZ4JI4ZHikesuIhrws9i1KuQUQ+vx+GpOOoB1q4/vbubnhBC9ejxQKaj879w80Na+T6jsPa3A0eRrTJQvc9mCMc"
    "PzoXw6th0Ctb7ZjE9eVoxC7ZludF33TneQ91wn19q6064V6dcL9fiJJ3GLovkFeEo4yZkhZTnBTFC2xFgnmHvMAOeIop"
    "48+eWMjT+A5iCR0iK9a9KXtUxfY6EtteRwXby9YNmtUj2lRgawsMhaxY95B+V6l2cEnp4ELlYGsRIcYzdMX8k7zcRgyU"
    "9Ryb/5z6jkHxBBPfmhNXwntLn/dfO/A1GyGmsCPY16IoZCVVNcj2MBKKRBQ0CSzGNYY5J6rGuc3jrGhm4jVuPwlHimb2"
    "I456FZpZKpEnOepZSaXR2zPIHI2+EzJhywZUcQnbj2lU/UsO1pyUmqyq6vhOuG7b52a2bNY2Rc3EqVqGG0LbvdLteXBz"
    "2jADL/kO4Obh6qq2c1+z9Sp0w+DGQeWrwY+82SDurBvjJFsQPoGAwy7M4CMmGWYHZTXX8DdadPPX6yt9Ap6JMelFNMKQ"
    "VfgXD4xGnwGL5XD4h9LSG1Rxf7HlbIS4vSoHvJpXSA+N5h6OKyZspWW6kM3YNl1rRlw+WczTMgrz9THXFpbjrBUE4feg"
    "giFtC4YUXCEZ8ye96BQniGTp80q7Ktq13FQ1POMltumy5yMMF1yjiF4vtYew7j1rHmkmYw9ZHjNnnMicofLR37TDD+DV"
    "tTCGDpjAKfFHDsj/+BVCeqKNGZxeI7CV6uqZY0d9Zb+V3mQg/V7VrlIbNRowqIgKs/gM+JGtz+dCfNNyXYoXHvXPTmOM"
    "6YcyeEfXg6srDg9P7dqIuDbHVerHH4vLxx8Xqsfv3+YBebB7xJC4HwdbBBgJ5dG5ICbHB2AS9fvofBpcXtGbU92a03sP"
    "Nxe3wSH3jonYZgB6hbanF6jEaPxw/oX25hvPeX2/m40BiqvaHFfVX8hxK6P23cO2f3hYAVzSSoguu5eDl7xUmjTGaSEF"
    "dCWgPStU4RVtvri9SrNxcsI+XvicKIKYnZpIqMpo6xNQ4zNCqobOYoEuaIkdbC1tC923dYb5flLFqhAEp5ZjebO1hj0n"
    "quKjbYuPZpLtNEYmx79JJLoUpWiKfBMF5jZlMoTd7Bm4lWkMyaSqEE9en8EgGXtmqHNiz9FolMeeJUr+sIPSaTD4FbnP"
    "H4AOXqA7Acghf5FF9Alidko6PRV9obvQwbQp+dZLflmgjXqrUjooifm4vhPXBQr6DmYuw4J9JKPK7gaPij9Guwcmy3Dc"
    "U9sJVGWhrQasn8nPknG8o/Ztjvep4OraYNd3QmSxCMvo4fx8OLxgcVjfMCA0abQ1H309H9ycD6/YJYPCMp8HlQt2H2Ml"
    "SkznldoTu/yJRDu2otLHdmYram7FqarAcmId1GP1z/xkNZdxFVIyylnghBDnyOB4B+KZG7WvJZC1W6Om4RP15rojVzkg"
    "FmiHnu5UyYCFayHXwhy+4wpKREpue/rjpFnlUQcfQseU+I9lasClRdRpWYX6b0QbrQFqXqwzk7Q2YKdQLuMYt1dzNA8l"
    "jebwNvKJzYVEoguZr6ZJHnOoe1DzHWzNZXMeOVGV82hzziOMWUoOcSLVwUxml4bXd16tOICV25pYViMzI6dOz5aokhkE"
    "6TQXkh/trVlMiN+FUqRtftMWLnri10Jc5dYlcp0x8+pw67xwT0tV+y5q3z3rrv5EjIA1Jg4IiVhjiqsnEfkht+j3l4A9"
    "kVC4q9NjFWtPhrXXIq7m/rx/bRrkSmaX4mb+GOOsCvk1EEQt8M6qApuXU+AWwU04ftWBzcgoUFcSigO8igA3RSluGbpV"
    "GcWZacXnFPPVQg3IViyUuKfIFjShoOicKpZYa7HEKtX8spGkDY8Ejgqs7Jl7J0I6Ox9n1twkCmIzhLqlQRs9Nvm3IBPN"
    "2UvxW5yjFu+mCPLYFfdTDMDCRbQKIsC07I7rOx6rr+MdgMkSWNij5ySDue5h4BHdQzc/zK0pLG6l2KSjDYodyu2C32D7"
    "e8t2OTSS3RfveqDV3GSAjtp3kS3crxJtJ63EfOF+Id7OreYg9gIUSVjoVb0Q1cetJyWerCmRDs7X+tnCdJ+N1BaCWGCL"
    "+3LCXTS97eiE+g8uRo7hu8ToMjg+VklAKyOlFATvAMj2hP3bBnWX4sHU0tQ8CNdhr+Vl1VC3bqgLMb/d7Hm/NKG9QJgq"
    "3C9w2eN4bLkWB2Wem5W0paWTJbbEk9ZRdVRabvwAPCFkgilygQ5Mffkz+CPYHPsHLaxKfwN4JU49ZNvap5ZLnDLd8V6h"
    "S2/busnx7xp7CrdCqx8GBWkJb1Wgdaf73XmF10u2u29Qc71tOnILfl9I4dRmujeTgTkv10G869+yIKouUM6/FFYV2Od8"
    "Wx38ywkypc5kiNp3gX9ZZj41UVdOMdTEM7q7DDV2coyUVZOSUM7/anpAZGZuJ4XdNnCrpllTk6pN9cYGvmnhoYNdrt+V"
    "untQ5nPptJ0GSUMLSjhcpAGrC8bOo6AJr1fdAy6cEqzMn4EDXyB1ijxI1C9mR1JEl+gqyPeuNu+ySjWydOUwWlosNbj5"
    "W8ISZbm2Ug7ZR+vpR/HJ/tbvHx2d9Q+PTt+fHJ+dnbw/jNVX8VaZHvt4+QtVZZllaLXnpmwGZTNsw2ZomWled76AwiN7"
    "okpaZos5r+0ku+p3zHWDfwSQGOBEQkU+KgBsE3sASTFlEokOAlwlkCcO4xWCePtWWG9LeqIrZfU6vr4R04K/Lb1E+yYi"
    "nZu19SvfKFYvR1XMSimYK8DM3zxdrXawcCN1q9a7HisJPBqFBYE979G5H356GNHiv2GkIF8gOB9q2I3m3knqpXVGSH25"
    "F0Py+Dpjk+Pr2qxH6mc3mhCTF0eqGmpKpB31UPe+bnVL6D0D6FrGrMcLLwd3DkpDy0mbVTFlMfg17434UWKvjfFhFL88"
    "f/TiyUkFFUxaiY9epPdyTslCqrRT2LyD6L6rdLDlu5KDLd8VD7YkT8TcbdHiJS4lsv0lbjdEjm4sZt//H7STXZ0="
)
