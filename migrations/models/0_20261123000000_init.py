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
    "1CEbuDZ+jINXK2NFKyMJexqKsp0pdrjnyU22EDEzJCUhSyTVWcBjbrA4sIIFPLY9SPAoCnikpl7TBTxiO4ShNaZtFL7e"
    "mDGIqlBqHhz0zULf4ohswI+JOO7gDcLamzEHS39mGtoJgCvorMOb3wFLXRN6PItzU1u/VUg5GapZxMqRCqOsEHKYGEkT"
    "FUJkHYvD1bE4NurHEtrbED8eBvcB7SOUf7K/9Ie3N/0pvbhSTQO//fT67d3DaBxcNqwlcrwCRQS3uafSuIVNRZ/swXg8"
    "Gl8B6DjIye8Yh4k9IleYPZIS2eOIUkdJU29U0+xBw1WCbZ5hbm2oIpHI7bGKRHzlaMtIhF9b2aZUKlNWHo/Ag3ibuqlM"
    "2T1C/O70/MhQ3qKOalFynwgfCb6uuyBHoDii2ntergN6ZdO7IIFMg1hVmhMGKNP3WLYZssTlniiwJ9qCJRbtOksstso+"
    "rZ8jubKEfCpRcxmgYKzIHob8WWwxTkTkZN08WV0MJNQVLtDly3BBWJa3E7BLjqMc/tFob4fLvWjbmnGYMKZMDWg2606m"
    "tjSrtoUuXVZI4e+T0T1He8tI5QnfhuaB/wLTcI9wFSnBl8BRHlrIRxFOsvRt0kE+tCBTLfhTv7upFrLaa9dGnZF7USgs"
    "Kctd9RrQgGVCSwNWBZ51GlTEOXpFwQ6ZFrKe2KF5ePx6YknOUGFtqAFYmYnFWR1qwLYicbRlS0JVaIsL4g6pbrJm976q"
    "UmOgGPzbAD4+8zYcn82c25ENo8PuomOH6TtYZNGWthQtVhfMO2o80IJ1meU0f1NyaA/BofV9FqyPj7c3HHvQZyJLLr8l"
    "UtvsWm2g5LPQCwLugQGXNs3o75TV6ng+w7MqPsMzvs/wTPKQJQ95W+ipl3ILIvL1eBCSjqMeSOH60cPD4IYUrkfLJdSf"
    "7PHj/T1t5Pi2Tds89B8npMlS9V2YIxw/2TeD4SDole52VOLudjKhlyzDdaNvevC4hzzhvr7dVp5wL0+4Py5E8TsMnRVk"
    "FeEoY6akxSQnRfICWxFgPiAvsAOWYkr5s2YGchW2gVhCh8iKdW/KnlXRvc74utdZQfeyVI1E9fBqytG1OYpCVqx7SL+v"
    "VDu4pHRwoXKwsYwQYym6fP5JXm4nBsp2hs1f576tETzBzDdMbEq4b8nz/nYAW7MRYgo9gn0rikJWUlaDbA8joUhEQbNA"
    "Y9ximHOicpzbPM6SZsbf446TcCRpZn/EUa9CM0sF8gRHPSspV/T2DDJjRT8ImbBlAyq5hO3HNKr+JQZrTkpOVll1/CBc"
    "t/1zM1s2a5uiZnqpWoY7Qtu90u15cHOrYQZe/B3A/eNwWI1CuFxBxUTPjMCSAI3wYQWH6Hlo2Meo+XP5hJmzUFaQNN8J"
    "pS/WYAWPUgWoh3KZrXuiahrTny5+qsDEXfTjzrrxvoseLJBAwGCpZvDhk1Wzg7KZs/ozKd765W6ozsALNkrciI4aslP/"
    "5ILJ5EdAfYIMHquw9A6nAawsMV0zbi/LSm/mp5LDx5mHLPOJf2mZLkTF9k37WyDXE8U8LSMx3x5zZWnY9lbONHYP0qnW"
    "NqdawaTmq9FF9Se96RQniGAJ/UrZOe3abqoaMPEW23T5/IkHl0yliFwv1Yc81X1RXNxMRB8yXKrO2JE6Q+Sjz6TDK/Dq"
    "GJ4HbTCDc2zXnuD/vVcIyclIenAKEkdXqqtnhh71lf5WcpOC9EtVvUom/DSgUOElzGBnUkws1TS5+KbluuR3Pju9/BBj"
    "TP4og3dy1x8OGXxOmf0TcbbOq5xDcM4/huC8cArB8SWhiIPdw4rEeBqkmlAy05N9g1WOK6Dj5ffJ/ty/HZKbc9Uwyb3H"
    "+5sRTSHxbR3RpBJyhbQnF4jEZPp4/RPpzdde8uv9YRJMJOe5Oc6zvxTj6Ebtu4ft6bt3FcDFrbjo0ns5ePFLpQhjnBaS"
    "QFcC2jXCJbyizhe3l+FaBrfA95Y+w4vAZzknErLC3vZE5vismaqus1igC6vEAVKU20Ibb51ifpyUwypE07lhG+5iq2HP"
    "iUr/aNv8oxnSBvGRifG4EokueSmaInFFjrldGTFhN0cGbmU6TDKpKviTN7jw6/M9U9QZvudoNMp9zwKlo5YG1Gg5qFfk"
    "vFwBFaygMwPIxp/wJvoMvROAHOAtcEvVgbZHmuJvvWaXl9qptyolqBKfj+PbcX2poO9g5lIs6J94VOnd4FHxn1EWymwd"
    "jnsqLUVWqNqrw/oF/ywRwztq32Z/n3Subg12fSeNFov5TB6vrweDG+qH9TUNQp14W/Pe1+v+/fVgSC9pBBbTDCpgHN7H"
    "ihcxlVWykW/yJxLtSGkmj+1MSnNux6m6gOXEOriO1T/zk91cxFRIyUhjgeFCNJHGsA74MzdqX4sj67BKTcMnM5qqLVaB"
    "IhZoxzrdqdITS8dAjuEx+I4bKBEpuf2tHxfNLh518CFUjySQsPIZuFimReSpa4U6gng12gLUvFhnJmltwM6hWMQxbi/n"
    "aB5K4s1hJYTy1YVEoguRr6ZJHiZUXaj4tmeYojGPnKiMebQ55hH6LAWHOJHqYCSzS8Pr269G7MDKpSaW1VrNyMlT2AWq"
    "rQZOOsWB+Ee7WxalYnchF9I2v2lLBz2za2puMusSuc6oeXWYdW6Y01JVv4vad0+7qz8Qw2GN8R1CPNaY5OoJeH7wLfL9"
    "BWBPJCTu8hRiydoTYe21iKt5PO9fmwa5ktoluZl/jHGWBSEbcKIWeGdVgc3LSXCL4CYcv+rAZmQkqBsJxQFeRYCbohS3"
    "DN2qjOLMtGJzitnLQg3IViy4eaTIFlZCTvFCWXSz1qKbYlUh47InOQe4QLXDqMDKkZl3PKSz83FhmDpeIHZDqFsraKPH"
    "b/8cRKIZuRQ/xzFqfjZFEMeumE/RB0sHkSqIwCNldxzfdml9HfcEzNbA8Fxy3jYwVdcDLl57SPKDacxhMZVil452KHYo"
    "lgW/Q/p7y7IcGonu87MeSDU3EaCj9l1kC59W8bbjVny+8GnB386s5sC3AiRJmGtVrfDSx6wnxZ+sKZEOztf62cIkz0Yo"
    "hSAW2GNeTphF09vPmlD/AdjI1nwHK10aw8YqcWhlpOQCwTpItD1u/7ZB3SV/MNE0FRfCbdhreVk51K0b6oLP7zA578ER"
    "BwxDLT77gG+nJYcsbDbTJsjCphEeULBQXaAtVBt/ne/BK9azITauwKtK7C5ok4J9tu6CGXQNndwpGmq7dVUl4R3/FttV"
    "aYpO6JsheexCJtwn4/mPkqn+l9PTs7PL03dnHz5enF9eXnx8F+9wxVtlW92n2x/Ibpd5DTfnsxcHq/pIFGU7Q1Dby6ik"
    "RoGblLs57f0YMnN7X+6uwMp6sqf9yU9XIKrzIqpnV7G8+XZ3wepGs39DTTACl5GRCnZLThFsmddYxuGPCVzJHGkoDn8Y"
    "nTx1PBtDMc8e3sbXzsOT4hTTCDPdq9WmIs1JbIPUi8Li5KMKHhz0zULf6Lb3ffyX4bnQnIM5InUfqM5tgVeDqOZAV9cu"
    "qTq1INOMXbaqqQcxD0yICgeThxYOTPiaHG8hy1HtuxyVLElY93aw1+rlrQOz+araZrj0VpyuUXM5VxlzVdy1KR2aLXVo"
    "ZnPrV5CRVV/NHRALt3lBwnP58+gKGPYcPdk/98dB5Tus+wWV7wbj8Wh8BeKksgP7CSzouljXLI4Iv4p6SqTN41DL69VE"
    "IfUDH2LagX2ihBXNOqxPmFy63XF97ZjGtR7YtzfDNjpRm2HVpg7b5pu0+EeJxJyIlRkEiiijj0SLFrhzPOA68BC2NsPD"
    "i9n2aWXJKhGleDiiarrS0Ny3oSlVzU6qmvxy1ps1zWMobU2OspsO6EF2Hnyyr0f3k9FwoIweBve0YjIeWWRCBdHFKbmP"
    "NZJJ+r5mIrctZZWPzTroES2/J+0DaR/Ue9ASt1I8n4S6Q3X4tsVrmuafLn2MncOqCswPiqVlZFCMQT2F+AE6A9LPJlJ5"
    "hwomMjlI50To+EAtQexm9PhpOAAP48H17eQ2LPQSq0v0JrmUVFcbD/rDvPveFSUfpCTkpGUkVEhPjPTEtNYTk3/1a4Cz"
    "2wnpqdVOOGO6SefWrQ6tJfJI6goeqh7Dx5VrcVLm6jKStsoLXAt4vHBrwqVA+COB6gQ8I6QT7gRQCVvie/BroEj+CgyX"
    "/gbwujBMSHkYc8NxPaDa7it0yG1L1TnesUaewqZuhLMZP7HA3JAetH160F4gI5Wr5OAwyMrhOk7rcA8ZtGExXGWhugsR"
    "mPNyHcS7/uLvPOu7vJIt1wI/Zj27jkq2M6Qzlga+8yhq3wVHxr4dR7LWJ39Gd7fW5/69Aq0b3GYN2f3aXm0Dd1fj68DE"
    "gr6vG97A9hym3ZW6e1Jmc6mknQJxQ0OEMY8b0BOWESUNqEECqgPnGCv9e2DDFSRGkQvx8kusHj2+RHZBtnW1e5dVSAnp"
    "M5jJIc2pwc3f4h72nGsrc2RbmSMrdQapM8hIwu6ZFRge+rmAaEl2RUpmj5SFXlOQNmyYB8n4IgAnEtLzUQFgUjsDCeUH"
    "JRIdBLhmIs2xHVG+p3WiKweUd3x/w6oF+4CvktU3EencrK1/8Y189WIJmlkpCXMFmNnHUFVjmHKPpGrVftebPF5fDyaT"
    "K+D6Gilb/GSPB58fKek39BQ82Z/7t0NyYa4aZlvYvwcJvbROCakv9qIhXUjXiNp3bh2pv06sDj384jDmKv88u5TITgfa"
    "bQf0X+e+Tc0hMPMN0zNs9y157N+aGoASwGs7564lRVn60DG0RY/lXg7unJS6lpM2m3zKfPBrrjL/R/G9NsaHkZW68+U2"
    "Li6qlNu4uOCX2yD3ckbJUuiQ3LB5B9F9X6mYyfuSYibvi8VM8BM95gFT/C0uJbL/Le4wRI5ubGa//z/5ou5u"
)
