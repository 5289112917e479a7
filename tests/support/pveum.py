"""Does to a simulated cluster what `pveum` does to a real one, from the lines that are printed.

`pveum` is Proxmox's API on the command line: each subcommand is one call (pve-access-control 8.4).
"""

from __future__ import annotations

import argparse
import shlex
from typing import Any

from vmlab.simulator import Simulator

_OPTIONS = ("comment", "privs", "append", "privsep", "propagate", "roles", "users", "tokens")


async def pveum(sim: Simulator, line: str) -> Any:
    """Run one line as root; returns what Proxmox answers."""
    parser = argparse.ArgumentParser(allow_abbrev=False, exit_on_error=False)
    parser.add_argument("words", nargs="+")
    for name in _OPTIONS:
        parser.add_argument(f"--{name}")
    program, *arguments = shlex.split(line)
    assert program == "pveum"
    given = {k: v for k, v in vars(parser.parse_args(arguments)).items() if v is not None}
    call: tuple[str, str, dict[str, str]]
    match given.pop("words"):
        case ["pool", "add", pool]:
            call = ("POST", "/pools", {"poolid": pool})
        case ["role", "add", role]:
            call = ("POST", "/access/roles", {"roleid": role})
        case ["role", "modify", role]:
            call = ("PUT", f"/access/roles/{role}", {})
        case ["acl", "modify", path]:
            call = ("PUT", "/access/acl", {"path": path})
        case ["user", "add", user]:
            call = ("POST", "/access/users", {"userid": user})
        case ["user", "token", "add", user, token]:
            call = ("POST", f"/access/users/{user}/token/{token}", {})
        case words:
            raise AssertionError(f"pveum {words}: not known here")
    method, path, parameters = call
    return await sim.admin(method, path, {**parameters, **given})
