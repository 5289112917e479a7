"""`auth/`: signing up, in and out, and what people change about themselves."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from aiohttp import web
from tortoise.expressions import Q, Subquery

from vmlab.errors import Conflict, Forbidden, Invalid, TooManyRequests, Unauthenticated
from vmlab.handlers import sessions, trail
from vmlab.handlers.auth import cookie_name
from vmlab.handlers.endpoint import API, PUBLIC, Call, Endpoints, Reply
from vmlab.handlers.objects import UserObject
from vmlab.handlers.origin import address_of
from vmlab.handlers.people import require_good_password, require_same_password, user_view
from vmlab.handlers.schemas.accounts import (
    Credentials,
    LoginSchema,
    LogoutBody,
    PasswordChange,
    ProfileBody,
    RefreshBody,
    Registration,
    TokensSchema,
    UserSchema,
)
from vmlab.models import RefreshToken, User
from vmlab.models.connection import transaction
from vmlab.operations.accounts import NewUser, change_user, create_user
from vmlab.operations.invitations import accept
from vmlab.operations.password_reset import hash_renewed
from vmlab.rules.access import STUDENT, Permission

accounts = Endpoints(f"{API}/auth", tag="auth")


@accounts.post(
    "/register/",
    needs=PUBLIC,
    makes=UserObject,
    accepts=Registration,
    returns=UserSchema(),
    status=201,
    errors=(Conflict, Forbidden),
)
async def register(call: Call) -> dict[str, Any]:
    """Make an account for oneself, with the role of a student or that of one's invitation.

    By configuration this may need an invitation, or be closed; an administrator then makes the
    accounts.
    """
    registration, body = call.parts.settings.security.registration, call.body
    if registration == "closed":
        raise Forbidden("Registration is closed: ask an administrator for an account.")
    invitation = body.pop("invitation", None)
    if registration == "invitation" and invitation is None:
        raise Forbidden("Registration needs an invitation: ask an administrator for one.")
    require_same_password(body)
    password = body.pop("password")
    require_good_password(password, username=body["username"], email=body["email"])
    password_hash = await call.parts.passwords.hash(password)
    async with transaction():
        role = STUDENT if invitation is None else await accept(invitation, body["email"])
        new = NewUser(**body, password_hash=password_hash, roles=(role,))
        user = await create_user(new, call.parts.settings.quota)
    trail.by(user.id, user.username)
    return await user_view(user.id)


@accounts.post(
    "/login/",
    needs=PUBLIC,
    accepts=Credentials,
    returns=LoginSchema(),
    errors=(Unauthenticated, TooManyRequests),
)
async def login(call: Call) -> Reply:
    """Sign in by username or e-mail address.

    With `session: true` the answer also sets a session cookie, for browsers; requests that change
    something then need the `csrf_token` in the header X-CSRF-Token.
    """
    name, address = call.body["username"], address_of(call.request)
    user = await User.filter(Q(username=name) | Q(email=name.lower())).first()
    trail.by(user.id if user else None, user.username if user else "", is_attempt=True)
    account = user.username if user else name
    throttle = call.parts.login_throttle
    await throttle.begin(account, address)
    known_hash = user.password_hash if user and user.is_active else None
    right = await call.parts.passwords.matches(call.body["password"], known_hash)
    if user is None or not right:
        await throttle.failed(address)
        raise Unauthenticated("The name or the password is wrong.")
    await throttle.succeeded(account)
    password_hash = await call.parts.passwords.renewed(call.body["password"], user.password_hash)
    async with transaction():
        # The password may have been changed, and all logins ended, while the hash was computed.
        as_it_was = User.filter(id=user.id, password_hash=user.password_hash, is_active=True)
        now = datetime.now(UTC)
        if not await as_it_was.update(last_login=now, password_hash=password_hash):
            raise Unauthenticated("The name or the password is wrong.")
        await hash_renewed(user, password_hash)
        begun = await sessions.begin(
            user.id,
            lifetime_s=call.parts.settings.security.refresh_token_s,
            browser=call.body["session"],
            address=address,
            user_agent=call.request.headers.get("User-Agent", ""),
        )
    data = {
        **_pair(call, begun),
        "user": await user_view(user.id),
        "csrf_token": begun.csrf_token,
    }
    return Reply(data=data, adorn=lambda response: _set_cookie(call, response, begun.cookie))


@accounts.post(
    "/refresh/",
    needs=PUBLIC,
    accepts=RefreshBody,
    returns=TokensSchema(),
    errors=(Unauthenticated,),
)
async def refresh(call: Call) -> dict[str, Any]:
    """Spend a refresh token for a new pair.

    Each works once. One that comes back after it was spent has been stolen from somebody: the
    whole login ends.
    """
    lifetime_s = call.parts.settings.security.refresh_token_s
    renewed = await sessions.renew(
        call.body["refresh_token"], lifetime_s=lifetime_s, bus=call.parts.bus
    )
    return _pair(call, renewed)


@accounts.post("/logout/", needs=Permission.SESSION_END, accepts=LogoutBody)
async def logout(call: Call) -> Reply:
    """End this login: access token, refresh tokens and cookie at once, on every replica."""
    which = Q(id=call.actor.session_id)
    if token := call.body.get("refresh_token"):
        other = RefreshToken.filter(token_hash=sessions.hashed(token))
        which |= Q(id__in=Subquery(other.values("session_id")))
    await sessions.end(call.parts.bus, call.actor.user_id, which)
    security = call.parts.settings.security
    name, secure = cookie_name(security), security.secure_cookies
    return Reply(adorn=lambda response: response.del_cookie(name, secure=secure, httponly=True))


@accounts.post(
    "/password/change/",
    needs=Permission.PROFILE_CHANGE,
    accepts=PasswordChange,
    errors=(TooManyRequests,),
)
async def change_password(call: Call) -> None:
    """Change one's own password; all other logins end."""
    user = await User.get(id=call.actor.user_id)
    trail.by(user.id, user.username, is_attempt=True)
    throttle, address = call.parts.login_throttle, address_of(call.request)
    await throttle.begin(user.username, address)
    if not await call.parts.passwords.matches(call.body["old_password"], user.password_hash):
        await throttle.failed(address)
        raise Invalid(details={"old_password": ["This is not your password."]})
    await throttle.succeeded(user.username)
    new = call.body["new_password"]
    require_good_password(new, username=user.username, email=user.email, field="new_password")
    password_hash = await call.parts.passwords.hash(new)
    await User.filter(id=user.id).update(password_hash=password_hash)
    await sessions.end(call.parts.bus, user.id, ~Q(id=call.actor.session_id))


@accounts.get("/user/profile/", needs=Permission.PROFILE_READ, returns=UserSchema())
async def get_profile(call: Call) -> dict[str, Any]:
    """Oneself."""
    return await user_view(call.actor.user_id)


@accounts.put(
    "/user/profile/",
    needs=Permission.PROFILE_CHANGE,
    accepts=ProfileBody,
    returns=UserSchema(),
    errors=(Conflict,),
)
async def put_profile(call: Call) -> dict[str, Any]:
    """Replace one's names and e-mail address."""
    user = await User.get(id=call.actor.user_id)
    await change_user(user, call.body, roles=None)
    return await user_view(user.id)


def _pair(call: Call, login: sessions.Login) -> dict[str, Any]:
    tokens = call.parts.tokens
    return {
        "access_token": tokens.sign(login.user_id, login.session_id),
        "refresh_token": login.refresh_token,
        "token_type": "Bearer",
        "expires_in": tokens.lifetime_s,
    }


def _set_cookie(call: Call, response: web.Response, cookie: str | None) -> None:
    if cookie is not None:
        security = call.parts.settings.security
        name, secure = cookie_name(security), security.secure_cookies
        response.set_cookie(name, cookie, httponly=True, secure=secure, samesite="Lax")
