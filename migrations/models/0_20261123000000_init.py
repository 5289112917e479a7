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
    "expected_sha256" VARCHAR(64),
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
CREATE TABLE IF NOT EXISTS "pve_log_lines" (
    "id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    "task_id" INT NOT NULL,
    "upid" VARCHAR(200) NOT NULL,
    "line" INT NOT NULL,
    "at" TIMESTAMP NOT NULL,
    "level" VARCHAR(8) NOT NULL /* INFO: info\nWARNING: warning\nERROR: error */,
    "message" TEXT NOT NULL,
    "vm_id" INT NOT NULL REFERENCES "vms" ("id") ON DELETE CASCADE,
    CONSTRAINT "uid_pve_log_lin_upid_c43992" UNIQUE ("upid", "line")
) /* One line of the log of a Proxmox task; Proxmox itself forgets them within days or hours. */;
CREATE INDEX IF NOT EXISTS "idx_pve_log_lin_vm_id_6ab26f" ON "pve_log_lines" ("vm_id", "at");
CREATE TABLE IF NOT EXISTS "vm_events" (
    "id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    "at" TIMESTAMP NOT NULL,
    "kind" VARCHAR(16) NOT NULL /* STATE: state\nCONSOLE_OPENED: console_opened\nCONSOLE_CLOSED: console_closed */,
    "level" VARCHAR(8) NOT NULL /* INFO: info\nWARNING: warning\nERROR: error */,
    "message" TEXT NOT NULL,
    "status" VARCHAR(16),
    "cpu_cores" INT,
    "seconds" REAL,
    "user_id" INT REFERENCES "users" ("id") ON DELETE SET NULL,
    "vm_id" INT NOT NULL REFERENCES "vms" ("id") ON DELETE CASCADE
) /* One thing that has happened to a machine. */;
CREATE INDEX IF NOT EXISTS "idx_vm_events_vm_id_e86250" ON "vm_events" ("vm_id", "kind", "at");
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
    "expected_sha256" VARCHAR(64),
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
CREATE TABLE IF NOT EXISTS "pve_log_lines" (
    "id" SERIAL NOT NULL PRIMARY KEY,
    "task_id" INT NOT NULL,
    "upid" VARCHAR(200) NOT NULL,
    "line" INT NOT NULL,
    "at" TIMESTAMPTZ NOT NULL,
    "level" VARCHAR(8) NOT NULL,
    "message" TEXT NOT NULL,
    "vm_id" INT NOT NULL REFERENCES "vms" ("id") ON DELETE CASCADE,
    CONSTRAINT "uid_pve_log_lin_upid_c43992" UNIQUE ("upid", "line")
);
CREATE INDEX IF NOT EXISTS "idx_pve_log_lin_vm_id_6ab26f" ON "pve_log_lines" ("vm_id", "at");
COMMENT ON COLUMN "pve_log_lines"."level" IS 'INFO: info\nWARNING: warning\nERROR: error';
COMMENT ON TABLE "pve_log_lines" IS 'One line of the log of a Proxmox task; Proxmox itself forgets them within days or hours.';
CREATE TABLE IF NOT EXISTS "vm_events" (
    "id" SERIAL NOT NULL PRIMARY KEY,
    "at" TIMESTAMPTZ NOT NULL,
    "kind" VARCHAR(16) NOT NULL,
    "level" VARCHAR(8) NOT NULL,
    "message" TEXT NOT NULL,
    "status" VARCHAR(16),
    "cpu_cores" INT,
    "seconds" DOUBLE PRECISION,
    "user_id" INT REFERENCES "users" ("id") ON DELETE SET NULL,
    "vm_id" INT NOT NULL REFERENCES "vms" ("id") ON DELETE CASCADE
);
CREATE INDEX IF NOT EXISTS "idx_vm_events_vm_id_e86250" ON "vm_events" ("vm_id", "kind", "at");
COMMENT ON COLUMN "vm_events"."kind" IS 'STATE: state\nCONSOLE_OPENED: console_opened\nCONSOLE_CLOSED: console_closed';
COMMENT ON COLUMN "vm_events"."level" IS 'INFO: info\nWARNING: warning\nERROR: error';
COMMENT ON TABLE "vm_events" IS 'One thing that has happened to a machine.';
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
    "eJztXWtz27i5/isYfWl2xs1JfIlTb6cziq3suitbriRnexrvcCkSsliThJYXOTrt/vcDgHcSoAiJlCguviQyiReUHoDA"
    "e3neF//pWUiHpvu273uLCXRdA9m9K/Cfnq1aEH9g3T4BPXW5TG6SC546M2l7FTdU3KAlvaPOXM9RNQ/fnKumC/ElHbqa"
    "Yyy94Fm9kQ2BiZ4N+wTMHWQB13i2DfsZGDbwUPwX8r23pD8dabhDfEVc1LeN33yoeOgZegvo4A6+/oIvG7YOv0GX/Pm1"
    "57vQUQydNHfgCr1AXVG93i+k3fJFmRvQ1DP4BE3pdcVbL+m164XqfKYtyfedKRoyfctOWi/X3gLZcXP8c8jVZ2hDR/Wg"
    "nkLK9k0zRDa6FPwIfMFzfBh/ez25oMO56psEbyIdfIPkWk9R7kdTZTKYKkqvMBaRRArj8JKGhxOPo2F7Lv39lvpNMaH9"
    "7C3wn2envwfPSXAIWpEHfumPr3/sj9+cnX5HHojwZAimyn1455Te+p12oXpq0AkdjgRmDaEXAyoL1V2I4J0T2wr4ENY2"
    "4v7hvALuH865uJNbBPcUzq4zF0c5LVQLxlGTBORk7egAyqquO3iJFME4JVLP8lEF4l7vSAGmq7iKIfFEMM5KdQ7m03fv"
    "KuCMW3GBpvdyC4YDCRpkkywgfYPveIYFOatGRjKHth6Kvo0+NIV9k6sI/oH6yDbX4QJXAv709m4wmfbvHsjjLNf9zaT4"
    "9acDcueUXl3nrr75kBunuBPw8+30R0D+BP8a3Q8ovMj1nh36xKTd9F898p2wyoYUG70qeI1J1uLoaoRaZtTht6WBe9ti"
    "1LOSHRz1IxnlCJPSYU5pwILDnJWsYZhbpiF0aZRTJk92iG9tr2SjZNoyRrB3Htk7i78v/u/Pp+/PL88/nn04/4ib0C8a"
    "X7ksGfDb+yneFImFOH9hGi8EriK6n5EDsYH6E1xTkG/xN1JtDTJADW3wx7CbIwP392j2RFeTt9lRX2OTOj2p8G/Hvxh6"
    "gb7Wn1z3bwY9ivBM1V5eVUdXOFA7cI7fjAW28V+gzVCwP4Xyn38aQ1P1QncGG+9x0NeUdNUh3CmO6BSl8MsgW7xlnVr5"
    "K6qN9WQ9fDZ5Egszhh8pjynfkVQcyc2epD6grYG3UD0w89cu/gSBDb95YKkazglA+AUrepGqi232IAk5irgLbNW1NXyP"
    "2usmqmFhPSlxC9FxE/ZXZKU6542r35yW6v4fQhF0l9D2thjktJxU9Vs9wkFghqnt89fLrNT+/GJHFr8osQDcJHS2oxGQ"
    "C8QdGexVbYHsjBM1BxpVcBEFtqjYkuvlCi1uUVmPJb3rwIUeQHOwhI5lBBHV78HrwtAWWCOFLiBzRXdJsPPXlYWH/K3j"
    "40e8VTUNw/crS8+tq1upB7dLD6b/C6zoUfvO6b51RaITaNNfSwDhnJgMJvGCSYVds7F1PeuQYziH7lR7PUXk34Y9cgd9"
    "YUr2YPqzlNzOFv1IhzjMoB7fjvezOXIo/i9wHYMb7tzx2IT3iEx4y1s4yH9eRBJK3B1zt8fXlfyC/3vpRk2/NmOjjn4O"
    "f6OOZ8fmjXqCLDhD+hpvnwhoqk0pR3jnLO69pS3ldtqu7ZTMANEtNS3TuW21AZeSpRqmCL6xQOfAPb2ogi5uxd9KLwr4"
    "LlXXfUV45RV1jhYEO2jvN8KEmRuO6ymiy0ZWqnNqYv0Lh6lugXJGSIK8EWTDVbDeY6wYIH9CWFFTbY6CkZbL4TzDgk0B"
    "HS3e+3X/fhqNhhnP76fbaQ7jx7tPg/Gb9xR63MgItNpIA0kxQldYF2GQBEoIobGEZNxuntAk/KD8Gxk2ZOjL5dGNnGgH"
    "Y1gdJirShZ9miIgOe1ZShrXaFtYS8BsV4jA7EoO6GYNhmw94lKC3I14PYWdj0ldXETPsleFRIHZE6zbu6GgXlXKkLGjN"
    "oOMujOWOSN3FHXV1Us2NyMe6NUifDfMYdZJK8HjQWhKn9I4QTcNuugrTytoRoC9WV6HxVPdl19mDu+joSr2yFLiC9q77"
    "/xdrsIKVEgOOESRDx8sH8qCtrUmYa9fdP+ntJ7ju0msnFL1N4P3NR57Kx3RkwynC/2xG9h9RRx2Zg2UB7iQ2u1uAO2I1"
    "HVV0RTTAHf3IfIA7YQlkA9ypIHY+vp2Ofe8W4E6MXG6EO2tWMULdBbuLH/Nm2HvVCne4vrYI0idOwDNCOs2VAKqtAxt5"
    "ACMHTGQ/syt3CMjKCHm7IuQy8WI/hSI0Dfm2Jwx0Xq6DMVyZ5SKdxTLdWaY7tw3cPaQ7N5nfkPI+MzTKrG+ar07mnOFV"
    "Mh403EuQgWupLyQLAeEP9hqEW5kLXg1vAVRA1GhWaoOwvFQp26VSkgHcosCbvmN5t5aB3C3aZct8KXvgXTqhM6EqvlH7"
    "Dmro9efikO7xvsnwbHFX37TI/pS3961egzOqmgiY+wfy3ZEAKcvg8aHuLrtMegy4o34ko1zJYxC9orO1mN+gILfVutk2"
    "HapZ50GC2f5cCC1DuKoHoTC9Mn4E/C3A/eNweChHQhBuZfgQ4jgs331AY74VPQdDwzKwdY/mpHgBIF6VoneA02YHD0AL"
    "nIjddgYsfYydI6SdZmSko5ahpVrQQs5asWYiBlRaRqLKQFU33BflWQTTlIRElIHoylJMsmQLQJoWkZjy9CwRVWBTQCdi"
    "XjUczmkrlWiHYM5OetU18h0XshSr8E6pZqXRNtWDMqbqukFUxcD/q/7zwgsCKZaqLQwbusxQTDUpGYBpl8512CJSh15u"
    "M67r96cfK/iucSuu85rey/kI8esoGtuqLfLSoqjWnmt0TeE3nhrWuRpdZV63wT+nGYdbBOibu/4/v8s43Yaj+x+i5qkB"
    "uB6OPuWAx5u+423j/8wIyuTaNns/oa1v5eFOxOT4tnl8Za2PPdf6kLFCvqLQ3Vihv9S3HPWspBz1tow6Y3WNE7OEK1PI"
    "pPheib9FZn23Neu7nYqZTPoWQ6fJQHBqQWI4LbPLFd9xmVsfqzgviVP2Ty7AL7kGSTV7FQTeT5bLsrQtw1H5NfSk0ttR"
    "gWRC5fwl58LMniget5BezX15NfmE3IHtW4XgxdGRc3vTQf/6x8EYjxpUNTw9n+zJ9PFmcD+9Aq7n62HhBWEP6IcqDtC8"
    "ZpXyf37IO+mCEnpb6L8ZQan+tkX9rWL0BIukIGsuLSNDuWzW9qHJRx1AtIyEGO/tOxIQk5DskQFcmYOYflnZoe/8zK0B"
    "VpkaeghGJ60kx1DhowpzfOU9LmNXRW0njU8AcihXMyIRzCAGFvhLE6k61FkafFWxzayDrz30ascjgOei57s93OZr9Pkk"
    "w9+X+vxe9fkXyGCG84PoYfPOpYbWH0SX9I9UZuhFpczQi5LM0IvCiRy+g7XrrW3RlHibEcfm6N3DEJsexB4NHKxP9u1k"
    "dIWXY/Rk96dTbK3eUetU9TxssFqtMVCT1X2b8Umk98gjCXY2AprgKD0+DEf9m9v7H65A3MeTPR70b/73ChB7dN2OMcGP"
    "88jhwhRMgcUpL7fHMcFqkGlo1H/8P0jzoPdn/DSoWoJDtDVzrWx7TZhrlyXMtcvCm2H8H1Rma3bIxXjm6jRZuS5Znn85"
    "PT07uzx9d/bh48X55eXFx3exnlO8VTYin25/IDpPZiyKFr+7UE8vPoi8AIlE9wo31F8WY44ci+WYLDm3KZboHr71L+Mr"
    "w/F81VS2XUjY8h1Kp93zeiIpSPwB6a43vkXlClr2Fh7JIFfic6adVxV9T2mRLmlpTcUHKF7Sj73Jj52eVhlH9hhP8vHt"
    "9bTMk31Ivlc7V6faSuoHFj8fzeo19R/jnjqEqEBIJPz9jKBIgkzJQeO0TcXAyI/oFag0ygE0ZEGXsJSWBtSgS74VIUdB"
    "HWgL336ht0jpS+To0KExkTee735HIyPq3IMO8BYQIBL+KEZSGnyOTPhsVyjFQ15oU4lZY1m5LikM+zbDyGvEGQA+PyYj"
    "1CEbuDZ+DLZWoEaMVHG3GUO0e/6d+v1nDt4fjBWtRSXs2ynKdqa85J6XE7Jpixl+KQlZlKrOkilzg8U6FiyZsu3RjUdR"
    "MiU19ZoumRJbfgw9PW0V8jX1jAlahcT04KBvFvoWx8ADRlKUVQDeIKwvG3Ow9GemoZ0AuILOOrz5HbDUNUlIYLGcauu3"
    "Cg0qQ+6LeFBSRZc1WQ4TlWqiJousHHK4yiHHRrZZQnsbqs3D4D4g2oTyT/aX/vD2pj+lF1eqaeC3n16/vXsYjYPLhrVE"
    "jlcg5eA291Qat7Cp6JM9GI9H4ysAHQc5+R3jMNFe5ArzdVIiexxR6ppq6o1qmq9puEqwzTPMrQ11OxK5PdbtiK8cbeGO"
    "8Gsr2xSnZcrKAyl4EG9TqZYpu0eI352eHxnKW1SuLUruE+Ejwdd1F+TQGUdUe8/LdUCvbHoXJJBpEKtKc8K5ZfoeyzZD"
    "lrjcEwX2RFuwqKVdZ1HLVtmn9XvVV5aQTyVqLkNCjBXZw5A/iy3GiYicrJsnq4uBJHEzHtDly3BBWBYUFLBLjuMAgqPR"
    "3g6X7dK2NeMwYUyZjNFsnqNMJmpWbQtduqyQwt8no3uO9paRylPsDc0D/wWm4R7hKlKCL4GjPLSQjyKcZAnzpIN8aEEm"
    "t/CnfneTW2R93a6NOiPbpVDKUxYY6zWgAcsUogasCjzrNKiIc/SKgh0yLWQFt0Pz8PgV3JIsrcLaUAOwMveNszrUgG1F"
    "4mjLloSq0BYXxB2SC2WV9H3VAcdAMfi3AXx85m04Pps5tyMbRscLRgc903ewyKItbSlaHjCYd9R4oCUCM8tp/qbk0B6C"
    "Q+v7LFgfH29vOPagz0SWXH5LpLbZtdpAyWehFwTcAwMubZrR3ynrA/J8hmdVfIZnfJ/hmeQhSx7yttBTL+UWROTr8SAk"
    "HUc9kKMCRg8PgxtyVABaLqH+ZI8f7+9pI8e3bdrmof84IU2Wqu/CHOH4yb4ZDAdBr3S3oxJ3t5MJvWQZrht904PHPbah"
    "bR6Irtn63TZzcJUwU/NADM0jQvVIQvpHhCh+h6GzgqyyJ2XMlLSY5KRIXmArAswH5AV2wFJMKX/WzECuwjYQS+gQWbHu"
    "TdmzKrrXGV/3OivoXpaqkageXk05ujZHUciKdQ/p95WqNZcUay7UajaWEWIsRZfPP8nL7cRA2c6w+evctzWCJ5j5holN"
    "Cfcted7fDmBrNkJMoYfeb0VRyErK+pvtYSQUiShoFmiMWwxzTlSOc5vHWdLM+HvccRKOJM3sjzjqVWhmqUCe4KhnJeWK"
    "3p5BZqzoByETtmxAJZew/ZhG1b/EYM1Jyckq67wfhOu2f25my2ZtU9RML1XLcEdou1csPw9ubjXMwIu/A7h/HA6rUQiX"
    "K6iY6JkRWBKgET6s4BA9Dw37GDV/Lp8wU5V5BUnznVD6Yg1W8ChVgHool9m6J6qmMf3p4uc4TNxFP+6sG++76FEOCQQM"
    "lmoGHz5ZNTsomzmrP5PirV/uhuoMvGCjxI3oqCE79U8umEx+BNQnyOCxCkvvcP7CyhLTNeP2sqz0Zn4qOe6deaw1n/iX"
    "lulCVGzftL8Fcj1RzNMyEvPtMVeWhm1v5Uxj9yCdam1zqhVMar4aXVR/0ptOcYIIltCvlJ3Tru2mqgETb7FNl8+feHDJ"
    "VIrI9VJ9yFPdF8XFzUT0IcOl6owdqTNEPvpMOrwCr47hedAGMzjHdu0J/t97hZCcRaUH505xdKW6emboUV/pbyU3KUi/"
    "VNWrZMJPAwoVXsIMdibFxFJNk4tvWq5Lfuez08sPMcbkjzJ4J3f94ZDB55TZPxFn67zKOQTn/GMIzgunEBxfEoo42D2s"
    "SIynQaoJJTM92TdY5bgCOl5+n+zP/dshuTlXDZPce7y/GdEUEt/WEU0qIVdIe3KBSEymj9c/kd587SW/3h8mwURynpvj"
    "PPtLMY5u1L572J6+e1cBXNyKiy69l4MXv1SKMMZpIQl0JaBdI1zCK+p8cXsZrmVwC3xv6TO8CHyWcyIhK+xtT2SOz5qp"
    "6jqLBbqwShwgRbkttPHWKebHSTmsQjSdG7bhLrYa9pyo9I+2zT+aIW0QH5kYjyuR6JKXoikSV+SY25URE3ZzZOBWpsMk"
    "k6qCP3mDC78+3zNFneF7jkaj3PcsUDpqaUCNloN6Rc7LFVDBCjozgGz8CW+iz9A7AcgB3gK3VB1oe6Qp/tZrdnmpnXqr"
    "UoIq8fk4vh3Xlwr6DmYuxYL+iUeV3g0eFf8ZZaHM1uG4p9JSZIWqvTqsX/DPEjG8o/Zt9vdJ5+rWYNd30mixmM/k8fp6"
    "MLihflhf0yDUibc173297t9fD4b0kkZgMc2gAsbhfax4EVNZJRv5Jn8i0Y6UZvLYzqQ053acqgtYTqyD61j9Mz/ZzUVM"
    "hZSMNBYYLkQTaQzrgD9zo/a1OLIOq9Q0fDKjqdpiFShigXas050qPbF0DOQYHoPvuIESkZLb3/px0eziUQcfQvVIAgkr"
    "n4GLZVpEnrpWqCOIV6MtQM2LdWaS1gbsHIpFHOP2co7moSTeHFZCKF9dSCS6EPlqmuRhQtWFim97hika88iJyphHm2Me"
    "oc9ScIgTqQ5GMrs0vL79asQOrFxqYlmt1YycPIVdoNpq4KRTHIh/tLtlUSp2F3IhbfObtnTQM7um5iazLpHrjJpXh1nn"
    "hjktVfW7qH33tLv6AzEc1hjfIcRjjUmunoDnB98i318A9kRC4i5PIZasPRHWXou4msfz/rVpkCupXZKb+ccYZ1kQsgEn"
    "aoF3VhXYvJwEtwhuwvGrDmxGRoK6kVAc4FUEuClKccvQrcoozkwrNqeYvSzUgGzFgptHimxhJeQUL5RFN2stuilWFTIu"
    "e5JzgAtUO4wKrByZecdDOjsfF4ap4wViN4S6tYI2evz2z0EkmpFL8XMco+ZnUwRx7Ir5FH2wdBCpggg8UnbH8W2X1tdx"
    "T8BsDQzPJedtA1N1PeDitYckP5jGHBZTKXbpaIdih2JZ8Dukv7csy6GR6D4/64FUcxMBOmrfRbbwaRVvO27F5wufFvzt"
    "zGoOfCtAkoS5VtUKL33MelL8yZoS6eB8rZ8tTPJshFIIYoE95uWEWTS9/awJ9R+AjWzNd7DSpTFsrBKHVkZKLhCsg0Tb"
    "4/ZvG9Rd8gcTTVNxIdyGvZaXlUPduqEu+PwOk/MeHHHAMNTisw/4dlpyyMJmM22CLGwa4QEFC9UF2kK18df5HrxiPRti"
    "4wq8qsTugjYp2GfrLphB19DJnaKhtltXVRLe8W+xXZWm6IS+GZLHLmTCfTKe/yiZ6n85PT07uzx9d/bh48X55eXFx3fx"
    "Dle8VbbVfbr9gex2mddwcz57cbCqj0RRtjMEtb2MSmoUuEm5m9PejyEzt/fl7gqsrCd72p/8dAWiOi+ienYVy5tvdxes"
    "bjT7N9QEI3AZGalgt+QUwZZ5jWUc/pjAlcyRhuLwh9HJU8ezMRTz7OFtfO08PClOMY0w071abSrSnMQ2SL0oLE4+quDB"
    "Qd8s9I1ue9/HfxmeC805mCNS94Hq3BZ4NYhqDnR17ZKqUwsyzdhlq5p6EPPAhKhwMHlo4cCEr8nxFrIc1b7LUcmShHVv"
    "B3utXt46MJuvqm2GS2/F6Ro1l3OVMVfFXZvSodlSh2Y2t34FGVn11dwBsXCbFyQ8lz+ProBhz9GT/XN/HFS+w7pfUPlu"
    "MB6PxlcgTio7sJ/Agq6Ldc3iiPCrqKdE2jwOtbxeTRRSP/Ahph3YJ0pY0azD+oTJpdsd19eOaVzrgX17M2yjE7UZVm3q"
    "sG2+SYt/lEjMiViZQaCIMvpItGiBO8cDrgMPYWszPLyYbZ9WlqwSUYqHI6qmKw3NfRuaUtXspKrJL2e9WdM8htLW5Ci7"
    "6YAeZOfBJ/t6dD8ZDQfK6GFwTysm45FFJlQQXZyS+1gjmaTvayZy21JW+disgx7R8nvSPpD2Qb0HLXErxfNJqDtUh29b"
    "vKZp/unSx9g5rKrA/KBYWkYGxRjUU4gfoDMg/WwilXeoYCKTg3ROhI4P1BLEbkaPn4YD8DAeXN9ObsNCL7G6RG+SS0l1"
    "tfGgP8y7711R8kFKQk5aRkKF9MRIT0xrPTH5V78GOLudkJ5a7YQzppt0bt3q0Foij6Su4KHqMXxcuRYnZa4uI2mrvMC1"
    "gMcLtyZcCoQ/EqhOwDNCOuFOAJWwJb4HvwaK5K/AcOlvAK8Lw4SUhzE3HNcDqu2+QofctlSd4x1r5Cls6kY4m/ETC8wN"
    "6UHbpwftBTJSuUoODoOsHK7jtA73kEEbFsNVFqq7EIE5L9dBvOsv/s6zvssr2XIt8GPWs+uoZDtDOmNp4DuPovZdcGTs"
    "23Eka33yZ3R3a33u3yvQusFt1pDdr+3VNnB3Nb4OTCzo+7rhDWzPYdpdqbsnZTaXStopEDc0RBjzuAE9YRlR0oAaJKA6"
    "cI6x0r8HNlxBYhS5EC+/xOrR40tkF2RbV7t3WYWUkD6DmRzSnBrc/C3uYc+5tjJHtpU5slJnkDqDjCTsnlmB4aGfC4iW"
    "ZFekZPZIWeg1BWnDhnmQjC8CcCIhPR8VACa1M5BQflAi0UGAaybSHNsR5XtaJ7pyQHnH9zesWrAP+CpZfRORzs3a+hff"
    "yFcvlqCZlZIwV4CZfQxVNYYp90iqVu13vcnj9fVgMrkCrq+RssVP9njw+ZGSfkNPwZP9uX87JBfmqmG2hf17kNBL65SQ"
    "+mIvGtKFdI2ofefWkfrrxOrQwy8OY67yz7NLiex0oN12QP917tvUHAIz3zA9w3bfksf+rakBKAG8tnPuWlKUpQ8dQ1v0"
    "WO7l4M5JqWs5abPJp8wHv+Yq838U32tjfBhZqTtfbuPiokq5jYsLfrkNci9nlCyFDskNm3cQ3feVipm8Lylm8r5YzAQ/"
    "0WMeMMXf4lIi+9/iDkPk6MZm9vv/A4N6ZF4="
)
