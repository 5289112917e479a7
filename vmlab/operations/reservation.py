"""What users have of what they may have; checked and taken in one transaction, under one lock.

There are no counters that could drift: usage is the sum over the machines that count. Whoever adds
or grows one first locks the owner's quota row (PostgreSQL; SQLite has one writer at a time anyway),
so that the sum of what was accepted never exceeds the quota, however many ask at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from tortoise.functions import Count, Sum

from vmlab import config
from vmlab.errors import QuotaExceeded
from vmlab.models import Quota, Vm
from vmlab.rules.quota import Resources, lacking


async def usage(owner_ids: Iterable[int]) -> dict[int, Resources]:
    """Sum up, by owner, the machines that count; also for owners who have none."""
    ids = list(owner_ids)
    rows = (
        await Vm.filter(owner_id__in=ids, reserved=True)
        .annotate(cores=Sum("cpu_cores"), memory=Sum("memory_mb"), disk=Sum("disk_gb"))
        .annotate(machines=Count("id"))
        .group_by("owner_id")
        .values("owner_id", "cores", "memory", "disk", "machines")
    )
    used = {
        row["owner_id"]: Resources(
            int(row["cores"]), int(row["memory"]), int(row["disk"]), int(row["machines"])
        )
        for row in rows
    }
    return {owner_id: used.get(owner_id, Resources()) for owner_id in ids}


async def lock_quotas(owner_ids: Iterable[int], defaults: config.Quota) -> dict[int, Resources]:
    """Read the limits of these owners and keep others from reading them until the transaction ends.

    All locks here and in the verbs are of the weak kind (PostgreSQL: NO KEY): the strong one would
    also stop those who only refer to a row by a foreign key, and with them wait in a circle.

    Args:
        owner_ids: locked in ascending order, so that nobody waits in a circle.
        defaults: what an owner without a row of their own gets, now.
    """
    ids = sorted(set(owner_ids))
    present = {row.user_id for row in await Quota.filter(user_id__in=ids)}
    fresh = [_default(user_id, defaults) for user_id in ids if user_id not in present]
    if fresh:
        await Quota.bulk_create(fresh, ignore_conflicts=True)
    rows = await Quota.filter(user_id__in=ids).order_by("user_id").select_for_update(no_key=True)
    return {
        row.user_id: Resources(row.cpu_cores, row.memory_mb, row.disk_gb, row.vm_limit)
        for row in rows
    }


async def shortages(
    requested: Mapping[int, Resources], defaults: config.Quota
) -> dict[int, list[dict[str, Any]]]:
    """Lock the quotas of all these owners and say who lacks what; an empty answer means all fit."""
    limits = await lock_quotas(requested, defaults)
    used = await usage(requested)
    found = {
        owner_id: lacking(limits[owner_id], used[owner_id], wanted)
        for owner_id, wanted in requested.items()
    }
    return {owner_id: lacks for owner_id, lacks in found.items() if lacks}


async def require(owner_id: int, requested: Resources, defaults: config.Quota) -> None:
    """Lock the owner's quota and see that this much more fits; call it within a transaction.

    Raises:
        QuotaExceeded: it does not; `details` has the first resource that is short, and all of them
            under `lacking`.
    """
    short = (await shortages({owner_id: requested}, defaults)).get(owner_id)
    if short:
        raise QuotaExceeded(details={**short[0], "lacking": short})


def needs_of(vm: Vm) -> Resources:
    """What a machine takes of its owner's quota."""
    return Resources(vm.cpu_cores, vm.memory_mb, vm.disk_gb, 1)


def _default(user_id: int, defaults: config.Quota) -> Quota:
    return Quota(
        user_id=user_id,
        cpu_cores=defaults.cpu_cores,
        memory_mb=defaults.memory_mb,
        disk_gb=defaults.disk_gb,
        vm_limit=defaults.vm_limit,
    )
