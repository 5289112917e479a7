"""Who may do what: privileges by version, built-in roles, and the walk down the ACL tree.

Follows pve-access-control: the deepest path that has an entry replaces everything above it, token
entries beat user entries beat group entries, a pool lends its rights to its members, and a token
with privilege separation has only what its owner has, too.
"""

from __future__ import annotations

import json
import re
from functools import cache
from importlib.resources import files

from vmlab.simulator.state import AclEntry, Cluster, Role

Granted = dict[str, int]  # privilege -> propagate flag


@cache
def builtin_roles(major: int) -> dict[str, Role]:
    """The roles that come with the version and cannot be changed (data/roles.json)."""
    text = files("vmlab.simulator").joinpath("data", "roles.json").read_text("utf-8")
    described = json.loads(text)[str(major)]
    return {name: Role(name, frozenset(privs), special=True) for name, privs in described.items()}


def privileges(major: int) -> frozenset[str]:
    """Every privilege that the version knows."""
    return builtin_roles(major)["Administrator"].privs


def permissions(cluster: Cluster, who: str, path: str) -> Granted:
    """The privileges that `who` (user or token) holds on an ACL path, with the propagate flag."""
    if who == "root@pam":
        return dict.fromkeys(cluster.roles["Administrator"].privs, 1)
    userid, _, tokenid = who.partition("!")
    if not tokenid:
        return _compiled(cluster, who, path)
    token = cluster.tokens.get(who)
    if token is None:
        return {}
    owner = permissions(cluster, userid, path)
    if not token.privsep:
        return owner
    own = _compiled(cluster, who, path)
    return {priv: flag and owner[priv] for priv, flag in own.items() if priv in owner}


def _compiled(cluster: Cluster, who: str, path: str) -> Granted:
    roles = roles_at(cluster, who, path)
    granted: Granted = {}
    if "NoAccess" in roles:
        return granted
    pool = _pool_of(cluster, path)
    if pool is not None:
        for role in roles_at(cluster, who, f"/pool/{pool}"):
            # Rights lent by a pool end at the member: their flag is 0.
            granted.update(dict.fromkeys(_privs(cluster, role), 0))
    for role, propagate in roles.items():
        for priv in _privs(cluster, role):
            granted[priv] = max(granted.get(priv, 0), int(propagate))
    return granted


def _privs(cluster: Cluster, role: str) -> frozenset[str]:
    return cluster.roles[role].privs if role in cluster.roles else frozenset()


def _pool_of(cluster: Cluster, path: str) -> str | None:
    if match := re.fullmatch(r"/vms/(\d+)", path):
        return cluster.pool_of(int(match[1]))
    if match := re.fullmatch(r"/storage/([^/]+)", path):
        pools = (pool.poolid for pool in cluster.pools.values() if match[1] in pool.storages)
        return next(pools, None)
    return None


def roles_at(cluster: Cluster, who: str, path: str) -> dict[str, bool]:
    """The roles of a user or token on a path, with their propagate flag; pools not considered."""
    roles: dict[str, bool] = {}
    groups = cluster.users[who].groups if who in cluster.users else set()
    kind = "token" if "!" in who else "user"
    for prefix in prefixes(path):
        here = [
            entry
            for entry in cluster.acl
            if entry.path == prefix and (entry.propagate or prefix == path)
        ]
        level = _pick(here, kind, {who}) or _pick(here, "group", groups)
        roles = level or roles
    return {"NoAccess": roles["NoAccess"]} if "NoAccess" in roles else roles


def _pick(entries: list[AclEntry], kind: str, ids: set[str]) -> dict[str, bool]:
    return {e.roleid: e.propagate for e in entries if e.kind == kind and e.ugid in ids}


def prefixes(path: str) -> list[str]:
    """`/`, then each path on the way down to `path`."""
    parts = [part for part in path.split("/") if part]
    return ["/"] + ["/" + "/".join(parts[: n + 1]) for n in range(len(parts))]


def normalize(path: str) -> str | None:
    """An ACL path as user.cfg keeps it, or None where Proxmox knows no such path."""
    path = "/" + "/".join(part for part in path.split("/") if part)
    return path if _VALID.fullmatch(path) else None


_NAME = r"[A-Za-z0-9.\-_]+"
_VALID = re.compile(
    rf"/|/access(/groups(/{_NAME})?|/realm(/{_NAME})?)?|/nodes(/{_NAME})?"
    rf"|/pool(/{_NAME}){{0,3}}|/storage(/{_NAME})?|/vms(/[1-9]\d{{2,}})?"
    rf"|/mapping(/(dir|pci|usb)(/{_NAME})?)?"
    rf"|/sdn(/(zones|fabrics|controllers|dns|ipams)(/{_NAME}(/{_NAME}(/[1-9]\d{{0,3}})?)?)?)?"
)
