"""Room for files: promised in one transaction before the first byte comes.

There are no counters: what somebody uses is the sum over their files' rows, uploads under way with
all that they may become. As for machines, the lock is on the owner's quota row.
"""

from __future__ import annotations

from dataclasses import dataclass

from tortoise.functions import Sum
from tortoise.queryset import QuerySet

from vmlab.config import Settings
from vmlab.errors import Conflict, QuotaExceeded, ServiceUnavailable, TooLarge
from vmlab.models import File, FileStatus
from vmlab.models.connection import transaction
from vmlab.operations.reservation import lock_quotas
from vmlab.storage import Store

MIB = 1 << 20
MAX_UPLOADS_PER_USER = 100
"""Uploads of one user that may be under way at once."""


@dataclass(frozen=True, kw_only=True)
class Room:
    """Promises room for files."""

    store: Store
    settings: Settings

    async def promise(self, file: File) -> None:
        """Save the row of an upload that is about to begin.

        Raises:
            TooLarge: no file may be so large.
            QuotaExceeded: the owner's files would take too much.
            Conflict: the owner has too many uploads under way.
            ServiceUnavailable: the disk, or what VMLab may use of it, is full.
        """
        await self._check_sizes(file.size_bytes, file.size_bytes)
        async with transaction():
            await lock_quotas([file.owner_id], self.settings.quota)
            await self._check_owner(file.owner_id, file.size_bytes)
            under_way = File.filter(owner_id=file.owner_id, status=FileStatus.UPLOADING)
            if await under_way.count() >= MAX_UPLOADS_PER_USER:
                raise Conflict("You have too many uploads under way.")
            await file.save()

    async def promise_more(self, file: File, size_bytes: int) -> None:
        """Let an upload become larger than it was thought to.

        Raises:
            TooLarge, QuotaExceeded, ServiceUnavailable: as for `promise`.
        """
        more = size_bytes - file.size_bytes
        await self._check_sizes(size_bytes, more)
        async with transaction():
            await lock_quotas([file.owner_id], self.settings.quota)
            await self._check_owner(file.owner_id, more)
            file.size_bytes = size_bytes
            await file.save(update_fields=["size_bytes"])

    def largest_bytes(self) -> int:
        """Size of the largest file that is taken."""
        return self.settings.storage.file_limit_mb * MIB

    async def _check_sizes(self, size_bytes: int, more: int) -> None:
        if size_bytes > self.largest_bytes():
            raise TooLarge(details={"max_bytes": self.largest_bytes()})
        limits = self.settings.storage
        free, taken = await self.store.room_bytes()
        promised = await _sum(File.filter(status=FileStatus.UPLOADING))
        left = free - limits.keep_free_mb * MIB - max(0, promised - taken)
        if limits.total_limit_mb:
            left = min(left, limits.total_limit_mb * MIB - await _sum(File.all()))
        if more > left:
            raise ServiceUnavailable("There is no room for this file at the moment.")

    async def _check_owner(self, owner_id: int, more: int) -> None:
        limit = self.settings.storage.user_limit_mb * MIB
        used = await _sum(File.filter(owner_id=owner_id))
        if used + more > limit:
            lacks = {"resource": "file_bytes", "quota": limit, "used": used, "requested": more}
            raise QuotaExceeded(details={**lacks, "lacking": [lacks]})


async def _sum(files: QuerySet[File]) -> int:
    rows = await files.annotate(total=Sum("size_bytes")).values("total")
    return int(rows[0]["total"] or 0) if rows else 0
