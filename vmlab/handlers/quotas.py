"""`users/{id}/quota/`: what somebody may have, and has."""

from __future__ import annotations

from typing import Any

from vmlab.config import Settings
from vmlab.handlers.endpoint import API, Call, Endpoints
from vmlab.handlers.objects import UserObject
from vmlab.handlers.schemas.accounts import AmountsSchema, QuotaBody, UsageSchema
from vmlab.models import Quota, User
from vmlab.operations import reservation
from vmlab.rules.access import Permission

quotas = Endpoints(f"{API}/users/{{id}}/quota", tag="quotas")
COLUMNS = ("cpu_cores", "memory_mb", "disk_gb", "vm_limit")


@quotas.get("/", on=UserObject, needs=Permission.QUOTA_READ, returns=AmountsSchema())
async def get_quota(call: Call, user: User) -> dict[str, int]:
    """What a user may have."""
    return await _limits(user, call.parts.settings)


@quotas.put(
    "/",
    on=UserObject,
    needs=Permission.QUOTA_CHANGE,
    accepts=QuotaBody,
    returns=AmountsSchema(),
)
async def put_quota(call: Call, user: User) -> dict[str, int]:
    """Replace a user's quota; less than what they have stops them from having more."""
    await Quota.update_or_create(user_id=user.id, defaults=call.body)
    return await _limits(user, call.parts.settings)


@quotas.get("/usage/", on=UserObject, needs=Permission.QUOTA_READ, returns=UsageSchema())
async def get_quota_usage(call: Call, user: User) -> dict[str, Any]:
    """What a user may have, has, and may still have.

    A machine counts from the moment its creation is accepted until it is gone from Proxmox,
    running or not.
    """
    quota = await _limits(user, call.parts.settings)
    used = (await reservation.usage([user.id]))[user.id].by_name()
    available = {name: max(0, quota[name] - used[name]) for name in COLUMNS}
    return {"quota": quota, "used": used, "available": available}


async def _limits(user: User, settings: Settings) -> dict[str, int]:
    """The user's own limits, or those of a new user where none were set."""
    if row := await Quota.filter(user_id=user.id).values(*COLUMNS):
        return dict(row[0])
    return {name: getattr(settings.quota, name) for name in COLUMNS}
