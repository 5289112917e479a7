"""Schemas of users, roles, quotas and logins."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validate

from vmlab.handlers.paging import ListQuery, Ordering, PageQuery
from vmlab.handlers.schemas.base import MAX_INT, Flag, Input, Output, Time
from vmlab.rules.access import ROLES
from vmlab.rules.password_policy import MAX_LENGTH

ROLE_NAME = validate.OneOf(sorted(ROLES))
_NAME = validate.Length(max=64)
_USERNAME = [
    validate.Length(1, 64),
    validate.Regexp(
        # Python's "$" also matches before a last newline, and "\Z" is not known to JSON Schema.
        r"^[A-Za-z0-9_][A-Za-z0-9_.+-]*$(?!\n)",
        error="Use letters, digits, and . _ + - after the first character.",
    ),
]


class EmailAddress(fields.Email):
    """An e-mail address; case does not matter in it, so it is kept in small letters."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(validate=validate.Length(max=254), **kwargs)

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> str:
        return str(super()._deserialize(value, *args, **kwargs)).lower()


def _password(**kwargs: Any) -> fields.String:
    return fields.String(validate=validate.Length(1, MAX_LENGTH), **kwargs)


class UserSchema(Output):
    """A user."""

    id = fields.Integer()
    username = fields.String()
    email = fields.String()
    first_name = fields.String()
    last_name = fields.String()
    roles = fields.List(fields.String())
    is_active = fields.Boolean()
    avatar_url = fields.String(allow_none=True)
    date_joined = Time()
    last_login = Time(allow_none=True)


class ListedUserSchema(Output):
    """A user as listed: teachers see no more than the names."""

    class Meta:
        unknown = "include"

    id = fields.Integer()
    username = fields.String()
    first_name = fields.String()
    last_name = fields.String()


def role_names() -> fields.List[str]:
    """Names of roles; a student's where none are given."""
    return fields.List(fields.String(validate=ROLE_NAME), load_default=lambda: ["student"])


class Named(Input):
    """Whose account it is."""

    username = fields.String(required=True, validate=_USERNAME)
    email = EmailAddress(required=True)
    first_name = fields.String(load_default="", validate=_NAME)
    last_name = fields.String(load_default="", validate=_NAME)


class NewAccount(Named):
    """What every account that is made one by one is made of."""

    password = _password(required=True)
    password2 = _password(metadata={"description": "The password again."})


class Registration(NewAccount):
    """A new account of one's own."""

    invitation = fields.String(
        validate=validate.Length(1, 128),
        metadata={"description": "The code of an invitation, where one is needed."},
    )


class NewUserBody(NewAccount):
    """A new account of somebody else's."""

    roles = role_names()
    is_active = Flag(load_default=True)


class ProfileBody(Input):
    """What people may change about themselves."""

    email = EmailAddress(required=True)
    first_name = fields.String(load_default="", validate=_NAME)
    last_name = fields.String(load_default="", validate=_NAME)


class UserBody(ProfileBody):
    """A user replaced; roles, activity and password stay as they are unless named."""

    username = fields.String(required=True, validate=_USERNAME)
    is_active = Flag()
    roles = fields.List(fields.String(validate=ROLE_NAME))
    password = _password()


class UserPatch(Input):
    """What is to change about a user."""

    username = fields.String(validate=_USERNAME)
    email = EmailAddress()
    first_name = fields.String(validate=_NAME)
    last_name = fields.String(validate=_NAME)
    is_active = Flag()
    roles = fields.List(fields.String(validate=ROLE_NAME))
    password = _password()


class UserListQuery(ListQuery):
    """Which users."""

    ordering = Ordering("username", "date_joined", "last_login", default="username")
    role = fields.String(validate=ROLE_NAME)
    is_active = fields.Boolean()
    course = fields.Integer(validate=validate.Range(1, MAX_INT))


class Credentials(Input):
    """What signs somebody in."""

    username = fields.String(
        required=True,
        validate=validate.Length(1, 254),
        metadata={"description": "The username or the e-mail address."},
    )
    password = _password(required=True)
    session = Flag(
        load_default=False, metadata={"description": "Also set a session cookie, for a browser."}
    )


class RefreshBody(Input):
    """A refresh token to be spent."""

    refresh_token = fields.String(required=True, validate=validate.Length(1, 128))


class LogoutBody(Input):
    """A refresh token of another login that is to end as well."""

    refresh_token = fields.String(validate=validate.Length(1, 128))


class PasswordResetBody(Input):
    """Whose password is forgotten."""

    email = EmailAddress(required=True)


class PasswordResetConfirmation(Input):
    """The token of the mail and the new password."""

    token = fields.String(required=True, validate=validate.Length(1, 128))
    new_password = _password(required=True)


class PasswordChange(Input):
    """The old password and the new one."""

    old_password = _password(required=True)
    new_password = _password(required=True)


class TokensSchema(Output):
    """A pair of tokens."""

    access_token = fields.String()
    refresh_token = fields.String()
    token_type = fields.String(validate=validate.Equal("Bearer"))
    expires_in = fields.Integer(metadata={"description": "Seconds the access token is good for."})


class LoginSchema(TokensSchema):
    """A pair of tokens and whose they are."""

    user = fields.Nested(UserSchema)
    csrf_token = fields.String(
        allow_none=True, metadata={"description": "For X-CSRF-Token, where a cookie was asked for."}
    )


class InvitationBody(Input):
    """Who may use an invitation, for what, until when and how often."""

    email = EmailAddress(metadata={"description": "The only address that it is good for."})
    role = fields.String(load_default="student", validate=ROLE_NAME)
    expires_at = Time(metadata={"description": "Two weeks from now where it is left out."})
    max_uses = fields.Integer(load_default=1, strict=True, validate=validate.Range(1, 10_000))


class InvitationSchema(Output):
    """An invitation; its code is shown once, to whom made it."""

    id = fields.Integer()
    email = fields.String(allow_none=True)
    role = fields.String()
    max_uses = fields.Integer()
    uses = fields.Integer()
    created_by_id = fields.Integer(allow_none=True)
    created_at = Time()
    expires_at = Time()


class NewInvitationSchema(InvitationSchema):
    """A new invitation with its code."""

    code = fields.String()


class InvitationListQuery(PageQuery):
    """Which invitations."""

    ordering = Ordering("created_at", "expires_at", default="-created_at")


class AvatarSchema(Output):
    """Where a picture is served."""

    avatar_url = fields.String()


class RoleSchema(Output):
    """A role and what it grants."""

    id = fields.Integer()
    name = fields.String()
    description = fields.String()
    permissions = fields.List(fields.String())


class RoleGrant(Input):
    """A role, by its id or by its name."""

    role_id = fields.Integer(strict=True, validate=validate.Range(1, MAX_INT))
    role = fields.String(validate=ROLE_NAME)


def _amount() -> fields.Integer:
    return fields.Integer(required=True, strict=True, validate=validate.Range(0, MAX_INT))


class QuotaBody(Input):
    """Limits of one user."""

    cpu_cores = _amount()
    memory_mb = _amount()
    disk_gb = _amount()
    vm_limit = _amount()


class AmountsSchema(Output):
    """An amount of each resource that is limited."""

    cpu_cores = fields.Integer()
    memory_mb = fields.Integer(metadata={"description": "MiB"})
    disk_gb = fields.Integer(metadata={"description": "GiB"})
    vm_limit = fields.Integer(metadata={"description": "Number of machines"})


class UsageSchema(Output):
    """What somebody may have, has, and may still have."""

    quota = fields.Nested(AmountsSchema)
    used = fields.Nested(AmountsSchema)
    available = fields.Nested(AmountsSchema)
