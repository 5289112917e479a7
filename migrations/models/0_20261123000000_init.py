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
    "eJztXW1z27h2/isYfWl2xs0ksuOkuZ3OKLZ2141fUlvevb2bHS5FQhJrEtASpB31Nv+9APhOAhQhURLFxZfEAnFA6QF4"
    "cHDOcw7/OfCwDV3yehQGiwdIiIPR4CP45wCZHqR/iC6fgIG5XGYXWUNgTl3e36QdDRL15FfMKQl80wroxZnpEkibbEgs"
    "31kG0b0GdwgCF88ddAJmPvYAcebIQXPgIBDg9BMOg9dsPBtbdEDaoi4aIufPEBoBnsNgAX06wG+/02YH2fAbJOzjb4OQ"
    "QN9wbNbdh8/4CdqGGQx+Z/2WT8bMga5dwCfqytuNYLXkbRcL0/+R92Tfd2pY2A09lPVeroIFRml3+nNY6xwi6JsBtHNI"
    "odB1Y2STpuhH0IbAD2H67e2swYYzM3QZ3kw6+gZZ28Awbu8mxsN4YhiDylwkEjmM4yaLTiedRwcFhP9+z/xmuBDNgwX9"
    "eDr8Ht0nwyHqxW74y+j+4ufR/avT4Q/shpguhmip3MZXhvzSdz6EGZjRIHw6MpgtjJ8caCxMslDBuyS2EfAxrF3E/fys"
    "Ae7nZ1Lc2SWGew5n4s/UUc4LtYJx0iUDOdMdPUDZtG2fqkgVjHMi7aiPJhAPBkcKMNfiJoUkUMG4KNU7mIdv3jTAmfaS"
    "As2vlRSGDxkabJOsIH1JrwSOByVaoyBZQtuORV8nf+wK+11qEfoD7TvkrmIFVwP+5Opm/DAZ3Xxht/MI+dPl+I0mY3Zl"
    "yFtXpdZX56V5SgcBv15NfgbsI/jH3e2Yw4tJMPf5HbN+k38M2HeiJhs2EH4xqI7JdHHSmqBWmHX4benQ0TaY9aJkD2f9"
    "SGY5waR2mnMWsOI0FyVbmOaOWQh9muXckac4xVcoqNkohWcZJ9o7j+yZpd+X/vevw7dn788+nJ6ffaBd+BdNW97XTPjV"
    "7YRuiuyEOHsSHl4YXFV0f8Q+pAfUz3DFQb6i38hEFhSAGp/BH+Nhjgzc78nqSVqzp9k3X9IjdX5R0d9OfzEMIntt9HAx"
    "uhwPOMJT03p6MX3bkEDtwxl9Mhb0jP8EkcDA/hTL//j5HrpmELszxHjfR2NN2FA9wp3jiIc4h18B2eolb+iVW0xE7WQ7"
    "vje7kwgzgR+pjKnckVSdyfWepBHgvUGwMAMwDVeE/gUBgt8CsDQd/wRg+oBVvUjNxdZ7kJQcRVIF21S3xs9Rd91ELSjW"
    "kxq3EJ83ZX9FUap33rj2j9Pa3P9LGIJkCVGwwSTn5bSp3+kZjgIzQmtfri+LUvvzix1Z/KLmBECy0NmWh4BSIO7IYG96"
    "FiiuONXjwE4NXMyBrRq2rL3eoKU9GtuxbHQbEBgAPANL6HtOFFH9G3hZONaCWqSQALZWbMKCnX88e3TKX/shvcVr07Io"
    "fH+I7Ny2htV2cLfsYP6/gkZP+vfO9m0rEp1Bm/9aCgiXxHQwSRZMquyaO9PrRYecwDl0Y6LVBLN/d+yRO+gDU7MH859l"
    "lHa25Ef6zGEG7fRyup/NsM/xf4KrFNx4507nJr7GZOJLwcLH4XyRSBjpcMLdnrYbZYX/vXaj5l9bsFEnP0e+UaerY/1G"
    "/YA9OMX2im6fGFgm4pQjunNW997anno77dZ2ylaA6paal+ndtroDl5JnOq4KvqlA78AdvmuCLu0l30rfVfBdmoS8YKp5"
    "VZ2jFcEenvd3woSZOT4JDFW1UZTqnZnYvuJwzQ1QLghpkNeC7BCD2j3OswDkT5gaaiaSGBh5uRLOUyq4K6AT5b1f9++n"
    "u7vrguf309WkhPHjzafx/au3HHrayYms2sQCyTFCn6ktIiAJ1BBCUwnNuF2/oFn4wfgf7CAosJfroxsl0R7GsHpMVOSK"
    "n2eIqE57UVKHtboW1lLwG1XiMFsSg/oZgxEfH+gswWBLvL7Eg92zsfqKmIOenYADsSVaV+lAR6tU6pHyoDeFPlk4yy2R"
    "ukkH6uuiCqC3ZF7XLYGaxMP0FaZnb0uAfvH6Ck1gkqdtVw8doqeqyLHpk4EDiKwVC1Fsq7mz0T7DVZ9WlFLkLYP3zxAH"
    "phzTOwQnmP6zHtn/SgbqyRqsC05mcbXtgpMJI+WoPOOqwcnkR5aDk1mEtxiczAUgy7HJfNxyu+BkdkCRRieLJrEgTFmx"
    "meXxSoGt3qzoAgmtRUR9PwFzjG3OcwcmsgHCAaDIARejubjqgoKsjm52K7qpSfP7SfK3LByiQBnoslwP4286Q0E7+nSq"
    "qk5V7Rq4e0hV3SU3Pec5FFiURb+i3JwsOTKbsNUtOkqUPemZT4xBjukfaAXirYyAFydYABMwM1pES1eW1yZlt0xKNoEb"
    "FOeytyzN1TGQ+0WZ65gvZQ+cOT92JjTFN+nfQwu9/TwKNjzdNwWeLan2zYvsz3h722kdXDDVVMDcP5BvjgRIXcJMDnV/"
    "mUHaYyCd9SOZ5UYeg+QRna7U/AYVuY30ZtdsqN06DzLM9udC6BjCTT0IleVV8CPQbwFuH6+vD+VIiMKtAh9CGoeVuw94"
    "zLeh5+Da8Rx6usczlngOmFel6h2Q9NnCA9ABJ2K/nQHLkGLnK1mnBRntqBVYqR70sL8yvKnKASovo1EVoGo75MmYq2Ca"
    "k9CIChB99gyXqWwFSPMiGlOZnaViCqwL6CTMqx2Hc7pKJdoimLOVXXWBQ59AkWEVX6m1rCzep3lQxjUJiaIqDv3fDOeL"
    "IAqkeKa1cBAkwlBMMykdgOmWzXXYAkCHVrcF1/Xb4YcGvmvaS+q85tdKPkL6OKrGtlqLvHQoqrXn+koT+E1mhvWuvlKd"
    "123890nB4ZYA+upm9PcfCk6367vbn5LuuQm4uL77VAKebvp+sIn/syCoEyO77P2EyN7Iw52J6fnt8vzqOg17rtOgY4Vy"
    "Q6G/scJwaW8460VJPetdmXWBdk0Ts5SrCuiE5kGNv0UnNHc1obmbhpnOZ1ZDZ5eB4JxCEjgti+pK7rgs6ccmzkvmlP0X"
    "AuhDbkFWidwEkfdT5LKs7StwVP4We1L55aS4LaNy/l5yYRbfBp320F7NfXk15YTcMQq9SvDi6Mi5g8l4dPHz+J7OGjQt"
    "ujy/oofJ4+X4dvIRkCC04zfRKntAz5s4QMuWVc7/eV520kXlzzawfwuC2vztivnb5NATKUlF1lxeRodyxaztQ5OPeoBo"
    "HQkx3du3JCBmIdkjA7gxBzH/sIpD3+WV2wKsOjX0EIzO9MAsMOPzh2m5EV84uTcx4b/4+JuHv4FEMCIVJMY5eIX9E+DM"
    "wDKcuo51AuAz9FfxxR+AZ66YXS8y91sbdz2H4bfiM0KXdhASfQjQ1IY+URt0AP5wAXimToRLe/35NpPeI/RLiGwGodoM"
    "DL6Mby+vbn/6CGL5r+iX0fUVPeTwxmfTdejTz9uvbr7c3UfNjrfEftR6Px5d/vdHwM5aK9rnlkvTHoiLfkXj+/s7eoiG"
    "vo/9bhyYMYnmQ0Fv5UT2OKOYb3170V7tc4ccYkTbvMAhvCb8ncntMfydthxt/Dv+2sYmOR5CWZ3XLYN4k4QPoeweIX4z"
    "PDsylDdIAKlK7hPhI8GXkIWxyWvUynI9sCt3vQsiRW4yapOb3KnzUfs1d549pTN90l0niws0QkAhn6spg0xEL9b1i5VQ"
    "IKFtSIGutYmrwpoXqmAXH0ce6dFYD87/QmO6EvPEnLkU1KJcj7Twvw2Hp6fvh29Ozz+8O3v//t2HNynE1Ut1WH+6+onB"
    "XVjlVfxn2PdEwf6a91imEv3T1O27h6iyHb47V9oKU4n+4bsDsy12KYpc2v/5cHcrsd4KUmW2imMF4P+A65Aj1CI1+DI4"
    "6l3bZS/2SZFqwgYou7Z1moR86feXMaTTJPo267I0Cc0T27UFjF+QKlEsL6Ix1UyxfTDF7qn2uL+6mAyqi7cFYHvOFcs/"
    "sBJUm6Sf6WShfaXDUKAE/LkIPjlzLp6fZu/kiqvsJPUO+RIRv4FL2rMJry2/9KJ1x40v2q/EeStf1By4Q3DgwlAE6+Pj"
    "1aXEng6FyLLm10xqE6XahWJeIvSigFlkAOdNW/47S5EyTSVMfS6nTXwup3Kfy6nmEWoe4abQcy/PBkTCi/txTBpMRmAZ"
    "c3dfvowvWcYcXi6h/RXdP97e8k5+iBDv82X0+MC6LM2QwBJh8Cu6HF+Po1H5bsclbq4eHniT5xCSfNOD+411ad32dltd"
    "WleX1j0uRNn7ff1nKLAEayP7eTEd028e09e8qn7yqnpwUswZf97UwcQQHxBrwslFsf4t2dMmttep3PY6rdhenmmxqAjV"
    "phJbW2IoFMX6h/TbugWbWrnv5Vbu+0paxzJBTGToyuP3ZbmtIvibHWz+fRYii+EJpqHj0qMEec3u9x8HOGvuJLDPa79u"
    "FOItSuqyot2J6FYD+XgaWYwbTHNJVM9zl+dZ03Tke9xxEjY0TeevOOtNaDq5QJ7irBcltUbvziQLNPpByFgdm1DNxeo+"
    "pkn1HjVYS1J6sa4luWkqVltUrKqabQHWxtTBjq3aXTEHg1wtsi2hVagRfqTglrRhp14h/BBAYc1o3n5SW2jOJE8God0a"
    "suZ+jd9V90RtIpSw4Zh88jcb8CN48Z0ggAhM4YyupBP6f/AC6WcT2cCcBSKWXasjCwtRB3Epcg5Sufy0ptjtk2JHLXFH"
    "zF168EzXleKbl+uTpXc6fH+eYsw+1MH7cDO6vhZEUDXfLomSnDWp3HcmL9x3Vqnbd3y0L3WwB/Q8fD+JyF08fPAVXdKT"
    "80dgU/X7Ff04urpmF2em47Jrj7eXd5y0FSIbcxoXa2H9WQOTeJg8XnzmxdWtp7K+PwylS7MMdscyCJdqUfGkf/+wHb55"
    "0wBc2kuKLr9Wgpc+VIYyxnkhDXQjoIkTq/CGNl/aXztIBN68MFiGAie4nFeQSeiaAJtTB9LqrE0zA1KBPmiJAyQFdIWo"
    "0TnD/DiDfE1CuzMHOWSx0bSXRHWYr8thPu4jU4ucZBJ98lLsKmySOOa29UE3e9Vg18Bt7IDOFlWnXnbCUBf4npPZqPc9"
    "KyRrLx1o8QTsF+w/fQQmeIb+FGD2CkK6ic5hcAKwD4IF7Wn6EAWsK/3WK3FC91ajNUn6znw+fojSjO5o7Gjlciz4Rzqr"
    "/Gp0q/RjwvuaruJ5zxHBdE74Xh3WT/RnqRy8k/5d9vdp5+rGYLf3bo5q+uzD48XFeHzJ/bChZUFoM29r2ft6Mbq9GF/z"
    "JovB4rpRztnhfaxUiZmiIinyI38m0Y0kAnbb3iQRlHacpgqsJNZDPdb+ys92c5WjQk5GHxYELkQXW4LTgXzlJv1bcWQd"
    "1qjZ8bsMXBOp5XylAt3Q071K9lr6DvadYFWdjzWUiJzc/vTHu90qjzb4EGbAKFuBSvWOvIiuE1+p3EG10QaglsV6s0hb"
    "A3YG1SKOaX+9RstQMm+OiIItNxcyiT5EvnZN8nChSaARosBxVWMeJVEd8+hyzCP2WSpOcSbVw0hmn6Y3RC9O6sAqznBt"
    "daOCnH6Xp0J9o8hJZ/iQ/miyYRq4eAitSLv8pC19PBdXsVl3rMvkemPmtXGsI3FOS1P7LunfP+uu/UCMhDUmdwjJWGOa"
    "q6fg+aGX2PdXgD2T0Ljr9yZp1p4Ka69DXM3jef66NMmNzC7NzfxrzLMuwbIDJ2qFd9YU2LKcBrcKbsbxaw5sQUaDupZQ"
    "HOFVBXhXlOKOoduUUVxYVmJOsVgttIBswxI3R4psRRNKyoXoMjetlrlpUoel6Ena8mVuSYGVIzveyZAurseF49pUQWyH"
    "UL806E5fePdrFIkW5FL8msao5dkUURy7YT7FCCx9bEFCQMDK7vghIry+DjkB0xVwAsLecAdckwSAUN3Dkh9cZwarqRTb"
    "DLQ+i0Ipx0HuAt4i/b1jWQ47ie7Lsx4WmAisKDnQSf8+soWHTbzttJecLzys+NuF1RzkpwBNEpaeqp6p6hPWk5Iv1pxI"
    "D9dr+2xhlmejlEKQCuwxLyfOohnsRye0/8o5jKzQp0aXJThj1Ti0ClJaQYhe3dMdt3/XoO6TP5hZmgaBcBP2WllWT3Xn"
    "prri8ztMzvuVDb0lDpjC/QxXA8GJrdTjpO7k5mR9jSe4UkiJp72T6qghgf4JmGNsgxn2gQlsc/U38EeUHPsHK6zKfgN4"
    "oYd6yNPaZ45PD2UmIi/QZ5c90xac73Z2F2GF1jB2CtI76gKth813hwIDpCbdHYosjz7Y0Ts598UUTmNhkoUKzGW5HuLd"
    "fsqCrLpAPf9SWlXgmONtbfAvp9gWqAZ5Ybmkfx/4l3Xm0y7qymmGmnxF95ehxqwgNX5ATkIf/tfTAxIzcz8h7K6B2zTM"
    "mltUXao3NoK+Yy0GgjNXfOWk7qxlZn3WnbDkgLYcuNKHlS0PK9r5X66L/e5dAyua9pLXxWbXSvUUlkp5N3H3HqL7tlHV"
    "8bc1VcffVquO0zsGQs6aPAskJ7L/eiyHsbJbywM5qCPx+/8DKbvqQQ=="
)
