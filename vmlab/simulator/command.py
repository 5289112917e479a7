"""`vmlab simulator`: the simulated cluster alone, for anybody's client."""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import sys
from collections.abc import Sequence

from vmlab.simulator import linux
from vmlab.simulator.faults import FAULT_NAMES, Faults
from vmlab.simulator.linux import BuildFailed
from vmlab.simulator.machines.network import SSH_PORT
from vmlab.simulator.seed import plant_guests
from vmlab.simulator.service import Simulator


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--host", default="127.0.0.1", help="address to listen at")
    parser.add_argument(
        "--port", type=int, default=8006, help="port of the first node, the others follow; 0: free"
    )
    parser.add_argument("--nodes", type=_positive, default=3, metavar="N", help="how many nodes")
    parser.add_argument("--version", default="8.4", help="8.4 or 9.2 (default 8.4)")
    parser.add_argument("--vms", type=int, default=0, metavar="N", help="guests to begin with")
    parser.add_argument(
        "--guests",
        choices=("auto", "synthetic", "qemu"),
        default="synthetic",
        help="what runs behind a started guest",
    )
    parser.add_argument(
        "--linux",
        action="store_true",
        help="let the template be a small Linux, built from Debian's packages (needs QEMU)",
    )
    parser.add_argument(
        "--fault",
        action="append",
        default=[],
        type=_fault,
        metavar="NAME=RATE",
        help=f"let something go wrong with that probability: {', '.join(FAULT_NAMES)}",
    )
    parser.add_argument(
        "--json", action="store_true", help="say what a client needs in one line of JSON"
    )
    parser.add_argument(
        "--exit-with-parent", action="store_true", help="end when standard input does"
    )


def run(options: argparse.Namespace) -> int:
    """Run a simulated cluster until interrupted; returns the exit status."""
    try:
        asyncio.run(_serve(options))
    except (RuntimeError, ValueError, BuildFailed) as error:
        print(f"vmlab simulator: {error}", file=sys.stderr)
        return 1
    return 0


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return number


def _fault(text: str) -> tuple[str, float]:
    name, _, rate = text.partition("=")
    if name not in FAULT_NAMES:
        raise argparse.ArgumentTypeError(f"no fault is named {name!r}: {', '.join(FAULT_NAMES)}")
    try:
        chance = float(rate or 1)
    except ValueError:
        chance = -1.0
    if not 0 <= chance <= 1:
        raise argparse.ArgumentTypeError(f"the rate of {name} must be between 0 and 1")
    return name, chance


async def _serve(args: argparse.Namespace) -> None:
    faults = Faults()
    for name, rate in args.fault:
        faults.add(name, rate=rate)
    names = [f"pve{number + 1}" for number in range(args.nodes)]
    ports = [args.port + number if args.port else 0 for number in range(args.nodes)]
    simulator = Simulator(
        version=args.version,
        nodes=names,
        host=args.host,
        ports=ports,
        faults=faults,
        guests="qemu" if args.linux else args.guests,
        linux=await asyncio.to_thread(linux.image) if args.linux else None,
    )
    plant_guests(simulator.cluster, args.vms)
    interrupted = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, interrupted.set)
    if args.exit_with_parent:
        asyncio.get_running_loop().add_reader(sys.stdin, interrupted.set)
    async with simulator:
        announce = _announce_as_json if args.json else _announce
        announce(simulator, names)
        await interrupted.wait()


def _announce(simulator: Simulator, names: Sequence[str]) -> None:
    print(f"Proxmox VE {simulator.cluster.version}, simulated")
    for name, host in zip(names, simulator.hosts, strict=True):
        print(f"  {name}  https://{host}")
    print(f"CA certificate  {simulator.ca_path}")
    print(f"fingerprint     {simulator.fingerprint}")
    print(f"token           {simulator.token_id}={simulator.token_secret}")
    root = simulator.cluster.tokens["root@pam!vmlab"]
    print(f"root's token    {root.full}={root.secret}", flush=True)


def _announce_as_json(simulator: Simulator, names: Sequence[str]) -> None:
    root = simulator.cluster.tokens["root@pam!vmlab"]
    guests, network = simulator.cluster.guests.values(), simulator.machines.network
    said = {
        "hosts": dict(zip(names, simulator.hosts, strict=True)),
        "ca_file": str(simulator.ca_path),
        "fingerprint": simulator.fingerprint,
        "token_id": simulator.token_id,
        "token_secret": simulator.token_secret,
        "root_token_id": root.full,
        "root_token_secret": root.secret,
        "guest_network": str(network.network) if network else None,
        "guest_ssh_port": SSH_PORT,
        "templates": [guest.vmid for guest in guests if guest.config.get("template")],
    }
    print(json.dumps(said), flush=True)
