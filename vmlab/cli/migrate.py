"""`vmlab migrate`: brings the schema up; safe to run from several machines at once."""

from __future__ import annotations

import argparse
import asyncio

from vmlab.cli.options import add_config, settings_from
from vmlab.models.migrate import migrate


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    add_config(parser)


def run(options: argparse.Namespace) -> int:
    """Migrate and name the files applied."""
    applied = asyncio.run(migrate(settings_from(options).database.url))
    for name in applied:
        print(f"applied {name}")
    if not applied:
        print("nothing to do: the schema is up to date")
    return 0
