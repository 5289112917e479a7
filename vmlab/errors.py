"""Every error that VMLab raises on purpose.

    VMLabError
    ├── Unauthenticated            AUTH_001        401
    ├── Forbidden                  AUTH_002        403
    ├── Invalid                    VALIDATION_001  400
    │   ├── MethodNotAllowed                       405
    │   ├── TooSlow                                408
    │   └── UnsupportedMediaType                   415
    ├── NotFound                   RESOURCE_001    404
    ├── Conflict                   RESOURCE_002    409
    ├── QuotaExceeded              QUOTA_001       400
    ├── WrongState                 VM_002          409
    ├── WrongTaskState             TASK_002        409
    ├── TaskFailed                 TASK_001        500
    ├── TooLarge                   FILE_001        413
    ├── UnsafeFile                 FILE_002        400
    ├── TooManyRequests            RATE_001        429
    ├── ProxmoxFailed              VM_001          500
    │   └── (what Proxmox said, one class an answer: see vmlab.proxmox.faults)
    ├── ProxmoxUnavailable         PROXMOX_001     503
    └── ServerFault                SERVER_001      500
        └── ServiceUnavailable                     503
            └── DatabaseUnavailable

The ground floor: imports nothing of VMLab. A class knows its code and its HTTP status; the
sentence is a message id that the envelope translates (`vmlab.handlers.language`), so it stays a
template with named parameters until then. The default message is the first line of the class's
docstring.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar


class VMLabError(Exception):
    """Something went wrong."""

    code: ClassVar[str] = "SERVER_001"
    status: ClassVar[int] = 500

    def __init__(
        self,
        message: str | None = None,
        *,
        details: Mapping[str, Any] | None = None,
        retry_after_s: int | None = None,
        **parameters: object,
    ) -> None:
        """Keep the sentence and its parameters apart, so that it can be translated.

        Args:
            message: a template for `str.format_map`; the class's own sentence if None.
            details: what a program needs to know, sent as `error.details`.
            retry_after_s: seconds after which another try makes sense.
            parameters: what the template names.
        """
        self.message = message or (type(self).__doc__ or "").partition("\n")[0]
        self.parameters = parameters
        self.details: dict[str, Any] = dict(details or {})
        self.retry_after_s = retry_after_s
        super().__init__(self.message.format_map(parameters) if parameters else self.message)


class Unauthenticated(VMLabError):
    """Sign in first: the credentials are missing, wrong, expired or revoked."""

    code = "AUTH_001"
    status = 401


class Forbidden(VMLabError):
    """You are not allowed to do this."""

    code = "AUTH_002"
    status = 403


class Invalid(VMLabError):
    """Some of what was sent is not valid."""

    code = "VALIDATION_001"
    status = 400


class MethodNotAllowed(Invalid):
    """This address does not take that method."""

    status = 405


class TooSlow(Invalid):
    """The body did not arrive in time."""

    status = 408


class UnsupportedMediaType(Invalid):
    """This address takes JSON (Content-Type: application/json)."""

    status = 415


class NotFound(VMLabError):
    """There is no such thing here."""

    code = "RESOURCE_001"
    status = 404


class Conflict(VMLabError):
    """This conflicts with what exists."""

    code = "RESOURCE_002"
    status = 409


class QuotaExceeded(VMLabError):
    """The quota does not allow this."""

    code = "QUOTA_001"
    status = 400


class WrongState(VMLabError):
    """The virtual machine's state does not allow this now."""

    code = "VM_002"
    status = 409


class WrongTaskState(VMLabError):
    """The task's state does not allow this."""

    code = "TASK_002"
    status = 409


class TaskFailed(VMLabError):
    """The task failed."""

    code = "TASK_001"


class TooLarge(VMLabError):
    """This is larger than allowed."""

    code = "FILE_001"
    status = 413


class UnsafeFile(VMLabError):
    """The file is not what it claims to be, or is not safe."""

    code = "FILE_002"
    status = 400


class TooManyRequests(VMLabError):
    """Too many requests: try again later."""

    code = "RATE_001"
    status = 429


class ProxmoxFailed(VMLabError):
    """Proxmox refused or failed the operation."""

    code = "VM_001"


class ProxmoxUnavailable(VMLabError):
    """The Proxmox cluster cannot be reached or cannot work at the moment."""

    code = "PROXMOX_001"
    status = 503


class ServerFault(VMLabError):
    """An unexpected fault; the log has more under this request's id."""


class ServiceUnavailable(ServerFault):
    """A part of the service cannot be reached at the moment."""

    status = 503


class DatabaseUnavailable(ServiceUnavailable):
    """The database cannot be reached at the moment: try again."""
