"""Which rights VMLab's Proxmox token needs, where, and the `pveum` lines that grant them. Pure.

`vmlab check` asks Proxmox whether they are there; docs/proxmox.md tells people to grant them, and a
test holds the two together. Privileges and paths: pve-access-control 8.4 and 9.1.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

Roles = Mapping[str, frozenset[str]]

GUEST = "VMLabGuest"
TEMPLATE = "VMLabTemplate"
STORE = "VMLabStore"
IMPORT = "VMLabImport"
FETCH = "VMLabFetch"
NET = "VMLabNet"
AUDIT = "VMLabAudit"
POOLS = "VMLabPools"

_GUEST = frozenset(
    [
        "VM.Allocate",
        "VM.Audit",
        "VM.Clone",
        "VM.Config.CDROM",
        "VM.Config.CPU",
        "VM.Config.Cloudinit",
        "VM.Config.Disk",
        "VM.Config.HWType",
        "VM.Config.Memory",
        "VM.Config.Network",
        "VM.Config.Options",
        "VM.Console",
        "VM.Migrate",
        "VM.PowerMgmt",
        "VM.Snapshot",
        "VM.Snapshot.Rollback",
        "Pool.Audit",
    ]
)
IMPORTING = frozenset(
    [
        "Datastore.Allocate",
        "Datastore.AllocateSpace",
        "Datastore.AllocateTemplate",
        "Datastore.Audit",
    ]
)
"""On the storage that images are sent to: put them there, read them, and delete them again."""
FETCHING = frozenset({"Sys.AccessNetwork"})
"""On a node: have it fetch images from VMLab."""
_AGENT_8 = frozenset({"VM.Monitor"})
_AGENT_9 = frozenset({"VM.GuestAgent.Audit"})
"""9.0 has no VM.Monitor; asking the guest agent has a privilege of its own there."""


def roles(major: int) -> Roles:
    """The roles that docs/proxmox.md makes, for a major version of Proxmox VE."""
    return {
        GUEST: _GUEST | (_AGENT_9 if major >= 9 else _AGENT_8),
        TEMPLATE: frozenset({"VM.Audit", "VM.Clone"}),
        STORE: frozenset({"Datastore.AllocateSpace", "Datastore.Audit"}),
        IMPORT: IMPORTING,
        FETCH: FETCHING,
        NET: frozenset({"SDN.Use"}),
        AUDIT: frozenset({"Sys.Audit"}),
        POOLS: frozenset({"Pool.Allocate"}),
    }


@dataclass(frozen=True, order=True)
class Grant:
    """A role that the token needs on a path.

    Attributes:
        propagate: whether it also counts below the path.
    """

    path: str
    role: str
    propagate: bool = True


def grants(
    *,
    pool: str,
    pool_per_course: bool,
    templates: Iterable[int],
    storages: Iterable[str],
    bridges: Iterable[str],
    import_storage: str = "",
    download: bool = False,
) -> list[Grant]:
    """All that VMLab needs with these settings and templates.

    Args:
        pool: of VMLab's machines.
        pool_per_course: whether VMLab makes a pool for each course beside it.
        templates: VMIDs of the registered ones.
        storages: those that clones' disks are on.
        bridges: paths of the networks that clones are on, below `/sdn/zones/`.
        import_storage: where images are sent to; empty if none are.
        download: whether the nodes fetch them by themselves.
    """
    pools = [Grant("/pool", GUEST), Grant("/pool", POOLS)]
    return [
        Grant("/", AUDIT, propagate=False),
        Grant("/nodes", AUDIT),
        *(pools if pool_per_course else [Grant(f"/pool/{pool}", GUEST)]),
        *(Grant(f"/vms/{vmid}", TEMPLATE) for vmid in sorted(set(templates))),
        *(Grant(f"/storage/{name}", STORE) for name in sorted(set(storages))),
        *([Grant(f"/storage/{import_storage}", IMPORT)] if import_storage else []),
        *([Grant("/nodes", FETCH)] if import_storage and download else []),
        *(Grant(f"/sdn/zones/{path}", NET) for path in sorted(set(bridges))),
    ]


def mend(
    grant: Grant, held: frozenset[str], wanted: Roles, existing: Roles, token: str
) -> list[str]:
    """The `pveum` lines after which the token has what a grant gives; none if it has it.

    Args:
        grant: what it needs.
        held: the privileges that it has on the path.
        wanted: the roles as they should be.
        existing: the roles as they are in Proxmox.
        token: `user@realm!name`.
    """
    needed = wanted[grant.role]
    if needed <= held:
        return []
    there = existing.get(grant.role)
    lines = []
    if there is None:
        lines.append(f"pveum role add {grant.role} --privs {_quoted(needed)}")
    elif lacking := needed - there:
        lines.append(f"pveum role modify {grant.role} --append 1 --privs {_quoted(lacking)}")
    given = needed & (there or frozenset())
    # Where all that the role gives today is there, the token has the role, and the role was all.
    if not given or not given <= held:
        lines.append(_acl(grant, token))
    return lines


def _acl(grant: Grant, token: str) -> str:
    propagate = "" if grant.propagate else " --propagate 0"
    user = token.partition("!")[0]
    return (
        f"pveum acl modify {grant.path}{propagate} --roles {grant.role}"
        f" --users {shlex.quote(user)} --tokens '{token}'"
    )


def token_lines(token: str) -> list[str]:
    """The lines that make the user and its token."""
    user, _, name = token.partition("!")
    return [f"pveum user add {user}", f"pveum user token add {user} {name} --privsep 1"]


def pool_line(pool: str) -> str:
    """The line that makes the pool."""
    return f"pveum pool add {pool}"


def distinct(lines: Iterable[str]) -> Sequence[str]:
    """Each line once, roles before what grants them, in the order in which they came."""
    return sorted(dict.fromkeys(lines), key=lambda line: line.startswith("pveum acl"))


def _quoted(privileges: frozenset[str]) -> str:
    return f'"{" ".join(sorted(privileges))}"'
