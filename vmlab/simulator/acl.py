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

from vmlab.simulator.state import Cluster, Role

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
    return Rights(cluster, who).on(path)


class Rights:
    """What a user or token may do, as the ACL says at this moment; made for a look at many paths.

    Args:
        cluster: its users, tokens, roles, pools and ACL.
        who: `user@realm` or `user@realm!token`.
    """

    def __init__(self, cluster: Cluster, who: str) -> None:
        self._cluster = cluster
        self._who = who
        userid, _, tokenid = who.partition("!")
        self._token = cluster.tokens.get(who)
        self._owner = Rights(cluster, userid) if tokenid else None
        self._direct: dict[str, dict[str, bool]] = {}
        self._by_group: dict[str, dict[str, bool]] = {}
        self._lent: dict[str, Granted] = {}
        user = cluster.users.get(who)
        groups = user.groups if user else set()
        for entry in cluster.acl:
            if entry.ugid == who:
                self._direct.setdefault(entry.path, {})[entry.roleid] = entry.propagate
            elif entry.kind == "group" and entry.ugid in groups:
                self._by_group.setdefault(entry.path, {})[entry.roleid] = entry.propagate

    def on(self, path: str) -> Granted:
        """The privileges on a path, with the propagate flag."""
        if self._who == "root@pam":
            return dict.fromkeys(self._privs("Administrator"), 1)
        if self._owner is None:
            return self._own(path)
        if self._token is None:
            return {}
        owners = self._owner.on(path)
        if not self._token.privsep:
            return owners
        return {
            priv: flag and owners[priv] for priv, flag in self._own(path).items() if priv in owners
        }

    def _own(self, path: str) -> Granted:
        roles = self.roles(path)
        if "NoAccess" in roles:
            return {}
        pool = _pool_of(self._cluster, path)
        granted = {} if pool is None else dict(self._lent_by(pool))
        for role, propagate in roles.items():
            for priv in self._privs(role):
                granted[priv] = max(granted.get(priv, 0), int(propagate))
        return granted

    def _lent_by(self, pool: str) -> Granted:
        """Rights lent by a pool end at the member: their flag is 0."""
        if pool not in self._lent:
            roles = self.roles(f"/pool/{pool}")
            self._lent[pool] = {priv: 0 for role in roles for priv in self._privs(role)}
        return self._lent[pool]

    def roles(self, path: str) -> dict[str, bool]:
        """The roles on a path with their propagate flag, pools not considered."""
        roles: dict[str, bool] = {}
        for prefix in prefixes(path):
            for entries in (self._direct, self._by_group):
                here = entries.get(prefix, {})
                level = {role: flag for role, flag in here.items() if flag or prefix == path}
                if level:
                    roles = level
                    break
        return {"NoAccess": roles["NoAccess"]} if "NoAccess" in roles else roles

    def _privs(self, role: str) -> frozenset[str]:
        known = self._cluster.roles.get(role)
        return known.privs if known else frozenset()


def _pool_of(cluster: Cluster, path: str) -> str | None:
    if match := re.fullmatch(r"/vms/(\d+)", path):
        return cluster.pool_of(int(match[1]))
    if match := re.fullmatch(r"/storage/([^/]+)", path):
        pools = (pool.poolid for pool in cluster.pools.values() if match[1] in pool.storages)
        return next(pools, None)
    return None


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
