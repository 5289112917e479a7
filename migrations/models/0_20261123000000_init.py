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
CREATE TABLE IF NOT EXISTS "events" (
    "id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    "transaction_id" BIGINT NOT NULL,
    "type" VARCHAR(8) NOT NULL /* VM: vm\nTASK: task */,
    "object_id" INT NOT NULL,
    "owner_id" INT,
    "created_by_id" INT,
    "course_id" INT
) /* Something has changed; whose it was then stands beside it. */;
CREATE INDEX IF NOT EXISTS "idx_events_transac_897c4b" ON "events" ("transaction_id", "id");
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
CREATE TABLE IF NOT EXISTS "events" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "transaction_id" BIGINT NOT NULL,
    "type" VARCHAR(8) NOT NULL,
    "object_id" INT NOT NULL,
    "owner_id" INT,
    "created_by_id" INT,
    "course_id" INT
);
CREATE INDEX IF NOT EXISTS "idx_events_transac_897c4b" ON "events" ("transaction_id", "id");
COMMENT ON COLUMN "events"."type" IS 'VM: vm\nTASK: task';
COMMENT ON TABLE "events" IS 'Something has changed; whose it was then stands beside it.';
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
    "eJztXWtz2ziW/SsofZl0lSebyK+Me2urFFvp9sSvteT07MRdbIqELI5FQM2HHe1s/vsC4JsEKEIiJYrBl+6YxKWkA/Di"
    "Ps69+HfPxiacu28HvjcbQde1MOqdgX/3kG5D8g/e7QPQ0xeL5Ca94OmTORuvk4GaG4xkd/SJ6zm64ZGbU33uQnLJhK7h"
    "WAsv+KzeLYJgjp8sdACmDraBaz0hCz0BCwEPx39h33tLn2digzyQXJEX9ZH1pw81Dz9BbwYd8oCvv5PLFjLhN+jSP7/2"
    "fBc6mmXS4Q58wc/Q1HSv9zsdt3jWphacmxl8gqHsuuYtF+za+Ux3PrGR9PtONAPPfRsloxdLb4ZRPJz8HHr1CSLo6B40"
    "U0ghfz4PkY0uBT+CXPAcH8bf3kwumHCq+3OKN5UOvkFyradpN7djbTQca1qvMBeRRArj8JJBppPMo4U8l/1+W/+mzSF6"
    "8mbkz8P+9+BzEhyCUfQDvwzuz38d3L857P9EPxCTxRAslZvwTp/d+s4eoXt68BA2HQnMBsbPFtRmujuTwTsnthbwIaxt"
    "xP3kqALuJ0dC3OktinsKZ9eZyqOcFqoF42hIAnKiOzqAsm6aDlGRMhinROpRH1Ug7vX2FGCmxXUCiSeDcVaqczD3372r"
    "gDMZJQSa3cspDAdSNOgmWUD6gtzxLBsKtEZGMoe2GYq+jf7RFPZNahHyA81bNF+GCq4E/PHl9XA0Hlzf0Y+zXffPOcNv"
    "MB7SO312dZm7+uYkN0/xQ8Bvl+NfAf0T/PP2Zsjgxa735LBPTMaN/9mj34mYbFhD+FUjOibRxdHVCLXMrMNvC4s8bY1Z"
    "z0p2cNb3ZJYjTEqnOWUBS05zVrKGaW6ZhdClWU65PNkpvkReyUbJ9WWsYO/cs3eWfF/yv7/23x+dHn04PDn6QIawLxpf"
    "OS2Z8MubMdkUqYc4feY6LxSuIrqfsAOJg/oZLhnIl+Qb6ciAHFBDH/whfMyegfs9Wj3R1eRtdvTX2KVOLyry28kvhl5g"
    "rw1G54OLYY8hPNGN51fdMTUB1A6ckjdjRnz8Z4g4BvbHUP7T53s4170wnMHH+z541pg+qkO4MxxxH6fwyyBbvGX37fwV"
    "HRE72Qw/m34SDzNOHCmPqTiQVJzJ1ZGkAWCjgTfTPTDxly75FwQIfvPAQrecA4DJC1aMIlUXWx1BkgoUCRVsVd0avkft"
    "DRPVoFgPSsJCbN6k4xVZqc5F4+p3p5W5/0MYgu4CIm+NSU7LKVO/1TMcJGa41r5YX2althcX27P8RYkH4Capsw2dgFwi"
    "bs9gr+oLZFecrDvQqIGLGbBFw5ZeLzdoyYjKdix9uglc6AE8BQvo2FaQUf0ZvM4sY0YsUugCulZMlyY7/3ixyZS/dXzy"
    "EW91wyDw/cGzc+t6rLKD22UHs/9LaPRofOds37oy0Qm06a8lgXBOTCWTRMmkwq7ZmF7PBuQ4waFrHS3HmP634YjcTl+Y"
    "kj2Y/Swtt7NFP9KhATNoxrfj/WyKHYb/M1zG4IY7dzw34T0qE97yZg72n2aRhBY/jrvbk+taXuF/L92o2dfmbNTRzxFv"
    "1PHqWL1Rj7ANJ9hcku0TA0NHjHJEds7i3ls6Um2n7dpO6QqQ3VLTMp3bVhsIKdm6NZfBNxboHLj94yroklHirfS4gO9C"
    "d91XTDSvbHC0INhBf78RJszUclxPk1UbWanOmYn1K465vgbKGSEF8kqQLVcjdo/1wgH5IyaGmo4EBkZaLofzhAg2BXSk"
    "vLcb/v14e3uVifx+vBznMH64/ji8f/OeQU8GWYFVG1kgKUboC7FFOCSBEkJoLKEYt6sXNE0/aP/CFoIce7k8u5ET7WAO"
    "q8NERab4WYWI7LRnJVVaq21pLYm4USEPsyExqJs5GL77QGYJehvidRc+7J4+q6uIWejF8hgQG6J1GT9ob5VKOVI2tCfQ"
    "cWfWYkOkruMHdXVRTa0oxro2SJ+s+T7aJJXg8aC9oEHpDSEah4/pKkwv9oYAfbG7Co2nu8+brh7yiI5qasskbwb2IDKW"
    "NIOz6caWPO0zXHZpRUklJhN4//Sxp4sxvUVwjMl/ViP739GDOrIGy3K3Sdpxs9xtRNjZq8SBbO42+pH53G2SAM/mblP5"
    "2XzqNp3W3Sx3m/hvwuRt1mPgZHELLoU4nctxZar1pHB9YxZUBhyAJ4xNVgYAdGQChD1AkANzjJ74TSkkZFXyt13JX1VT"
    "sJ0eCIaBfeRJA52X62B6UhVwqDioquRVlbxtA3cLlbxNUvdTgVWORZkNu4rNyVyctwqZ3yBPCYpLbf2ZEuwx+QdagnAr"
    "c8Gr5c2ADqgZzWPtS8srk7JdJiWdwDV6l5kbdi5rGcjdYhS2LJayBUqhEwYTquIbje+ghV5/mQl9PNk3OZEtofZNi2zP"
    "eHvfah2cMdVkwNw+kO/2BEjV4U0MdXeJUypiIJz1PZnlShGD6BWdLOXiBgW5tfRm22yoZoMHCWbbCyG0DOGqEYTC8srE"
    "Eci3ADcPV1e7CiQE6VZODCHOw4rDByznWzFycGXZFvHu8ZTW5QMaVSlGBwRjNogAtCCI2O1gwMIn2DlS1mlGRgVqOVaq"
    "DW3sLDV7IuNApWUUqhxUTct91p5kME1JKEQ5iL7Y2pyqbAlI0yIKU5GdJWMKrEroRMyrhtM5baUSbZDM2ciuOse+40Ke"
    "YRXeKbWsDDamelJmrrtukFWxyP91/2nmBYkUWzdmFoIuNxVTTUolYNplc+22P9Ku1W0mdP2+/6FC7JqMEgav2b1cjJC8"
    "jrK5rdoyLy3Kam25/dQYfhOZYZ1rP1UWdRv+Y5wJuEWAvrke/OOnTNDt6vbml2h4agLOr24/5oAnm77jrRP/zAiqutE2"
    "Rz8hMteKcCdian7bPL+qjcWW21ioXKHYUOhurtBfmGvOelZSzXpbZp2jXePCLOmmC6reu1cSb1EFzW0taG6nYabqmeXQ"
    "aTIRnFJInKBlVl2JA5c5/VgleEmDsn9xAXnJDUgbtesgiH7yQpalYzmByq9hJJXdjnr/Uirn77kQZvaw7HiEimpuK6op"
    "JuQOkW8Xkhd7R87tjYeD81+H92TWoG6Q5fmIRuOHi+HN+Ay4nm+GB/VKR0BPqgRA85ZVKv55kg/SBd3h1rB/M4LK/G2L"
    "+VvF6QmUpCRrLi2jUrl81vauyUcdQLSMhBjv7RsSEJOU7J4BXJmDmH5Z+anv/MqtAVZVGroLRidrksYx4aPmaWLjPe7Q"
    "VsVsp4MPAHYYVzMiEUwgARb4iznWTWjyLPiqYqtZB197+BXFM0DWoue7PTLma/Tvgwx/X9nzW7XnnyGHGS5OoofDO1ca"
    "Wn8SXdE/UpWhx5UqQ49LKkOPC4dN+A6xrtf2RVPibUacuKPXd1fE9aD+aBBgfUSXo9szoo7xIxqMx8RbvWbeqe55xGG1"
    "W+OgJtp9nflJpLfIIwl2Ngqa5Cw93F3dDi4ub345A/EzHtH9cHDxP2eA+qPLdswJ+TiPnpvLwJRQTnm5Lc4JMYPmlsHi"
    "x/+BDQ96fyWfBnVbcorWZq6Vba8Jc+20hLl2WngzrP+F2mTJT7lYT0KbJivXJc/zb/3+4eFp/93hyYfjo9PT4w/vYjun"
    "eKtsRj5e/kJtnsxcFD1+d6b3j09kXoBEonuNG+pvizHFjs0LTJYcSRRLdA/f+tX4i+V4vj7X1lUkfPkOldNuWZ8oCpJ4"
    "QrobjW9Ru4KWvYV7MsmV+Jzp4FXF2FNapEtWWlP5AYaXimOvimOnl1UmkH1PFvn95fm4LJK9S75XO7VTbS31A49fjGb1"
    "nvoP8ZM6hKhESiT8/ZykSIJMyRnabEzFxMiv+BXoLMsBDGxDl7KUFhY0oEu/FSVHQRMYMx89s1u09SV2TOiwnMgbz3d/"
    "YpkRfepBB3gzCDBNfxQzKQ1+jir4bFcqxcNe6FPJeWNZuS4ZDNt2w+hrJJgAMT8mI9QhH7g2foxDtJX1wjojSUcairKd"
    "aXa45cVNtxA5NyQloVok1dnAY2rxOLCSDTzWPSNvLxp4pJZe0w08Yj+EYzWmfRSx3ZhxiKpQau4c/M3G3+KMbMCPiTju"
    "4A0m1ps1BQt/MreMAwBfoLMMb/4EbH1J6fE8zk1tz61CyslQzSJWjjIYVYeQ3eRImugQovpY7K6Pxb5RPxYQrUP8uBve"
    "BLSPUP4RfRlcXV4Mxuziiz63yNvPrl9e393eB5cte4Edr0ARIWNumDQZgZjoIxre39/enwHoONjJ7xi7yT1iV5o9khLZ"
    "4oyyQElTb1TT7EHL1YJtnuNuregikchtsYtEfGVv20iEX1tbp1UqV1YdjyCCeJ2+qVzZLUL8rn+0Zyiv0Ue1KLlNhPcE"
    "X9ed0SNQHFnrPS/XAbuy6V2QQmZAYipNKQOUG3ss2wx54mpPlNgTkWSLRVRni8VW+af1cyRfbKmYSjRcJSg4GtkjkD/J"
    "KeNERC3W1YvVJUBCUxMCXa6GC8KqvZ2EX7If7fD3xnrbXe1F23TGbtKYqjSg2ao7VdrSrNkWhnR5KYW/j25vBNZbRipP"
    "+LYMD/wfmFvuHmqREnwpHOWphXwW4SBL36YPyKcWVKmFeOl3t9RCdXvt2qxzai8KjSVVu6teAxawKmhpwKsgq86AmjxH"
    "ryjYIddC9RPbNQ9P3E8sqRkq6IYagFWVWALtUAO2FYmjLVMJVaEtKsQNSt1Uz+5tdaUmQHH4twF8YuZtOD+rObe3CEaH"
    "3UXHDrN3sMiiLR0p26wuWHfMeWAN6zLqNH9TcWh3waH1fR6sDw+XFwJ/0OciSy+/pVLr7FptoOTz0AsS7oEDl3bN2O9U"
    "3epEMcPDKjHDQ3HM8FDxkBUPeV3oWZRyDSLy+f0wJB1HT6CN62/v7oYXtHE9Xiyg+YjuH25u2CDHR4iNuRs8jOiQhe67"
    "MEc4fkQXw6th8FS22zGJ68vRiF2yLdeNvunO8x7qhPv6dlt1wr064X6/ECXvMHReIK8JRxkzJS2mOCmKF9iKBPMOeYEd"
    "8BRTxp89sbCr8R3EEjpEVqx7S/awiu11KLa9Dgu2l60bNKtHtKnA1hYYClmx7iH9vlLv4JLWwYXOwdYiQoxn6Ir5J3m5"
    "jRgo6zk2/zn1kUHxBBPfmhNXwn1LP++/duBrNkJMYUewr0VRyEqqbpDtYSQUiSh4EliMa0xzTlTNc5vnWdHMxHvcfhKO"
    "FM3sR5z1KjSzVCJPctazkkqjt2eSORp9J2TClk2o4hK2H9Oo+5ccrDkptVhV1/GdcN22z81s2aptiprppXoZbght91q3"
    "58HNacMMvOQ7gJuHq6vazn3N9qvQDYMbB5XvBj9yZ4P4Yd2YJ9mG8AkEHHZhBh8xyTA7Kau5hr/Rpptfrq/0CXgmxqQb"
    "0QhDVuFfXDAa/QpYLIfDP5SW3qCL+4stZyPE41U74NW8QnpoNPdwXDFhKy3ThWzGtulaM+LyyWKellGYr4+5trAQWisI"
    "wn+CCoa0LRhScIVkzJ/0plNcIJKtzytVVbRru6lqeMZbbNNtz0ceXHCNInq91B7ydPdZc8kwGXvIcpk5gyJzhspH/6YP"
    "PAOvjuV5EIEJnBJ/5ID833uFkJ5oYwan1whspbqezLGjvrLfSm8ykH6valepQo0GDCqiwiw+A35k6/O5EN+0XJfihYf9"
    "05MYY/pHGbyj68HVFYeHp6o2Iq7NUZX+8Ufi9vFHhe7x+1c8IA92jxgS9+OgRICRUB7RBTE5zoBJ1O8j+jS4vKI3p7o1"
    "p/cebi5ug0PukYlZMQC9QsfTC1RiNH44/0yf5hvPeX2/m8IAxVVtjqvqL+S4ldH47mHbf/euArhklBBddi8HL3mpNGmM"
    "00IK6EpAu1aowivafPF4lWbj5IR9b+FzoghidmoioTqjrU9Ajc8IqRo6iwW6oCV2UFraFrpv6wzz/aSKVSEITi1kubO1"
    "pj0nquKjbYuPZpLtNEYmx79JJLoUpWiKfBMF5jZlMoSP2TNwK9MYkkVVIZ68PoNBMvbMUOfEnqPZKI89S7T8YQel02Dw"
    "K3aez4AOXqAzARiRf5FN9Al67JR0eir6Qncg8uhQ8q2X/LZAGz2tSuugJObj+CjuCxQ8O1i5DAv2J5lVdjf4qPjPqHpg"
    "sgznPVVOoDoLbTVg/Ux+lozjHY1vc7xPBVfXBru+EyKLTVhGD+fnw+EFi8P6hgGhSaOt+ejr+eDmfHjFLhkUlvk86Fyw"
    "+xgrUWI6r9We2OVPJNpRiko/tjOlqLkdp6oCy4l1UI/Vv/KT3VzGVUjJKGeBE0KcY4PjHYhXbjS+lkDWbo2ahk/Um+tI"
    "rnNALNAOPd2plgELx8KO5XH4jisoESm57emP42aVRx18CN2jxH9PpgdcWkSdllXo/0a00Rqg5sU6s0hrA3YK5TKO8Xi1"
    "RvNQ0mgOr5BPbC4kEl3IfDVN8phD3YWajzxrLpvzyImqnEebcx5hzFJyihOpDmYyuzS9Pnq14gBWrjSxrEdmRk6dni3R"
    "JTMI0mkOJD/aXbOZEP8RSpG2+U1bOPiJ3wtxlVuXyHXGzKvDrXPDmpaq9l00vnvWXf2JGAFrTBwQErHGFFdPIvJDbtHv"
    "LwF7IqFwV6fHKtaeDGuvRVzN/Xn/2jTJlcwuxc38MeZZNfJrIIha4J1VBTYvp8Atgptw/KoDm5FRoK4kFAd4FQFuilLc"
    "MnSrMoozy4rPKearhRqQrdgocU+RLWhCQdM51Syx1maJVbr5ZSNJGx4JHDVY2TP3ToR0dj3OrLlJFMRmCHVLgzZ6bPJv"
    "QSaaU0vxW5yjFldTBHnsivUUA7BwMO2CCDzadsfxkcv667gHYLIElufSc5LBXHc94BLdQ4sf5tYUFkspNnnQBs0O5arg"
    "Nyh/b1mVQyPZfXHVA+3mJgN0NL6LbOF+lWg7GSXmC/cL8XZuNwexF6BIwkKv6oWoPm4/KfFiTYl0cL3WzxamdTZSJQSx"
    "wBbrcsIqmt52dEL9BxdjZPgOMboMjo9VEtDKSCkFwTsAsj1h/7ZB3aV4MLU0NRfCddhreVk11a2b6kLMbzc178MXyFzC"
    "gqMW3Dgo89MgHVLRTRthm7hGZELBTHeBMdMR+To/g1diZ0PiXIFXnfpdENGGfch0wQS6lknvFB21zR5VpeCd/Bbk6qxE"
    "J4zN0Dp2KRfuo/X0o1Sq/63fPzw87b87PPlwfHR6evzhXbzDFW+VbXUfL3+hu13mNVxdz16crOozUZTtDEFtK7OSmgVh"
    "Ue7qsvd9qMztfbk+Ay/2IxoPRp/PQNTnRdbOruJ5i/3ugteNJ/+ChmQGLiOjDOyWnP7WsqixysPvE7iKOdJQHn43Nvml"
    "Ce0F9mgQ5DNc9jjGeW5EqZVuJWPpcSYSbarI6OjEAnoE0AF4wtgEU+wAHZj68mfwR9Cw5g962AH9DcQGt+aQtZqaWo7r"
    "AWJdvUKH3rZ1k5NzaexTuKcm+GGinh6row5N2GkPKt5hSCUtqDY4B6l1xkrzuZiwrEoj7vFMBua8XAfxrr+MWNTxq7wm"
    "Stjpa5/33jpqoibYlDonLRrfhZqospBmE72eVdWIeEV3t2qEneYoZdWkJFS8YDVlNzIzt0MrbRu4VamPqUXVph7AA9+0"
    "vCHyHK7flbp7UOZz6XScBslAC0o4XGQA69XLzoijJDSaynDglGBl/gwQfIHUKXIhUb8eOyYuukR3Qb53tfkjqyRM0t18"
    "abvf1OTmbwnbBufGqmxLK7MtymZQNsM2bIaWmeZ1h2wpPLKnHKZltshD6zUFacOOeZDWlQE4kVCRjwoAUxYGlmKvJxId"
    "BLjm1O6+Nbvekp7oSqvrju9vxLTgt4oq0b6JSOdWbf3KN4rVy5UPZaUUzBVg5jc0qkZsEjY3atV+12PHdIxG4SEdrvuI"
    "7oefHkb0QI4wUpA/tCMfatiN5t5J6qV1Rkh9uRdD8khpY5MjpdusR+qvODKhR14cqRMKUiLtOKNg78+SaQm9ZwAdy5j1"
    "eOHl4M5BaWg5GbMqpiwGv+Z65R8l9toYH0bVfOaPQz8+rqCCySjxcej0Xs4pWUi1Ww2HdxDd95UOm39fctj8++Jh8+QT"
    "PW6rIvEWlxLZ/ha3GyJHNzaz7/8P8W0Gjw=="
)
