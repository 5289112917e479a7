"""Errors from texts that Proxmox VE 8.4.21 and 9.2.11 really answered."""

import pytest

from vmlab.errors import ProxmoxFailed, ProxmoxUnavailable
from vmlab.proxmox import faults
from vmlab.proxmox.faults import (
    AgentSilent,
    AlreadyExists,
    BadToken,
    BaseInUse,
    ChecksumWrong,
    ConfigChanged,
    Failure,
    FeatureMissing,
    GuestLocked,
    GuestMissing,
    GuestProtected,
    InvalidParameter,
    LockTimeout,
    NodeDown,
    NoQuorum,
    NoSpace,
    NotStarted,
    ObjectMissing,
    OutcomeUnknown,
    PermissionMissing,
    ProxmoxFault,
    RootOnly,
    ShutdownTimeout,
    StorageOffline,
    TaskInterrupted,
    TaskUnknown,
    Unsupported,
    WrongGuestState,
)

UPID = "UPID:pve1:00004173:00033979:6B028C36:qmstart:100:root@pam!vmlab:"
GONE = "Configuration file 'nodes/pve1/qemu-server/999.conf' does not exist"
BUSY = "can't lock file '/var/lock/qemu-server/lock-140.conf' - got timeout"

# status, reason phrase, the class that it means
ANSWERS = [
    (500, GONE, GuestMissing),
    (500, "unable to create VM 100 - VM 100 already exists on node 'pve1'", AlreadyExists),
    (500, "unable to create VM 100: config file already exists", AlreadyExists),
    (500, "create user failed: user 'low@pve' already exists", AlreadyExists),
    (500, "update pools failed: VM 103 is already a pool member", AlreadyExists),
    (500, "hostname lookup 'nosuch' failed - failed to get address info for: nosuch", NodeDown),
    (500, "address lookup for 'pve2' did not find any IP address", NodeDown),
    (595, "Connection refused", NodeDown),
    (595, "No route to host", NodeDown),
    (501, "Method 'GET /nosuch' not implemented", Unsupported),
    (501, "for data too large", Unsupported),
    (401, "No ticket", BadToken),
    (401, "Authentication failed!", BadToken),
    (401, "no such token 'svc' for user 'vmlab@pve'", BadToken),
    (403, "Permission check failed (/vms/100, VM.Audit)", PermissionMissing),
    (403, "Permission check failed", PermissionMissing),
    (403, "Permission check failed (pool 'nosuch' does not exist)", PermissionMissing),
    (500, "only root can set 'args' config", RootOnly),
    (500, "only root can set 'hostpci0' config for non-mapped devices", RootOnly),
    (500, "Only root can pass arbitrary filesystem paths. at Storage.pm line 581.", RootOnly),
    (500, "checksum mismatch (file change by other user?)", ConfigChanged),
    (500, "detected modified configuration - file changed by other user?", ConfigChanged),
    (500, "VM is locked (backup)", GuestLocked),
    (500, "VM is locked (snapshot-delete)", GuestLocked),
    (500, "VM 111 is running - destroy failed", WrongGuestState),
    (500, "VM 111 not running", WrongGuestState),
    (500, "VM 111 is not running", WrongGuestState),
    (500, "VM is paused - cannot shutdown", WrongGuestState),
    (500, "you can't convert a template to a template", WrongGuestState),
    (500, "you can't convert a VM to template if VM is running", WrongGuestState),
    (500, "No QEMU guest agent configured", AgentSilent),
    (500, "QEMU guest agent is not running", AgentSilent),
    (500, "Agent error: failed to open file '/etc/passwd'", AgentSilent),
    (500, "can't remove VM 110 - protection mode enabled", GuestProtected),
    (
        500,
        "Linked clone feature is not supported for 'vmdisks:100/vm-100-disk-0.qcow2' (scsi0)",
        FeatureMissing,
    ),
    (500, "storage 'nosuch' does not exist", ObjectMissing),
    (500, "pool 'nosuch' does not exist", ObjectMissing),
    (500, "storage 'vmdisks' does not support 'vztmpl' content", StorageOffline),
    (500, "storage 'nfs' is not online", StorageOffline),
    (500, "cluster not ready - no quorum?", NoQuorum),
    (500, "got no worker upid - start worker failed", NotStarted),
    (500, BUSY, LockTimeout),
    (500, "cfs-lock 'storage-nfs' error: got lock request timeout", LockTimeout),
    (500, "unable to parse directory volume name '1G'", Failure),
    (500, "delete pool failed: pool 'p1' is not empty (contains VM 103)", Failure),
]


@pytest.mark.parametrize(("status", "reason", "fault"), ANSWERS)
def test_answers(status: int, reason: str, fault: type[ProxmoxFault]):
    error = faults.of_answer("GET", status, reason)
    assert type(error) is fault
    assert (error.reason, error.status_code, error.upid) == (reason, status, None)
    assert error.outcome_unknown is False


# What a 400 says about one parameter, and the class that it means.
PARAMETERS = [
    ({"vmid": "VM 100 already exists"}, AlreadyExists),
    ({"upid": "no such task"}, TaskUnknown),
    ({"upid": "unable to parse worker upid"}, InvalidParameter),
    ({"skiplock": "Only root may use this option."}, RootOnly),
    ({"storage": "No such storage."}, ObjectMissing),
    ({"storage": "storage 'local' does not support vm images"}, StorageOffline),
    ({"vmid": "property is missing and it is not optional"}, InvalidParameter),
    ({"name": "invalid format - value does not look like a valid DNS name\n"}, InvalidParameter),
    ({"onboot": "type check ('boolean') failed - got 'true'"}, InvalidParameter),
    ({"filename": "wrong file extension"}, InvalidParameter),
]


@pytest.mark.parametrize(("errors", "fault"), PARAMETERS)
def test_refused_parameters(errors: dict[str, str], fault: type[ProxmoxFault]):
    error = faults.of_answer("POST", 400, "Parameter verification failed.", errors)
    assert type(error) is fault
    assert error.errors == errors
    assert all(text.strip() in error.reason for text in errors.values())
    assert error.details["errors"] == errors


# The exit status of a failed task, and the class that it means.
EXITS = [
    (GONE, GuestMissing),
    ("VM 111 already running", WrongGuestState),
    ("you can't start a vm if it's a template", WrongGuestState),
    ("VM is locked (backup)", GuestLocked),
    (
        "base volume 'vmdisks:100/base-100-disk-0.qcow2' is still in use by linked cloned",
        BaseInUse,
    ),
    ("snapshot name 's1' already used", AlreadyExists),
    ("snapshot 'nosuch' does not exist", ObjectMissing),
    ("disk 'scsi9' does not exist", ObjectMissing),
    ("snapshot feature is not available", FeatureMissing),
    ("shrinking disks is not supported", InvalidParameter),
    (BUSY, LockTimeout),
    ("VM quit/powerdown failed - got timeout", ShutdownTimeout),
    ("VM quit/powerdown failed", ShutdownTimeout),
    ("checksum mismatch: got 'e8b9928c' != expect '00000000'", ChecksumWrong),
    ("403 Permission check failed (/storage/vmdisks, Datastore.AllocateSpace)", PermissionMissing),
    (
        "clone failed: copy failed: command 'qemu-img' failed: interrupted by signal",
        TaskInterrupted,
    ),
    ("unable to write: No space left on device", NoSpace),
    (
        "close (rename) atomic file '/etc/pve/nodes/pve1/qemu-server/140.conf' failed: File exists",
        AlreadyExists,
    ),
    ("start failed: QEMU exited with code 1", Failure),
    ("Failed to run vncproxy.", Failure),
    ("connection timed out", Failure),
    ("bridge 'vmbr9' does not exist", ObjectMissing),
]


@pytest.mark.parametrize(("exitstatus", "fault"), EXITS)
def test_failed_tasks(exitstatus: str, fault: type[ProxmoxFault]):
    error = faults.of_task(UPID, exitstatus)
    assert type(error) is fault
    assert error.details == {"reason": exitstatus, "upid": UPID}
    assert error.outcome_unknown is False


def test_nobody_knows_how_far_a_killed_worker_came():
    error = faults.of_task(UPID, "unexpected status")
    assert type(error) is TaskInterrupted
    assert error.outcome_unknown is True


@pytest.mark.parametrize("status", [596, 597, 598, 599])
def test_a_node_that_was_lost_on_the_way(status: int):
    read = faults.of_answer("GET", status, "Broken pipe")
    assert type(read) is NodeDown
    assert read.outcome_unknown is False
    for method in ("POST", "PUT", "DELETE"):
        written = faults.of_answer(method, status, "Broken pipe")
        assert type(written) is OutcomeUnknown
        assert written.outcome_unknown is True


def test_a_node_that_was_never_reached_did_nothing():
    error = faults.of_answer("POST", 595, "No route to host")
    assert type(error) is NodeDown
    assert error.outcome_unknown is False


def test_a_write_that_waited_for_a_lock_may_have_begun():
    assert faults.of_answer("POST", 500, BUSY).outcome_unknown is True
    assert faults.of_answer("GET", 500, BUSY).outcome_unknown is False


def test_two_kinds_for_the_api():
    """A refusal is a failed operation (VM_001); silence is an unavailable cluster (PROXMOX_001)."""
    refusal = faults.of_answer("GET", 500, GONE)
    assert isinstance(refusal, ProxmoxFailed)
    assert (refusal.code, refusal.status) == ("VM_001", 500)
    silence = faults.of_answer("GET", 595, "No route to host")
    assert isinstance(silence, ProxmoxUnavailable)
    assert (silence.code, silence.status) == ("PROXMOX_001", 503)


def test_the_log_has_proxmox_own_words_and_the_user_a_sentence():
    error = faults.of_answer("GET", 500, GONE)
    assert error.message == "Proxmox has no such virtual machine on that node."
    assert str(error) == f"{error.message} [500 {GONE}]"
