"""`python -m vmlab.simulator.linux [--out DIR]`: see that the image is there and print its path."""

from __future__ import annotations

import argparse
import shutil
import sys
from pathlib import Path

from vmlab.simulator.linux import BuildFailed, image


def main() -> int:
    """Build the image, or find it; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m vmlab.simulator.linux")
    parser.add_argument("--out", type=Path, metavar="DIR", help="put a copy of the image there")
    options = parser.parse_args()
    try:
        built = image()
        if options.out:
            options.out.mkdir(parents=True, exist_ok=True)
            built = Path(shutil.copy(built, options.out))
    except (BuildFailed, OSError) as error:
        print(f"no Linux for guests: {error}", file=sys.stderr)
        return 1
    print(built)
    return 0


if __name__ == "__main__":
    sys.exit(main())
