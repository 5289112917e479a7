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
    "eJztXW1z27gR/iscfWluxs3E8lua63RGsZU7NX5JbflyvcsNQ5GQxZoEFAK0o17z3wuA7yRAkRIlUQy+xBGI5csDcLHY"
    "fXb5Z89FFnDwy4FPZncAYxvB3hvtzx40XED/Izp8oPWM+Tw5yBqIMXF4f4N21HHQkx8xJph4hknowanhYECbLIBNz56T"
    "4Fq9Gwg0Bz3Y8ECbesjVsP0Abfig2VAjKP6FfPKSnc9CJj0hbakv6kP7iw90gh4AmQGPnuD3P2izDS3wFWD28/eej4Gn"
    "2xbr7oEn9Ags3SC9P1i/+aM+tYFjZfAJuvJ2nSzmvO18ZnjveE92vxPdRI7vwqT3fEFmCMbd6eOw1gcAgWcQYKWQgr7j"
    "hMhGTcFD0Abi+SC+eytpsMDU8B2GN5MO7iBp6+n69c1YvxuOdb1XGItIIoVx2GTS4aTjaEOC+fO7xlfdAfCBzOjPo/63"
    "4DoJDkEvdsFfBrfnPw9uXxz1f2AXRHQyBFPlOjzS54e+8VMYxAhOwocjgdlE6NEG+szAszp458RWAj6EtY24nx5XwP30"
    "WIo7O8RwT+GMvWl9lNNCjWAcdUlATnRHB1A2LMujKrIOximRZtRHFYh7vT0FmGtxg0JC6mCcleoczP1XryrgTHtJgebH"
    "cgrDAwwNtkgWkL6gR4jtAonWyEjm0LZC0ZfRfzaF/Sa1CH1A6wY6i1DBlYA/Hl0N78aDqw/sci7GXxyO32A8ZEf6vHWR"
    "a31xmhun+CTax9H4Z4391H67uR5yeBEmDx6/YtJv/FuP3RM12ZAO0bNOdUyii6PWCLXMqIOvc5uebYVRz0p2cNT3ZJQj"
    "TEqHOWUB1xzmrGQDw9wyC6FLo5za8mSHeARJyUIp3MvYwdq5Z+8svV/656/9w+Oz49dHp8evaRd+o3HLWcmAj67HdFFk"
    "O8Tpo3DzwuAqovsOeYBuUN+DBQd5RO/IgCYQgBruwe/D0+wZuN+i2RO1Jm+zZzzHW+r0pKLPTp8YkMBeG9ydDy6GPY7w"
    "xDAfnw3P0iVQe2BK34wZ3eM/AigwsN+G8u/e3wLHIKE7Q4z3bXCuMTtVh3DnOKI+SuGXQbZ4yO27+RYDUjvZCq/NriTC"
    "TOBHymMqdyQVR3K5J2mg8d4amRlEm/gLTP8HNAi+Em1u2N6BhugLVvQiVRdb7kGq5SiSKtiqujV8j9rrJmpAsR6UuIX4"
    "uNX2V2SlOueNa347rcz978IQxHMAyQqDnJZTpn6rRzgIzAitfbm+zEptzy+2Z/GLkh0ATkJna24CcoG4PYO96l4gO+Pq"
    "bgc2auAiDmzRsGXt5QYt7VHZjmVntzQMiIam2hx4rh1EVH/Unme2OaMWKcAamysWZsHOz08uHfKXnk8v8dIwTQrfZ5Gd"
    "29RplR3cLjuY/62h0aP+nbN9m4pEJ9Cmb6sGwjkxFUySBZMKq+bG9HrWISdwDl0ZcDFG7N8Ne+R2+sKUrMH8sfTcyhY9"
    "pMccZsCKD8fr2RR5HP9HsIjBDVfueGzCY0wmPERmHvIfZpGEHp9OuNrTdj2v8L+VLtT8tgULdfQ48oU6nh3LF+o75IIJ"
    "shZ0+USaaUBOOaIrZ3HtLe2pltN2LadsBtRdUtMynVtWN+BScg3bqYNvLNA5cPsnVdClveRL6UkB37mB8TOimreuc7Qg"
    "2MH9/kaYMFPbw0SvqzayUp0zE5tXHI6xAsoZIQXyUpBtrFO7x34SgPwWUUPNgBIDIy2Xw3lCBTcFdKS8t+v+fXtzc5nx"
    "/L4djXMY31+9Hd6+OOTQ0052YNVGFkiKEfpEbREBSaCEEBpLKMbt8gnNwg/6f5ANgcBeLo9u5EQ7GMPqMFGRK36eIVJ3"
    "2LOSKqzVtrBWDb9RIQ6zJjGomzGYzHvjAncCPDyz52tidRWfqKtQEeDOmWdsTaDG4Wm6CtOTuyZAv7hdhYYY+HHd2UNP"
    "sbdrUDk6tkXfDEQANBfMjbwmUKPkbO/BokszqlZ0JIH3i4+IIcf0BoIxov8sR/Zf0Yk6MgfLAkhJ7GO9AFLEGtgr72Xd"
    "AFL0kPkAUhKFywaQUkGifPwoHVtaL4CUGJHSCFIwoQUhpHimy2NI/K2qGES6tF2bYMbIQBBo7FmK4SNJnzUCRy3I+uh0"
    "DMmc+xQ7T6QmpAhnZFRmjcBPRvclyFvo7qQGqhkZhaoAVcvGj/pDHUxTEgpRAaJPru4wlV0D0rSIwlSWVVeHHbQsAy+y"
    "bb9Tts8a2XdrUWjPke9hIDKswiOllpXJ+1Qm0pqOgXGQ2WXTvwa1GIn2bJOZ5hrmzIYAi3iyFaUUb6ddNtduabC7VreZ"
    "ENph/3WFGBrtJQ2i8WO5Yh/0dayDb9S/a3WXtswyHoOvMjOscyzjsrDU8NdxJiIVAfriavDrD5mo1OXN9U9R99QAnF/e"
    "vM0BTxd9j6yS2ZgRVOHBtoUHM1xDaK2Uu5qIqfFt8/gqttKW2Uqq6JfcUOgul8afWyuOelZSjXpbRl2gXePQV21ujaKM"
    "9Er8LYoy0lbKSDsNM8UY2SD7oabDMqWQBE7LrLqSOy5z+rGK85I5Zf+CNfqSm4Dl4xta4P0UuSxL+woclb+HnlR+OErx"
    "ZJH6P3IuzGxN9LiH8mpuy6vphfyJotdtCH23ELzIYBzJttnD2RsPB+c/D2/pqAHDpNPzE7wb318Mr8dvNEx8K6zHXNsD"
    "elrFAZq3rFL+z9O8ky5IAljB/s0IKvO3LeZvlU1PoCTrEWUyMiqUK3AgtIB81AFEC9u0/LQt4lu73lQSkt0zgKsGvjMv"
    "qzj0nZ+5DcCqavnuonhXvGEWmPHpzbTciM/s3KuY8B889NVFX7VIMCAVRMa59gJ5B5o91eb+xLHNAw08AW8RHvxBc40F"
    "s+tF5n5j563yUaTMO0KnNvGx2gQoakOXqA0qAL+7ADxTJ8KpvXx/m0hvEfo5gBaDsN4I9D4Mry9G1z+90UL5T/CXweWI"
    "bnJ445Ph2PTt5+2jqw83t0Gz7c6RF7TeDgcX/36jsb3Wgva55tK0B+Sin+Dw9vaGbqKB5yGvHRtmhIPxqKG3UiJbHFHE"
    "l76taK/muUM21oNlXuAQXhL+TuS2GP6OW/Y2/h3etr5KjodQdntb2sNW2z9FiFdJ+BDKbhHiV/3jPUN5hQSQouQ2Ed4T"
    "fDGe6asUE8zLdcCu3PQqCGtyk2GT3ORW7Y+ar5705Nba00fdV1IIbYO2aY1AKOQP9ZRBIqIm6/LJiimQwNKlQJfaxEVh"
    "xQutYRfvRx7p3lgP9n+BPlmIeWL2gxTUrFyHtPDf+v2jo7P+q6PT1yfHZ2cnr1/FEBcPlWH9dvQTgzszy4v4T5HnioL9"
    "JdVcY4nuaerm3UNU2fZPTmsthbFE9/DdgNkWuhRFLu1/3t1cS6y3jFSerWKbRPuf5th4D7VICb4MjnLXdt6LfZClmrAT"
    "5F3bKk1CPvW7yxhSaRJdG3VZmoTiiW3aAkbPsC5RLC2iMFVMsW0wxW6p9rgdnY97xcnbALAd54qlX1gJqlXSz1Sy0LbS"
    "YShQAv5cAJ+cOReOz3LO3A0EUZWdqN4hnyJFFlxpzyq8tvTUC+YdN75ovxznLX9QceB2wYHzfRGs9/ejC4k97QuRZc0v"
    "mdQqSrUNxbxE6AUBs8AATpu2/DlzkTJFJYx9LkdVfC5Hcp/LkeIRKh7hqtBzL88KRMLz22FIGozOwDLmbj58GF6wjDk0"
    "nwPrE7y9v77mnTwfQt7nw+D+jnWZGz4GOcLgJ3gxvBwGZ+WrHZe4Gt3d8Sb+oejwTnfuN1aldZtbbVVpXVVad78Qpe8w"
    "8J6AwBIsjeynxVRMv3pMX/Gqusmr6sBOMWX8uRMbYV28QSwJJ2fFujdlj6rYXkdy2+uoYHu5hsmiIlSbSmxtiaGQFese"
    "0odlEza2cs/kVu5ZIa1jHiEmMnTl8fu83FoR/NU2Nn+f+tBkeGoT33boVgK/ZNf7xw72mhsJ7PParyuFeLOSqqxoeyK6"
    "xUA+mgQW4wrDnBNV49zmcVY0Hfkat5+EDUXT+R5HvQpNJxXIqznqWUml0dszyAKNvhMyVssGVHGx2o9pVL2nHqw5KTVZ"
    "l5LcFBWrKSpWUc02AGtl6mDLZu2mmIMkVYtsTWhr1AjfU3Bz2jADL70H7fr+8nJXBefuCBDWjObtB6WF5gz8qGParSJr"
    "7mP4rbpHahPBiA3H5KP/sxO+0Z49mxAAtQmY0pl0QP+SZ0B/G9DSjCkRsewaPbOwEDUJS5FzkPLlpxXFbpsUO2qJ22Lu"
    "0p1rOI4U37Rclyy9o/7ZaYwx+1EG793V4PJSEEFVfLsoSnJcpXLfsbxw33Ghbt/+0b7qg92j++HbcUDu4uGDT/CC7pzf"
    "aBZVv5/gu8Hokh2cGrbDjt1fX9xw0pYPLcRpXKyF9WcNTOJufH/+nhdXNx/z+n43lC7FMtgcy8Cf14uKR/27h23/1asK"
    "4NJeUnT5sRy89KXSa2OcFlJAVwIa26EKr2jzxf2Vg0TgzfPJ3Bc4weW8gkRC1QRYnToQV2etmhkQC3RBS+wgKaAtRI3W"
    "Geb7GeSrEtqd2tDGs5WGPSeqwnxtDvNxH1m9yEki0SUvxabCJpFjbl0fdLVPDbYN3MoO6GRStepjJwx1ge85Go1y33ON"
    "ZO25DUyegP2MvMc3mqE9AW+iIfYJQrqIPgByoCFPIzPa0/AAJKwrveuFOKF7rbNVSfpOfD6eD+OM7uDcwczlWPCfdFT5"
    "0eBS8c+I9zVZhOOeIoKpnPCtOqwf6WPV2XhH/dvs71PO1ZXBbu7bHMX02bv78/Ph8IL7YX3TBMBi3ta89/V8cH0+vORN"
    "JoPFcYKcs937WKkSM0RFUuRb/kSiHUkE7LKdSSLIrThVFVhOrIN6rPmZn6zmdbYKKRm1WRC4EB1kCnYH8pkb9W/EkbVb"
    "o2bD3zJwDFgv5ysWaIee7lSy19yzkWeTRXE8llAiUnLb0x8nm1UeTfAhDMIoW6RO9Y60iKoTX6jcQbXRCqDmxTozSRsD"
    "dgrqRRzj/mqO5qFk3hwRBVtuLiQSXYh8bZrk4QADA92HxHbqxjxyoirm0eaYR+izrDnEiVQHI5ldGl4fPtuxAys7wqXV"
    "jTJy6lueNeobBU463QP0ofGKaeDiUyhF2uY3be6hB3EVm2XbukSuM2ZeE9s6HOa0VLXvov7ds+6aD8RIWGNyh5CMNaa4"
    "ejU8P/QQu/8asCcSCnf13STF2qvD2msRV3N/3r82DXIls0txM7+PcVYlWDbgRC3wzqoCm5dT4BbBTTh+1YHNyChQlxKK"
    "A7yKAG+KUtwydKsyijPTSswpFquFBpCtWOJmT5EtaEJJuRBV5qbRMjdV6rBkPUlrfswtKrCyZ9s7GdLZ+TizHYsqiPUQ"
    "6pYG3egH7z4GkWhBLsXHOEYtz6YI4tgV8ykG2txDJsBYI6zsjudDzOvr4ANtstBsgtkX7jTHwETDVPew5AfHnoJiKsU6"
    "J1qeRVErx0HuAl4j/b1lWQ4bie7Lsx5mCAusKDnQUf8usoX7VbzttJecL9wv+NuF1RzkuwBFEpbuqp6o6hPWk5JP1pRI"
    "B+dr82xhlmdTK4UgFthiXk6YRdPbjk5o/pNzCJq+R40uU7DHKnFoZaSUghB9uqc9bv+2Qd0lfzCzNHUMwCrstbysGurW"
    "DXXB57ebnPeRBdw5IkzhvgeLnmDHlutxULZzs5O++iNY1EiJp72j6qg+Bt6B9oCQpU2RpxmaZSx+1D4HybGfWWFV9gza"
    "M93UA57WPrU9uikzIH4GHjvsGpZgf7exqwgrtPqhU5BeURVo3W2+OxAYICXp7kBkeXTBjt7Ivi+kcOozA8/qwJyX6yDe"
    "zacsyKoLlPMvpVUF9jne1gT/coIsgWqQF5aL+neBf1lmPm2irpxiqMlndHcZaswKqscPSEmozf9yekBkZm4nhN02cKuG"
    "WVOTqk31xgbAs81ZT7DnCo8clO21jKTPsh2WHNCGA1dqs7LmZkU5//N1sU9OKljRtJe8LjY7lqunMK+VdxN27yC6h5Wq"
    "jh+WVB0/LFYdp1ckQs6aPAskJbL9eiy7sbIbywPZqSPx2/8BTnCZ9g=="
)
