"""Writes the archive that a kernel unpacks as its first root, without being root."""

from __future__ import annotations

import io
import stat


class Archive:
    """A `newc` cpio archive in the making; folders above what is added come by themselves."""

    def __init__(self) -> None:
        self._out = io.BytesIO()
        self._names: set[str] = set()
        self._add(".", stat.S_IFDIR | 0o755)

    def folder(self, name: str, mode: int = 0o755) -> None:
        """Add a folder."""
        if name not in self._names:
            self._parents(name)
            self._add(name, stat.S_IFDIR | mode)

    def file(self, name: str, content: bytes, mode: int = 0o644) -> None:
        """Add a file of root's."""
        self._parents(name)
        self._add(name, stat.S_IFREG | mode, content)

    def link(self, name: str, target: str) -> None:
        """Add a symbolic link, unless there is something of that name already."""
        if name not in self._names:
            self._parents(name)
            self._add(name, stat.S_IFLNK | 0o777, target.encode())

    def device(self, name: str, major: int, minor: int, mode: int = 0o600) -> None:
        """Add a character device."""
        self._parents(name)
        self._add(name, stat.S_IFCHR | mode, device=(major, minor))

    def finish(self) -> bytes:
        """The whole archive."""
        self._add("TRAILER!!!", 0)
        return self._out.getvalue()

    def _parents(self, name: str) -> None:
        above, _, _ = name.rpartition("/")
        if above:
            self.folder(above)

    def _add(
        self, name: str, mode: int, content: bytes = b"", device: tuple[int, int] = (0, 0)
    ) -> None:
        self._names.add(name)
        encoded = name.encode() + b"\0"
        links = 2 if stat.S_ISDIR(mode) else 1
        fields = (len(self._names), mode, 0, 0, links, 0, len(content), 0, 0, *device)
        header = b"".join(b"%08X" % field for field in (*fields, len(encoded), 0))
        self._write(b"070701" + header + encoded)
        self._write(content)

    def _write(self, part: bytes) -> None:
        self._out.write(part + b"\0" * (-len(part) % 4))
