"""Evaluates the `permissions` of an endpoint, as pve-access-control's RPCEnvironment does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from vmlab.simulator import acl, formats
from vmlab.simulator.errors import ApiError, denied
from vmlab.simulator.routes import Identity
from vmlab.simulator.state import Cluster

_DELEGATORS = {"storage": "Datastore.Allocate", "vms": "VM.Allocate", "pool": "Pool.Allocate"}


def authorize(
    cluster: Cluster, who: Identity, permissions: Mapping[str, Any] | None, params: dict[str, Any]
) -> None:
    """Let the call pass or refuse it.

    Args:
        permissions: of the endpoint; None means root@pam only.
        params: as sent, unchecked: Proxmox looks at the rights first.

    Raises:
        ApiError: 403 in Proxmox's words: with path and privilege, or bare for an "or" rule.
    """
    if who.is_root:
        return
    if permissions is None:
        raise denied("user != root@pam")
    if "user" in permissions or "check" not in permissions:
        return
    if (refusal := _refusal(cluster, who, permissions["check"], params)) is not None:
        raise refusal


def _refusal(
    cluster: Cluster, who: Identity, check: list[Any], params: dict[str, Any]
) -> ApiError | None:
    kind, *rest = check
    if kind == "and":
        refusals = (_refusal(cluster, who, part, params) for part in rest)
        return next((refusal for refusal in refusals if refusal is not None), None)
    if kind == "or":
        if any(_refusal(cluster, who, part, params) is None for part in rest):
            return None
        return denied()
    if kind == "perm":
        return _perm(cluster, who, rest, params)
    if kind == "perm-modify":
        return _perm_modify(cluster, who, str(params.get("path", "")))
    if kind == "userid-param":
        return _userid_param(cluster, who, rest[0], params)
    return _userid_group(cluster, who, rest[0], params, creating=rest[-1] == "create")


def _perm(
    cluster: Cluster, who: Identity, rest: list[Any], params: dict[str, Any]
) -> ApiError | None:
    template, privs, *flat = rest
    options = dict(zip(flat[::2], flat[1::2], strict=True))
    if options.get("require_param", "") not in ("", *params):
        return denied()
    path = str(template).format_map(_Filled(params))
    held = acl.permissions(cluster, who.full, path)
    if options.get("any"):
        return None if any(p in held for p in privs) else denied(f"{path}, {'|'.join(privs)}")
    missing = next((priv for priv in privs if priv not in held), None)
    return None if missing is None else denied(f"{path}, {missing}")


class _Filled(dict[str, Any]):
    """A parameter that was not sent leaves its place in the path empty."""

    def __missing__(self, key: str) -> str:
        return ""


def _perm_modify(cluster: Cluster, who: Identity, path: str) -> ApiError | None:
    if not path:
        return _perm(cluster, who, ["/access", ["Permissions.Modify"]], {})
    privs = ["Permissions.Modify"]
    first, _, below = path.strip("/").partition("/")
    if below and first in _DELEGATORS:
        privs.append(_DELEGATORS[first])
    return _perm(cluster, who, [path, privs, "any", 1], {})


def _userid_param(
    cluster: Cluster, who: Identity, wanted: str, params: dict[str, Any]
) -> ApiError | None:
    userid = str(params.get("userid", ""))
    if wanted == "self":
        return None if userid in cluster.users and who.full == userid else denied()
    return _perm(cluster, who, [f"/access/realm/{userid.rpartition('@')[2]}", [wanted]], {})


def _userid_group(
    cluster: Cluster,
    who: Identity,
    privs: list[str],
    params: dict[str, Any],
    *,
    creating: bool,
) -> ApiError | None:
    """Rights on all groups, on one of the user's, or, for a new user, on each that is asked for."""
    rights = acl.Rights(cluster, who.full)

    def may(path: str) -> bool:
        return not rights.on(path).keys().isdisjoint(privs)

    if may("/access/groups"):
        return None
    if creating:
        wanted = formats.items(str(params.get("groups", "")))
        return None if wanted and all(may(f"/access/groups/{g}") for g in wanted) else denied()
    userid = str(params.get("userid", ""))
    user = cluster.users.get(userid)
    if user is None:
        return ApiError(500, f"no such user ('{userid}')")
    return None if any(may(f"/access/groups/{group}") for group in user.groups) else denied()
