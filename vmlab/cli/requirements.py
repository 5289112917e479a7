"""What has to be right before a command begins: found out first, and told in one line."""

from __future__ import annotations

import asyncio
import os
import socket
import tempfile
from pathlib import Path

from vmlab.app import connection_of
from vmlab.cli import CommandFailed
from vmlab.config import Settings
from vmlab.models.migrate import pending
from vmlab.proxmox.connection import Trust


def require_usable(settings: Settings) -> None:
    """Refuse to start with settings that cannot work.

    Raises:
        CommandFailed: says which and what to do.
    """
    if not settings.security.secret_key:
        raise CommandFailed("security.secret_key is not set: `openssl rand -hex 32` makes one")
    if not settings.proxmox.hosts:
        raise CommandFailed("proxmox.hosts is empty: name at least one host of the cluster")
    require_trust(settings)
    require_folder(settings.storage.directory)
    if missing := asyncio.run(pending(settings.database.url)):
        raise CommandFailed(f"the database lacks {', '.join(missing)}: run `vmlab migrate` first")


def require_trust(settings: Settings) -> None:
    """Refuse what is no certificate of an authority, or no fingerprint.

    Raises:
        CommandFailed: says which setting.
    """
    ca_file = settings.proxmox.ca_file
    try:
        Trust(connection_of(settings))
    except ValueError as error:
        raise CommandFailed(f"proxmox.fingerprint is not like AB:CD:…: {error}") from None
    except OSError as error:
        raise CommandFailed(f"proxmox.ca_file {ca_file} cannot be used: {error}") from None


def require_folder(directory: str) -> None:
    """Refuse a folder in which nothing could be kept.

    Raises:
        CommandFailed: says why.
    """
    path = Path(directory).absolute()
    # It is made when something is first kept; until then its place is looked at.
    there = next(each for each in (path, *path.parents) if each.exists())
    try:
        with tempfile.TemporaryFile(dir=there):
            pass
    except OSError as error:
        raise CommandFailed(f"storage.directory {directory} cannot be used: {error}") from None


def require_port(host: str, port: int, setting: str) -> None:
    """Refuse an address on which this process cannot listen, before anything else is begun.

    Args:
        setting: where the port comes from.

    Raises:
        CommandFailed: says why.
    """
    if "VMLAB_CHILD" in os.environ:
        return  # looked after by the process above, and shared with its other children
    try:
        for family, kind, protocol, _, address in socket.getaddrinfo(
            host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        ):
            with socket.socket(family, kind, protocol) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind(address)
    except OSError as error:
        reason = error.strerror or str(error)
        raise CommandFailed(f"cannot listen on {host}:{port} ({setting}): {reason}") from None
