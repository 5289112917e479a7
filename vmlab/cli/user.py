"""`vmlab user add`: a first administrator, before there is anybody who could make one."""

from __future__ import annotations

import argparse
import asyncio
import getpass
import sys

from vmlab.cli import CommandFailed
from vmlab.cli.options import add_config, settings_from
from vmlab.config import Settings
from vmlab.handlers.passwords import Passwords
from vmlab.models import connected
from vmlab.operations.accounts import NewUser, create_user, ensure_roles
from vmlab.rules.access import ROLES
from vmlab.rules.password_policy import complaints


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    add = actions.add_parser("add", help="make an account; the password is asked for")
    add_config(add)
    add.add_argument("name", metavar="NAME")
    add.add_argument("--role", choices=sorted(ROLES), default="student")
    add.add_argument("--email", metavar="ADDRESS", help="default: NAME@localhost")


def run(options: argparse.Namespace) -> int:
    """Ask for the password, or read it from standard input, and make the account."""
    settings = settings_from(options)
    email = options.email or f"{options.name}@localhost"
    password = _password()
    if found := complaints(password, username=options.name, email=email):
        raise CommandFailed(" ".join(found))
    asyncio.run(_add(settings, options.name, email, options.role, password))
    print(f"{options.name} may sign in as {options.role}")
    return 0


def _password() -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    password = getpass.getpass("Password: ")
    if getpass.getpass("Again: ") != password:
        raise CommandFailed("the two passwords differ")
    return password


async def _add(settings: Settings, name: str, email: str, role: str, password: str) -> None:
    async with connected(settings.database.url):
        await ensure_roles()
        password_hash = await Passwords().hash(password)
        new = NewUser(username=name, email=email, password_hash=password_hash, roles=(role,))
        await create_user(new, settings.quota)
