"""`auth/invitations/`: codes with which people make accounts where registration needs one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from tortoise.queryset import QuerySet

from vmlab.errors import Invalid
from vmlab.handlers.endpoint import API, Call, Endpoints
from vmlab.handlers.objects import InvitationObject
from vmlab.handlers.paging import Page, page_of
from vmlab.handlers.schemas.accounts import (
    InvitationBody,
    InvitationListQuery,
    InvitationSchema,
    NewInvitationSchema,
)
from vmlab.models import Invitation
from vmlab.operations.invitations import invite
from vmlab.rules.access import Permission

invitations = Endpoints(f"{API}/auth/invitations", tag="auth")

COLUMNS = (
    "id",
    "email",
    "role",
    "max_uses",
    "uses",
    "created_by_id",
    "created_at",
    "expires_at",
)


@invitations.get(
    "/", needs=Permission.INVITATION_MANAGE, query=InvitationListQuery, lists=InvitationSchema()
)
async def list_invitations(call: Call) -> Page:
    """List invitations, those that are used up or expired too."""
    return await page_of(_listed, query=call.query, columns=COLUMNS)


def _listed(_query: Mapping[str, Any]) -> QuerySet[Invitation]:
    return Invitation.all()


@invitations.post(
    "/",
    needs=Permission.INVITATION_MANAGE,
    accepts=InvitationBody,
    returns=NewInvitationSchema(),
    status=201,
    makes=InvitationObject,
)
async def create_invitation(call: Call) -> dict[str, Any]:
    """Invite people to make their accounts.

    The code in the answer is what they register with; it is not shown again.
    """
    expires_at = call.body.get("expires_at")
    if expires_at is not None and expires_at <= datetime.now(UTC):
        raise Invalid(details={"expires_at": ["This time has passed."]})
    invitation, code = await invite(created_by_id=call.actor.user_id, **call.body)
    return {column: getattr(invitation, column) for column in COLUMNS} | {"code": code}


@invitations.delete("/{id}/", on=InvitationObject, needs=Permission.INVITATION_MANAGE)
async def delete_invitation(_call: Call, invitation: Invitation) -> None:
    """Withdraw an invitation; accounts made with it stay."""
    await invitation.delete()
