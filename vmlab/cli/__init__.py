"""The `vmlab` command: starts things. The top floor; one file a subcommand.

A subcommand's file has two functions: `arguments(parser)` declares, `run(options)` does and returns
the exit status. They are imported only when asked for, so that `--help` answers at once.
"""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Sequence

from vmlab import __version__
from vmlab.config import ConfigError
from vmlab.errors import VMLabError

COMMANDS = {
    "demo": "the whole thing on this machine, with a simulated cluster",
    "serve": "API, consoles and a task worker",
    "worker": "a task worker alone",
    "migrate": "bring the database's schema up to date",
    "check": "see whether the cluster and all else is set up rightly",
    "user": "make a first administrator",
    "simulator": "the simulated Proxmox cluster alone",
}


class CommandFailed(Exception):
    """The command cannot go on; the text is one line that says what to do."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one subcommand and return its exit status; errors are one line on standard error."""
    argv = list(sys.argv[1:] if argv is None else argv)
    parser = argparse.ArgumentParser(
        prog="vmlab", description="Teach with virtual machines on your own Proxmox VE cluster."
    )
    parser.add_argument("--version", action="version", version=f"vmlab {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, help_text in COMMANDS.items():
        command = commands.add_parser(name, help=help_text, description=help_text.capitalize())
        if argv[:1] == [name]:
            importlib.import_module(f"vmlab.cli.{name}").arguments(command)
    options = parser.parse_args(argv)
    module = importlib.import_module(f"vmlab.cli.{options.command}")
    try:
        return int(module.run(options))
    except KeyboardInterrupt:
        return 130
    except Exception as error:
        if (reason := _reason(error)) is None:
            raise
        print(f"vmlab {options.command}: {reason}", file=sys.stderr)
        return 1


def _reason(error: BaseException) -> str | None:
    """One line on what does not work outside of this program; None if the fault is its own."""
    from vmlab.models.availability import is_of_database  # not needed where all is well

    if isinstance(error, BaseExceptionGroup):
        reasons = [_reason(each) for each in error.exceptions]
        return None if None in reasons else reasons[0]
    if isinstance(error, CommandFailed | ConfigError | VMLabError):
        return str(error)
    if is_of_database(error):
        return f"the database cannot be used (database.url): {error}"
    return str(error) if isinstance(error, OSError) else None
