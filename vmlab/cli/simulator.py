"""`vmlab simulator`: the simulated cluster alone, for anybody's client."""

from __future__ import annotations

import argparse

from vmlab.simulator import command


def arguments(parser: argparse.ArgumentParser) -> None:
    """The simulator is a program of its own and declares its own options."""
    command.arguments(parser)


def run(options: argparse.Namespace) -> int:
    """Run until interrupted."""
    return command.run(options)
