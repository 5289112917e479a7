"""Who one is and may be: tickets, own permissions, ACLs, roles, realms."""

from __future__ import annotations

import re
from typing import Any

from vmlab.simulator import acl, formats
from vmlab.simulator.errors import ApiError, denied, invalid, invalid_parameters
from vmlab.simulator.identity import same_text
from vmlab.simulator.routes import Call, Identity, route
from vmlab.simulator.state import AclEntry, Cluster, Role

REALMS = {"pam": "Linux PAM standard authentication", "pve": "Proxmox VE authentication server"}
TOP_PATHS = ("/", "/access", "/access/groups", "/nodes", "/pool", "/sdn", "/storage", "/vms")
_CAPABILITIES = {
    "vms": ("/vms", r"VM\.|Permissions\.Modify"),
    "access": ("/access", r"(User|Group)\.|Permissions\.Modify"),
    "storage": ("/storage", r"Datastore\.|Permissions\.Modify"),
    "nodes": ("/nodes", r"Sys\.|Permissions\.Modify"),
    "sdn": ("/sdn", r"SDN\.|Permissions\.Modify"),
    "dc": ("/", r"Sys\.Audit|Sys\.Modify|SDN\."),
    "mapping": ("/mapping", r"Mapping\.|Permissions\.Modify"),
}


@route("GET", "/access/ticket")
async def no_ticket(call: Call) -> Any:
    """Does nothing, as in Proxmox."""


@route("POST", "/access/ticket")
async def ticket(call: Call) -> Any:
    """A ticket for a password, or for a ticket that still lives."""
    params = call.params
    userid = params["username"]
    if "realm" in params and "@" not in userid:
        userid = f"{userid}@{params['realm']}"
    if not _password_right(call, userid, params["password"]):
        raise ApiError(401, "authentication failure")
    if "path" in params:
        held = acl.permissions(call.cluster, userid, params["path"])
        if not all(priv in held for priv in formats.items(params["privs"])):
            raise denied(f"{params['path']}, {params['privs']}")
        return {"username": userid}
    answer: dict[str, Any] = {
        "username": userid,
        "ticket": call.sim.tickets.assemble("PVE", userid),
        "CSRFPreventionToken": call.sim.tickets.csrf_token(userid),
        "cap": _capabilities(call.cluster, userid),
    }
    audit = "Sys.Audit" in acl.permissions(call.cluster, userid, "/")
    if audit and len(call.cluster.nodes) > 1:
        answer["clustername"] = call.cluster.name
    return answer


def _password_right(call: Call, userid: str, password: str) -> bool:
    if not call.sim.gate.enabled(userid):
        return False
    if password.startswith("PVE:"):
        return call.sim.tickets.verify(password, "PVE") in (userid, "root@pam")
    kept = call.cluster.users[userid].password
    return kept is not None and same_text(kept, password)


def _capabilities(cluster: Cluster, userid: str) -> dict[str, dict[str, int]]:
    """Privileges by subject, from the subject's path and everything below that an ACL names."""
    named = {entry.path for entry in cluster.acl}
    found: dict[str, dict[str, int]] = {}
    for subject, (top, pattern) in _CAPABILITIES.items():
        below = {path for path in named if top != "/" and path.startswith(f"{top}/")}
        privs = {priv for path in (top, *below) for priv in acl.permissions(cluster, userid, path)}
        found[subject] = {priv: 1 for priv in sorted(privs) if re.match(pattern, priv)}
    return found


@route("GET", "/access/domains")
async def domains(call: Call) -> Any:
    """The two realms that are always there."""
    return [{"realm": name, "type": name, "comment": text} for name, text in REALMS.items()]


@route("GET", "/access/permissions")
async def permissions(call: Call) -> Any:
    """Privileges by path, each with its propagate flag (0 is granted, too)."""
    cluster, who = call.cluster, call.params.get("userid", call.who.full)
    if who not in (call.who.full, call.who.userid):
        call.require("/access", "Sys.Audit")
    if "path" in call.params:
        path = acl.normalize(call.params["path"])
        if path is None:
            raise invalid(path=f"invalid ACL path '{call.params['path']}'")
        return {path: acl.permissions(cluster, who, path)}
    paths = {*TOP_PATHS, *(entry.path for entry in cluster.acl)}
    for pool in cluster.pools.values():
        paths |= {f"/vms/{vmid}" for vmid in pool.vms}
        paths |= {f"/storage/{name}" for name in pool.storages}
    granted = {path: acl.permissions(cluster, who, path) for path in sorted(paths)}
    return {path: privs for path, privs in granted.items() if privs}


@route("GET", "/access/acl")
async def read_acl(call: Call) -> Any:
    """ACL entries: all of them with Sys.Audit on /access, else those the caller may change."""
    audit = call.has("/access", "Sys.Audit")
    return [
        {
            "path": entry.path,
            "type": entry.kind,
            "ugid": entry.ugid,
            "roleid": entry.roleid,
            "propagate": int(entry.propagate),
        }
        for entry in sorted(call.cluster.acl, key=lambda e: (e.path, e.kind, e.ugid, e.roleid))
        if audit or call.has(entry.path, "Permissions.Modify")
    ]


@route("PUT", "/access/acl")
async def update_acl(call: Call) -> Any:
    """Grant or (`delete`) take roles on a path."""
    cluster, params = call.cluster, call.params
    path = acl.normalize(params["path"])
    if path is None:
        raise invalid(path=f"invalid ACL path '{params['path']}'")
    subjects = list(_subjects(params))
    if not subjects:
        text = "either 'users', 'groups' or 'tokens' is required."
        raise invalid(users=text, groups=text, tokens=text)
    for role in formats.items(params["roles"]):
        if role not in cluster.roles:
            raise ApiError(500, f"update ACL failed: role '{role}' does not exist")
        _check_delegation(call, path, cluster.roles[role])
        for kind, ugid in subjects:
            _check_subject(cluster, kind, ugid)
            _change(
                cluster, AclEntry(path, kind, ugid, role, bool(params.get("propagate", 1))), call
            )


def _subjects(params: dict[str, Any]) -> list[tuple[str, str]]:
    return [
        (kind, ugid)
        for kind in ("user", "group", "token")
        for ugid in formats.items(params.get(f"{kind}s", ""))
    ]


def _check_subject(cluster: Cluster, kind: str, ugid: str) -> None:
    known = {*cluster.users, *cluster.groups, *cluster.tokens}
    if ugid not in known:
        if kind == "token":
            userid, _, tokenid = ugid.partition("!")
            raise ApiError(500, f"no such token '{tokenid}' for user '{userid}'")
        raise ApiError(500, f"update ACL failed: {kind} '{ugid}' does not exist")


def _check_delegation(call: Call, path: str, role: Role) -> None:
    """Without Permissions.Modify one hands out only roles within one's own rights."""
    held = acl.permissions(call.cluster, call.who.full, path)
    if "Permissions.Modify" not in held and not role.privs <= held.keys():
        raise denied(f"{path}, Permissions.Modify")


def _change(cluster: Cluster, entry: AclEntry, call: Call) -> None:
    same = {
        other
        for other in cluster.acl
        if (other.path, other.kind, other.ugid, other.roleid)
        == (entry.path, entry.kind, entry.ugid, entry.roleid)
    }
    cluster.acl -= same
    if not call.params.get("delete"):
        cluster.acl.add(entry)


@route("GET", "/access/roles")
async def roles(call: Call) -> Any:
    """All roles."""
    return [
        {"roleid": r.roleid, "privs": ",".join(sorted(r.privs)), "special": int(r.special)}
        for r in call.cluster.roles.values()
    ]


def _role(call: Call) -> Role:
    roleid = call.params["roleid"]
    try:
        return call.cluster.roles[roleid]
    except KeyError:
        raise ApiError(500, f"role '{roleid}' does not exist") from None


@route("GET", "/access/roles/{roleid}")
async def read_role(call: Call) -> Any:
    """A role's privileges as keys."""
    return dict.fromkeys(sorted(_role(call).privs), 1)


@route("POST", "/access/roles")
async def create_role(call: Call) -> Any:
    """A role of one's own; the PVE namespace is Proxmox's."""
    roleid, cluster = call.params["roleid"], call.cluster
    if roleid.lower().startswith("pve"):
        text = "cannot use role ID starting with the (case-insensitive) 'PVE' namespace"
        raise invalid_parameters({"roleid": text})
    if roleid in cluster.roles:
        raise ApiError(500, f"create role failed: role '{roleid}' already exists")
    cluster.roles[roleid] = Role(roleid, frozenset(formats.items(call.params.get("privs", ""))))


@route("PUT", "/access/roles/{roleid}")
async def update_role(call: Call) -> Any:
    """Replace a role's privileges, or add to them."""
    role = _role(call)
    if role.special:
        raise ApiError(500, f"auto-generated role '{role.roleid}' cannot be modified")
    privs = frozenset(formats.items(call.params.get("privs", "")))
    role.privs = role.privs | privs if call.params.get("append") else privs


@route("DELETE", "/access/roles/{roleid}")
async def delete_role(call: Call) -> Any:
    """Remove a role and the ACL entries that grant it."""
    role, cluster = _role(call), call.cluster
    if role.special:
        raise ApiError(500, f"auto-generated role '{role.roleid}' cannot be deleted")
    del cluster.roles[role.roleid]
    cluster.acl = {entry for entry in cluster.acl if entry.roleid != role.roleid}


@route("GET", "/access/groups")
async def groups(call: Call) -> Any:
    """All groups with their members."""
    users = call.cluster.users.values()
    return [
        {
            "groupid": name,
            "comment": comment,
            "users": ",".join(user.userid for user in users if name in user.groups),
        }
        for name, comment in sorted(call.cluster.groups.items())
    ]


def drop_subject(cluster: Cluster, identity: Identity) -> None:
    """Forget what ACLs grant to a user or token that is being removed."""
    cluster.acl = {entry for entry in cluster.acl if entry.ugid != identity.full}
