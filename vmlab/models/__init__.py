"""The database: one table family a file; queries used twice are methods there.

The database is the truth: everything else (Redis, memory) only makes things quick. Fourth floor,
beside `proxmox` and `bus`, which it does not know.
"""

from vmlab.models.audit import AuditEntry, AuditResult
from vmlab.models.connection import TORTOISE_ORM, connected, tortoise_config
from vmlab.models.console_session import ConsoleSession
from vmlab.models.course import Course, CourseRole, Membership
from vmlab.models.event import Cursor, Event, EventType
from vmlab.models.file import File, FileStatus, Upload
from vmlab.models.guest_number import GuestNumber
from vmlab.models.idempotency import IdempotencyKey
from vmlab.models.invitation import Invitation
from vmlab.models.join_code import JoinCode
from vmlab.models.password_reset import PasswordReset
from vmlab.models.quota import Quota
from vmlab.models.ssh_access import SshAccess
from vmlab.models.task import Step, StepStatus, Task, TaskStatus, Worker
from vmlab.models.template import Replica, ReplicaStatus, Template, TemplateStatus
from vmlab.models.user import AuthSession, RefreshToken, Role, User
from vmlab.models.vm import Vm
from vmlab.models.vm_event import LogLevel, PveLogLine, VmEvent, VmEventKind
from vmlab.rules.vm_state import VmStatus

__all__ = [
    "TORTOISE_ORM",
    "AuditEntry",
    "AuditResult",
    "AuthSession",
    "ConsoleSession",
    "Course",
    "CourseRole",
    "Cursor",
    "Event",
    "EventType",
    "File",
    "FileStatus",
    "GuestNumber",
    "IdempotencyKey",
    "Invitation",
    "JoinCode",
    "LogLevel",
    "Membership",
    "PasswordReset",
    "PveLogLine",
    "Quota",
    "RefreshToken",
    "Replica",
    "ReplicaStatus",
    "Role",
    "SshAccess",
    "Step",
    "StepStatus",
    "Task",
    "TaskStatus",
    "Template",
    "TemplateStatus",
    "Upload",
    "User",
    "Vm",
    "VmEvent",
    "VmEventKind",
    "VmStatus",
    "Worker",
    "connected",
    "tortoise_config",
]
