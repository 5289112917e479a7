"""`auth/password/reset/`: a new password for who has forgotten the old one."""

from __future__ import annotations

import functools

from vmlab.errors import TooManyRequests
from vmlab.handlers import trail
from vmlab.handlers.endpoint import API, PUBLIC, Call, Endpoints
from vmlab.handlers.language import language_of
from vmlab.handlers.origin import address_of
from vmlab.handlers.people import require_good_password
from vmlab.handlers.reset_letters import reset_letter
from vmlab.handlers.schemas.accounts import PasswordResetBody, PasswordResetConfirmation
from vmlab.operations.password_reset import owner_of, set_password

password_resets = Endpoints(f"{API}/auth/password/reset", tag="auth")


@password_resets.post("/", needs=PUBLIC, accepts=PasswordResetBody, errors=(TooManyRequests,))
async def ask_for_reset(call: Call) -> None:
    """Ask for a mail with which a new password can be set.

    The answer is the same, and takes the same, whether or not somebody has this address: all the
    work is done after it.
    """
    email, address = call.body["email"], address_of(call.request)
    throttle = call.parts.reset_throttle
    await throttle.begin(email, address)
    await throttle.failed(address)  # counts for the address: there is no success to be told of
    language = language_of(call.request)
    call.parts.outbox.put(functools.partial(reset_letter, call.parts.settings, email, language))


@password_resets.post("/confirm/", needs=PUBLIC, accepts=PasswordResetConfirmation)
async def confirm_reset(call: Call) -> None:
    """Set a new password with the token of the mail; all logins end."""
    token, new = call.body["token"], call.body["new_password"]
    trail.by(None, is_attempt=True)
    user = await owner_of(token)
    trail.by(user.id, user.username)
    require_good_password(new, username=user.username, email=user.email, field="new_password")
    await set_password(user, token, await call.parts.passwords.hash(new))
    await call.parts.bus.publish("sessions", {"user_id": user.id})
