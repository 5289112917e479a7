"""Options that several subcommands share."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from vmlab import config


def add_config(parser: argparse.ArgumentParser) -> None:
    """`--config FILE`, or the variable VMLAB_CONFIG."""
    default = os.environ.get("VMLAB_CONFIG")
    parser.add_argument(
        "--config",
        type=Path,
        metavar="FILE",
        default=Path(default) if default else None,
        help="settings file (default: $VMLAB_CONFIG, else variables only)",
    )


def settings_from(options: argparse.Namespace) -> config.Settings:
    """The settings that `--config` and the environment make together."""
    return config.load(options.config)


def port(text: str) -> int:
    """A TCP port, as a type of argument."""
    return _between(text, 1, 65535)


def number(text: str) -> int:
    """How many: at least one, as a type of argument."""
    return _between(text, 1, 100_000)


def _between(text: str, least: int, most: int) -> int:
    try:
        value = int(text)
    except ValueError:
        value = least - 1
    if not least <= value <= most:
        raise argparse.ArgumentTypeError(f"must be {least} to {most}, not {text!r}")
    return value
