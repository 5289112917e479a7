"""What Proxmox's refusals mean: its status and words on one side, an error class on the other.

Proxmox answers 500 for "no such VM", "locked", "wrong node" and "lock not obtained" alike, so the
class can only be told from the text: of the reason phrase, of `errors` in a 400, or of a failed
task's exit status. The texts are those of pve-manager 8.4 and 9.2.

    Failure (ProxmoxFailed, 500)             it said no, or the work failed
    Outage  (ProxmoxUnavailable, 503)        it could not be asked, or cannot work now
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from vmlab.errors import ProxmoxFailed, ProxmoxUnavailable, VMLabError


class ProxmoxFault(VMLabError):
    """Proxmox refused, failed or could not be asked."""

    def __init__(
        self,
        reason: str,
        *,
        status_code: int = 0,
        upid: str | None = None,
        errors: Mapping[str, str] | None = None,
        outcome_unknown: bool = False,
    ) -> None:
        """Keep Proxmox's own words beside VMLab's sentence.

        Args:
            reason: what Proxmox said, or what became of the connection.
            status_code: the HTTP status; 0 if there was no answer, or if a task failed.
            upid: the task that failed, if it was one.
            errors: by parameter, what a 400 said about it.
            outcome_unknown: the work may have been done, or may still be going on: look before
                deciding anything.
        """
        self.reason = reason
        self.status_code = status_code
        self.upid = upid
        self.errors = dict(errors or {})
        self.outcome_unknown = outcome_unknown
        details: dict[str, object] = {"reason": reason, "upid": upid}
        if self.errors:
            details["errors"] = self.errors
        super().__init__(details=details)

    def __str__(self) -> str:
        status = f"{self.status_code} " if self.status_code else ""
        return f"{super().__str__()} [{status}{self.reason}]"


class Failure(ProxmoxFault, ProxmoxFailed):
    """Proxmox refused or failed the operation."""


class Outage(ProxmoxFault, ProxmoxUnavailable):
    """The Proxmox cluster cannot be reached or cannot work at the moment."""


# What is asked for is not there, or is there already.
class GuestMissing(Failure):
    """Proxmox has no such virtual machine on that node."""


class ObjectMissing(Failure):
    """Proxmox has no such snapshot, disk, pool, storage or volume."""


class TaskUnknown(Failure):
    """Proxmox does not know this task any more."""


class AlreadyExists(Failure):
    """Proxmox has something of that name or number already."""


# It is there, but not as it would have to be.
class GuestLocked(Failure):
    """Another operation in Proxmox has locked the virtual machine."""


class GuestProtected(Failure):
    """The virtual machine is protected against removal in Proxmox."""


class LockTimeout(Failure):
    """Proxmox waited in vain for a lock that another operation holds."""


class WrongGuestState(Failure):
    """The virtual machine's state in Proxmox does not allow this."""


class ConfigChanged(Failure):
    """Somebody else changed the virtual machine's configuration at the same time."""


class BaseInUse(Failure):
    """Linked clones still use the disks of this template."""


class ShutdownTimeout(Failure):
    """The guest did not shut down in time."""


class AgentSilent(Failure):
    """The guest agent does not answer."""


class ConsoleRefused(Failure):
    """The console closed before it began: the virtual machine may not be running."""


# The cluster is not set up for it.
class PermissionMissing(Failure):
    """VMLab's Proxmox token lacks a privilege for this."""


class RootOnly(Failure):
    """Proxmox allows this to root@pam only."""


class FeatureMissing(Failure):
    """The storage cannot do this (snapshot, rollback or linked clone)."""


class StorageOffline(Failure):
    """The storage is not available on that node, or not for this content."""


class NoSpace(Failure):
    """The storage is full."""


class ChecksumWrong(Failure):
    """The file arrived in Proxmox with a different checksum."""


class InvalidParameter(Failure):
    """Proxmox does not accept a parameter's value."""


class Unsupported(Failure):
    """This version of Proxmox does not know that call."""


# It began, or did not, and ended otherwise than asked.
class NotStarted(Failure):
    """Proxmox could not start a worker for this; nothing was done."""


class TaskInterrupted(Failure):
    """The task in Proxmox was stopped before its end."""


# It could not be asked.
class BadToken(Outage):
    """Proxmox does not accept VMLab's API token."""


class TlsRefused(Outage):
    """The Proxmox host's certificate is not the one that VMLab trusts."""


class Unreachable(Outage):
    """No host of the Proxmox cluster can be reached."""


class NodeDown(Outage):
    """The Proxmox node cannot be reached."""


class NoQuorum(Outage):
    """The Proxmox cluster has no quorum: it cannot change anything at the moment."""


class OutcomeUnknown(Outage):
    """The answer was lost: the operation may or may not have been done."""


class StillRunning(OutcomeUnknown):
    """The task in Proxmox has not ended in the time that was given to it."""


# First match wins, so what is more particular stands above what is more general.
_TEXTS: tuple[tuple[str, type[ProxmoxFault]], ...] = (
    (r"Configuration file '[^']+' does not exist", GuestMissing),
    (r"no such task", TaskUnknown),
    (r"VM is locked \([\w-]+\)", GuestLocked),
    (r"no quorum", NoQuorum),
    (r"unable to (open|write|create) file '?/etc/pve/.*Permission denied", NoQuorum),
    (r"ipcc_send_rec\[\d+\] failed", NoQuorum),
    (r"(hostname|address) lookup (for )?'[^']*' (failed|did not)", NodeDown),
    (r"no such cluster node", NodeDown),
    (r"VM quit/powerdown failed", ShutdownTimeout),
    (r"got no worker upid|start(ing)? worker failed", NotStarted),
    (r"[Oo]nly root (can|may)", RootOnly),
    (r"protection mode enabled", GuestProtected),
    (r"still in use by linked clone", BaseInUse),
    (r"No QEMU guest agent configured|guest agent is not running|^Agent error", AgentSilent),
    (r"checksum mismatch: got", ChecksumWrong),
    (r"checksum mismatch|detected modified configuration", ConfigChanged),
    (r"No space left on device|out of space|[Nn]ot enough free space", NoSpace),
    (r"[Pp]ermission check failed", PermissionMissing),
    (r"already (exists|used)|failed: File exists|is already a pool member", AlreadyExists),
    (r"(Linked|Full) clone feature is not supported", FeatureMissing),
    (r"snapshot feature is not available|is not most recent snapshot", FeatureMissing),
    (r"can't clone (VM to node|to non-shared storage)", FeatureMissing),
    (r"storage '[^']*' (is not (online|available)|is disabled|does not support)", StorageOffline),
    (r"'[^']*' does not exist|[Nn]o such storage", ObjectMissing),
    (r"interrupted by signal|received interrupt|^unexpected status", TaskInterrupted),
    (r"got (lock request )?timeout|command timed out", LockTimeout),
    (r"already running|not running|is running|is paused|unexpected state change", WrongGuestState),
    (r"if it's a template|a template to a template|contains snapshots", WrongGuestState),
    (r"migrate running VM without", WrongGuestState),
    (r"shrinking disks is not supported|value .*does not look like", InvalidParameter),
)
_TABLE = tuple((re.compile(pattern, re.MULTILINE), fault) for pattern, fault in _TEXTS)

_BY_STATUS: Mapping[int, type[ProxmoxFault]] = {
    400: InvalidParameter,
    401: BadToken,
    403: PermissionMissing,
    501: Unsupported,
    506: Unsupported,
    595: NodeDown,
}


def of_text(text: str) -> type[ProxmoxFault]:
    """Tell the class of a refusal by Proxmox's words; Failure if they are not known."""
    return next((fault for pattern, fault in _TABLE if pattern.search(text)), Failure)


def of_answer(
    method: str, status: int, reason: str, errors: Mapping[str, str] | None = None
) -> ProxmoxFault:
    """Make the error of an HTTP answer.

    Args:
        method: of the request: what was read leaves nothing unknown.
        status: of the answer; 595 to 599 are Proxmox's own for a node that it could not ask.
        reason: the message, or the reason phrase where a body is missing.
        errors: by parameter, what a 400 says about it.
    """
    text = "\n".join([reason, *(errors or {}).values()])
    writes = method != "GET"
    fault: type[ProxmoxFault]
    if status >= 596:
        # 596 and up: the node was reached and then lost, so the work may go on there.
        fault = OutcomeUnknown if writes else NodeDown
    elif status in (401, 403, 595):
        fault = _BY_STATUS[status]
    else:
        fault = of_text(text)
        if fault is Failure:
            fault = _BY_STATUS.get(status, Failure)
    # A lock that was not obtained can be the one around the list of running workers, and then the
    # worker runs although the call failed (pve-common 9.2: RESTEnvironment.pm, active_workers).
    unknown = writes and (status >= 596 or fault is LockTimeout)
    return fault(
        reason if not errors else f"{reason} {_sentence(errors)}",
        status_code=status,
        errors=errors,
        outcome_unknown=unknown,
    )


def of_task(upid: str, exitstatus: str) -> ProxmoxFault:
    """Make the error of a task that failed with this exit status."""
    # A worker that was killed has written no last line, so nobody knows how far it came.
    killed = exitstatus.startswith(("unexpected status", "unable to get last line"))
    fault = TaskInterrupted if killed else of_text(exitstatus)
    return fault(exitstatus, upid=upid, outcome_unknown=killed)


def _sentence(errors: Mapping[str, str]) -> str:
    return "; ".join(f"{name}: {text.strip()}" for name, text in errors.items())
