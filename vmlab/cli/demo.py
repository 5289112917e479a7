"""`vmlab demo`: the whole thing on this machine, with nothing else installed.

    simulated cluster (a process of its own)  <──  VMLab: API, consoles, worker (this process)
                                                      ^
                             the demo's own REST calls: users, course, template, class

It makes the course as a teacher would, over REST, shows the progress, prints what to open and goes
on serving. Loopback only; everything is new at each start.
"""

from __future__ import annotations

import argparse
import asyncio
import secrets
import tempfile
from pathlib import Path

from rich.console import Console

from vmlab import config
from vmlab.cli import logs
from vmlab.cli.demo_cluster import DemoCluster, simulated_cluster
from vmlab.cli.demo_lab import PASSWORD, Lab, prepare, provision, show
from vmlab.cli.options import number, port
from vmlab.cli.requirements import require_port
from vmlab.cli.serve import serving, stop_signal
from vmlab.handlers.passwords import Passwords
from vmlab.models import connected
from vmlab.models.migrate import migrate
from vmlab.operations.accounts import NewUser, create_user, ensure_roles


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--port", type=port, default=8000, help="of the API (default 8000)")
    parser.add_argument(
        "--state",
        type=Path,
        metavar="DIR",
        help="folder for database and logs; an earlier demo in it is replaced (default: a new one)",
    )
    parser.add_argument(
        "--students", type=number, default=6, metavar="N", help="how many (default 6)"
    )
    parser.add_argument(
        "--guests",
        choices=("auto", "synthetic", "qemu"),
        default="auto",
        help="what runs behind a machine: a drawn screen, QEMU with a small Linux that is built "
        "from Debian's packages, or (auto) QEMU with one sector where it is installed",
    )


def run(options: argparse.Namespace) -> int:
    """Run the demo until interrupted."""
    require_port("127.0.0.1", options.port, "--port")
    state: Path = options.state or Path(tempfile.mkdtemp(prefix="vmlab-demo-"))
    state.mkdir(parents=True, exist_ok=True)
    for old in state.glob("vmlab.db*"):
        old.unlink()
    return asyncio.run(_demo(options, state))


async def _demo(options: argparse.Namespace, state: Path) -> int:
    console = Console()
    stopped = stop_signal()
    with console.status("starting a simulated Proxmox VE cluster ..."):
        await migrate(f"sqlite://{state / 'vmlab.db'}")
    async with simulated_cluster(state, guests=options.guests) as cluster:
        settings = _settings(options.port, state, cluster)
        logs.configure(settings.log)
        async with connected(settings.database.url):
            await _first_admin(settings)
            async with serving(settings, tasks=True):
                base = f"http://localhost:{options.port}"
                async with Lab.opened(base) as lab:
                    course = await prepare(lab, cluster, options.students)
                    machines = await provision(lab, course, console)
                show(console, base, cluster, state, machines)
                await stopped.wait()
    return 0


def _settings(port: int, state: Path, cluster: DemoCluster) -> config.Settings:
    return config.Settings(
        server=config.Server(host="127.0.0.1", port=port),
        database=config.Database(url=f"sqlite://{state / 'vmlab.db'}"),
        security=config.Security(secret_key=secrets.token_hex(32), secure_cookies=False),
        proxmox=config.Proxmox(
            hosts=tuple(cluster.hosts.values()),
            node_hosts=cluster.hosts,
            token_id=cluster.token_id,
            token_secret=cluster.token_secret,
            ca_file=cluster.ca_file,
        ),
        templates=config.Templates(import_storage="local", disk_storage="vmdisks"),
        guests=_guests(cluster),
        mail=config.Mail(folder=str(state / "mail")),
        storage=config.Storage(directory=str(state / "files")),
        log=config.Log(level="warning"),
    )


def _guests(cluster: DemoCluster) -> config.Guests:
    """Where the guests are: real ones on this machine, where the simulator says, others nowhere."""
    usual = config.Guests()
    if cluster.guest_network is None:
        return usual
    networks = (*usual.lab_networks, cluster.guest_network)
    return config.Guests(lab_networks=networks, ssh_port=cluster.guest_ssh_port)


async def _first_admin(settings: config.Settings) -> None:
    await ensure_roles()
    admin = NewUser(
        username="admin",
        email="admin@example.edu",
        password_hash=await Passwords().hash(PASSWORD),
        roles=("admin",),
    )
    await create_user(admin, settings.quota)
