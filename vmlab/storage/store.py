"""The store: where each file's bytes are, and everything that is done with them.

Its methods may run in several processes on one folder at the same time; what has to happen one
after the other happens under a lock on the upload's own file, which a process that dies gives up.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import functools
import hashlib
import os
import re
import secrets
import shutil
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import ParamSpec, TypeVar

from vmlab.errors import Conflict
from vmlab.rules.images import ImageFormat
from vmlab.storage import chunks
from vmlab.storage.images import ImageReport, inspect, qemu_img

P = ParamSpec("P")
T = TypeVar("T")

THREADS = 8
READ_BYTES = 256 << 10
LOCK_WAIT_S = 30.0
LOCK_POLL_S = 0.02

_KEY = re.compile(r"[0-9a-f]{32}")


class Busy(Conflict):
    """Another request works on this upload at the moment."""


@contextlib.asynccontextmanager
async def opened(directory: str) -> AsyncIterator[Store]:
    """A store for the time of the block; its folders are made when something is first kept."""
    with ThreadPoolExecutor(THREADS, thread_name_prefix="storage") as threads:
        yield Store(directory, threads)


def new_key() -> str:
    """A name for a file that nobody can guess."""
    return secrets.token_hex(16)


class Store:
    """Files below one folder."""

    def __init__(self, directory: str, threads: ThreadPoolExecutor) -> None:
        root = Path(directory).absolute()
        self._files = root / "files"
        self._uploads = root / "uploads"
        self._spool = root / "spool"
        self._threads = threads

    async def run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run something that blocks in a thread of the store's own.

        Nothing stops a thread. Whoever is cancelled meanwhile waits for its end, for after that the
        files may be closed that it works on, and their numbers be those of others.
        """
        bound = functools.partial(function, *args, **kwargs)
        running = asyncio.get_running_loop().run_in_executor(self._threads, bound)
        try:
            return await asyncio.shield(running)
        except asyncio.CancelledError:
            while not running.done():
                with contextlib.suppress(asyncio.CancelledError):
                    await asyncio.wait([running])
            raise

    def path(self, key: str) -> Path:
        """Where a finished file is."""
        return self._files / _checked(key)[:2] / key

    async def room_bytes(self) -> tuple[int, int]:
        """Bytes that are free on the disk, and bytes that the uploads under way take of it."""
        return await self.run(self._room)

    async def begin(self, key: str, *, chunk_count: int | None = None) -> None:
        """Make the empty file of an upload, and its map if it comes in chunks."""
        await self.run(self._begin, key, chunk_count)

    @contextlib.asynccontextmanager
    async def locked(self, key: str, *, wait_s: float = LOCK_WAIT_S) -> AsyncIterator[int]:
        """The file of an upload under way, open, and nobody else's for the time of the block.

        Raises:
            Busy: others keep it for longer than `wait_s`.
            FileNotFoundError: the upload has been completed or given up.
        """
        path = self._partial(key)
        fd = await self.run(os.open, path, os.O_RDWR | os.O_NOFOLLOW)
        try:
            await _lock(fd, time.monotonic() + wait_s)
            # Whoever had it before may have completed it: then the file is here under a new name.
            if (await self.run(os.stat, path)).st_ino != os.fstat(fd).st_ino:
                raise FileNotFoundError(path)
            yield fd
        finally:
            os.close(fd)

    @contextlib.asynccontextmanager
    async def spooled(self) -> AsyncIterator[tuple[Path, int]]:
        """A file that is gone after the block, and its descriptor."""
        path = self._spool / secrets.token_hex(16)
        fd = await self.run(_create, path)
        try:
            yield path, fd
        finally:
            os.close(fd)
            await self.run(path.unlink)

    async def put_chunk(
        self, key: str, data_fd: int, spooled: Path, *, index: int, offset: int
    ) -> None:
        """Put a spooled chunk into its place; one that is here already stays as it is.

        Args:
            key: the upload's.
            data_fd: its file, locked.
            spooled: the chunk's bytes.
            index: which chunk it is.
            offset: where it belongs in the file.
        """
        marks = self._map(key)
        if not await self.run(chunks.is_here, marks, index):
            await self.run(chunks.commit, spooled, data_fd, offset, marks, index)

    async def chunks_of(self, key: str) -> tuple[chunks.Ranges, chunks.Ranges]:
        """The chunks of an upload that are here, and those that are missing.

        Raises:
            FileNotFoundError: the upload has been completed or given up.
        """
        return await self.run(chunks.received_and_missing, self._map(key))

    async def sha256(self, key: str, start: int = 0, length: int | None = None) -> str:
        """Read an upload or a file, or a part of it; its SHA-256 in hexadecimal digits."""
        return await self.run(_sha256, self._present(key), start, length)

    async def inspect(self, key: str) -> ImageReport:
        """Find out what image an upload or a file is.

        Raises:
            Refusal: it is not safe.
        """
        return await self.run(inspect, self._present(key))

    async def convert(self, key: str, format_: ImageFormat, *, into: str, room_bytes: int) -> None:
        """Make a QCOW2 image of a finished file, as a finished file of its own.

        A process that is killed meanwhile leaves a file that `remove_converted` knows.

        Args:
            key: of the file.
            format_: as its inspection found it.
            into: key of the new file; one that is there already is replaced.
            room_bytes: largest that it may become.

        Raises:
            Refusal: it could not be done.
        """
        target = self.path(into)
        partial = target.with_name(f"{into}.{secrets.token_hex(4)}")
        await self.run(partial.parent.mkdir, parents=True, exist_ok=True, mode=0o700)
        try:
            await qemu_img.convert(self.path(key), format_, partial, limit_bytes=room_bytes)
            await self.run(_keep, partial, target)
        finally:
            partial.unlink(missing_ok=True)

    async def remove_converted(self, key: str) -> None:
        """Delete a converted file, and what conversions that were killed have left of it."""
        await self.run(self._remove_converted, key)

    async def size_bytes(self, key: str) -> int:
        """Bytes of a finished file."""
        return (await self.run(self.path(key).stat)).st_size

    async def complete(self, key: str) -> None:
        """Make a file of an upload whose bytes are all here and safe; to repeat it is harmless."""
        await self.run(self._complete, key)

    async def remove(self, key: str) -> None:
        """Delete whatever there is of a file or of its upload."""
        await self.run(self._remove, key)

    async def read(self, key: str, first: int, length: int) -> AsyncGenerator[bytes, None]:
        """Bytes of a finished file, a buffer at a time.

        Raises:
            FileNotFoundError: there is no such file.
        """
        fd = await self.run(os.open, self.path(key), os.O_RDONLY | os.O_NOFOLLOW)
        try:
            while length:
                content = await self.run(os.pread, fd, min(READ_BYTES, length), first)
                if not content:
                    raise EOFError(f"{key} is shorter than it should be")
                yield content
                first += len(content)
                length -= len(content)
        finally:
            os.close(fd)

    async def sweep_spool(self, older_than_s: float) -> int:
        """Delete what crashed processes left in the spool; how many files that was."""
        return await self.run(self._sweep_spool, time.time() - older_than_s)

    def _partial(self, key: str) -> Path:
        return self._uploads / _checked(key)

    def _present(self, key: str) -> Path:
        path = self.path(key)
        return path if path.exists() else self._partial(key)

    def _map(self, key: str) -> Path:
        return self._uploads / f"{_checked(key)}.map"

    def _room(self) -> tuple[int, int]:
        self._uploads.mkdir(parents=True, exist_ok=True, mode=0o700)
        taken = 0
        with os.scandir(self._uploads) as entries:
            for entry in entries:
                with contextlib.suppress(FileNotFoundError):
                    taken += entry.stat(follow_symlinks=False).st_blocks * 512
        return shutil.disk_usage(self._uploads).free, taken

    def _begin(self, key: str, chunk_count: int | None) -> None:
        os.close(_create(self._partial(key)))
        if chunk_count is not None:
            chunks.create(self._map(key), chunk_count)

    def _complete(self, key: str) -> None:
        target = self.path(key)
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with self._partial(key).open("rb") as file:
                os.fsync(file.fileno())
            self._partial(key).rename(target)
            _sync_folder(target.parent)
        self._map(key).unlink(missing_ok=True)

    def _remove(self, key: str) -> None:
        for path in self.path(key), self._partial(key), self._map(key):
            path.unlink(missing_ok=True)

    def _remove_converted(self, key: str) -> None:
        for path in self.path(key).parent.glob(f"{key}*"):
            path.unlink(missing_ok=True)

    def _sweep_spool(self, before: float) -> int:
        swept = 0
        if self._spool.is_dir():
            for path in self._spool.iterdir():
                with contextlib.suppress(FileNotFoundError):
                    if path.stat().st_mtime < before:
                        path.unlink()
                        swept += 1
        return swept


def _checked(key: str) -> str:
    """A key that is one, and so cannot lead out of the store."""
    if not _KEY.fullmatch(key):
        raise ValueError(f"not a key: {key!r}")
    return key


def _create(path: Path) -> int:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)


async def _lock(fd: int, deadline: float) -> None:
    """Take the file's lock; by asking again and again, so that no thread waits."""
    while True:
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                raise Busy from None
            await asyncio.sleep(LOCK_POLL_S)
        else:
            return


def _sha256(path: Path, start: int = 0, length: int | None = None) -> str:
    if length is None:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    digest = hashlib.sha256()
    with path.open("rb") as file:
        file.seek(start)
        while length and (content := file.read(min(READ_BYTES, length))):
            digest.update(content)
            length -= len(content)
    return digest.hexdigest()


def _keep(partial: Path, target: Path) -> None:
    """Give a file that is complete its name, once its bytes are safe on the disk."""
    with partial.open("rb") as file:
        os.fsync(file.fileno())
    partial.rename(target)
    _sync_folder(target.parent)


def _sync_folder(path: Path) -> None:
    fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
