"""Accounts and their API tokens."""

from __future__ import annotations

import uuid
from typing import Any

from vmlab.simulator import formats
from vmlab.simulator.api.access import REALMS, drop_subject
from vmlab.simulator.errors import ApiError, invalid
from vmlab.simulator.routes import Call, Identity, route
from vmlab.simulator.state import Token, User

_USER = "/access/users/{userid}"
_TOKEN = _USER + "/token/{tokenid}"
_OPTIONAL = ("comment", "email", "firstname", "lastname")


def _user(call: Call) -> User:
    userid = call.params["userid"]
    try:
        return call.cluster.users[userid]
    except KeyError:
        raise ApiError(500, f"no such user ('{userid}')") from None


def _tokens(call: Call, userid: str) -> list[Token]:
    return [token for token in call.cluster.tokens.values() if token.userid == userid]


def _details(user: User) -> dict[str, Any]:
    details: dict[str, Any] = {"enable": int(user.enable), "expire": user.expire}
    return details | {key: getattr(user, key) for key in _OPTIONAL if getattr(user, key)}


@route("GET", "/access/users")
async def index(call: Call) -> Any:
    """All accounts, or the caller's own without rights on groups."""
    sees_all = any(call.has("/access/groups", priv) for priv in ("User.Modify", "Sys.Audit"))
    enabled, rows = call.params.get("enabled"), []
    for userid, user in sorted(call.cluster.users.items()):
        if not sees_all and userid != call.who.userid:
            continue
        if enabled is not None and bool(enabled) != user.enable:
            continue
        row = {"userid": userid, "realm-type": user.realm, **_details(user)}
        if call.params.get("full"):
            tokens = [{"tokenid": t.tokenid, **_info(t)} for t in _tokens(call, userid)]
            row |= {"groups": ",".join(sorted(user.groups)), "tokens": tokens}
        rows.append(row)
    return rows


@route("POST", "/access/users")
async def create(call: Call) -> Any:
    """A new account; only realm pve keeps a password here."""
    params, users = call.params, call.cluster.users
    userid = params["userid"]
    if userid in users:
        raise ApiError(500, f"create user failed: user '{userid}' already exists")
    realm = userid.rpartition("@")[2]
    if realm not in REALMS:
        raise ApiError(500, f"domain '{realm}' does not exist")
    user = User(userid, password=params.get("password") if realm == "pve" else None)
    _apply(call, user)
    users[userid] = user


def _apply(call: Call, user: User) -> None:
    params = call.params
    user.enable = bool(params.get("enable", user.enable))
    user.expire = params.get("expire", user.expire)
    for key in _OPTIONAL:
        if key in params:
            setattr(user, key, params[key] or None)
    if "groups" in params:
        wanted = set(formats.items(params["groups"]))
        for group in sorted(wanted - call.cluster.groups.keys()):
            raise ApiError(500, f"no such group '{group}'")
        user.groups = user.groups | wanted if params.get("append") else wanted


@route("GET", _USER)
async def read(call: Call) -> Any:
    """One account with its groups and tokens."""
    user = _user(call)
    answer = {**_details(user), "groups": sorted(user.groups)}
    if tokens := {token.tokenid: _info(token) for token in _tokens(call, user.userid)}:
        answer["tokens"] = tokens
    return answer


@route("PUT", _USER)
async def update(call: Call) -> Any:
    """Change an account."""
    _apply(call, _user(call))


@route("DELETE", _USER)
async def delete(call: Call) -> Any:
    """Remove an account, its tokens and its ACL entries."""
    user = _user(call)
    if user.userid == "root@pam":
        raise ApiError(500, "delete user failed: you can't delete the super-user 'root@pam'")
    for token in _tokens(call, user.userid):
        drop_subject(call.cluster, Identity(token.userid, token.tokenid))
        del call.cluster.tokens[token.full]
    drop_subject(call.cluster, Identity(user.userid))
    del call.cluster.users[user.userid]


def _info(token: Token) -> dict[str, Any]:
    info: dict[str, Any] = {"privsep": int(token.privsep), "expire": token.expire}
    return {**info, "comment": token.comment} if token.comment else info


def _token(call: Call) -> Token:
    userid, tokenid = call.params["userid"], call.params["tokenid"]
    token = call.cluster.tokens.get(f"{userid}!{tokenid}")
    if token is None:
        raise ApiError(500, f"no such token '{tokenid}' for user '{userid}'")
    return token


@route("GET", _USER + "/token")
async def token_index(call: Call) -> Any:
    """A user's tokens, without their secrets."""
    return [{"tokenid": t.tokenid, **_info(t)} for t in _tokens(call, _user(call).userid)]


@route("GET", _TOKEN)
async def token_read(call: Call) -> Any:
    """One token, without its secret."""
    return _info(_token(call))


@route("POST", _TOKEN)
async def token_create(call: Call) -> Any:
    """A new token; its secret is shown this once."""
    params = call.params
    token = Token(
        _user(call).userid,
        params["tokenid"],
        str(uuid.uuid4()),
        privsep=bool(params.get("privsep", 1)),
        expire=params.get("expire", 0),
        comment=params.get("comment"),
    )
    if token.full in call.cluster.tokens:
        raise invalid(tokenid="Token already exists.")
    call.cluster.tokens[token.full] = token
    info = {key: str(params[key]) for key in ("comment", "expire", "privsep") if key in params}
    info.setdefault("privsep", "1")
    return {"full-tokenid": token.full, "value": token.secret, "info": info}


@route("PUT", _TOKEN)
async def token_update(call: Call) -> Any:
    """Change a token; `regenerate` (9.x) gives it a new secret."""
    token, params = _token(call), call.params
    token.privsep = bool(params.get("privsep", token.privsep))
    token.expire = params.get("expire", token.expire)
    token.comment = params.get("comment", token.comment)
    for name in formats.items(params.get("delete", "")):
        if name == "comment":
            token.comment = None
        elif name == "expire":
            token.expire = 0
    if not params.get("regenerate"):
        return _info(token)
    token.secret = str(uuid.uuid4())
    return {"full-tokenid": token.full, "value": token.secret, **_info(token)}


@route("DELETE", _TOKEN)
async def token_delete(call: Call) -> Any:
    """Remove a token and what ACLs grant to it."""
    token = _token(call)
    drop_subject(call.cluster, Identity(token.userid, token.tokenid))
    del call.cluster.tokens[token.full]
