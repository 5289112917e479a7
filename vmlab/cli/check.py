"""`vmlab check`: whether VMLab can work with what its settings name, and what to do if not.

It changes nothing. What is wrong goes to standard output with the lines that mend it; the exit
status is 0 only if all is well.
"""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Sequence

from vmlab.app import connection_of
from vmlab.bus import open_bus
from vmlab.cli.options import add_config, settings_from
from vmlab.config import Settings
from vmlab.errors import ServiceUnavailable
from vmlab.models import GuestNumber, Replica, ReplicaStatus, Template, connected
from vmlab.models.migrate import pending
from vmlab.operations.check_cluster import ClusterCheck, check_cluster
from vmlab.operations.check_hosts import Finding, check_hosts, wrong
from vmlab.proxmox.client import connect
from vmlab.rules.privileges import distinct


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    add_config(parser)


def run(options: argparse.Namespace) -> int:
    """Look at everything and tell; 0 if all is well."""
    findings = asyncio.run(check(settings_from(options)))
    tell(findings)
    return 0 if all(finding.ok for finding in findings) else 1


async def check(settings: Settings) -> list[Finding]:
    """Look at everything that the settings name."""
    findings = [_secret(settings)]
    of_database, templates, vmids = await _database(settings.database.url)
    findings += [of_database, *await _redis(settings.redis.url)]
    if not settings.proxmox.hosts:
        return [
            *findings,
            wrong("proxmox.hosts", "is empty: name at least one host of the cluster"),
        ]
    if settings.templates.download and not settings.server.public_url:
        text = "is on, but server.public_url does not say where the nodes find VMLab"
        findings.append(wrong("templates.download", text))
    token_id = settings.proxmox.token_id
    async with connect(connection_of(settings)) as api:
        of_hosts, version = await check_hosts(api, token_id)
        findings += of_hosts
        if version is not None:
            cluster = ClusterCheck(
                api,
                settings.guests,
                token_id,
                version,
                imports=settings.templates,
                templates=templates,
                vmids=vmids,
            )
            findings += await check_cluster(cluster)
    return findings


def tell(findings: Sequence[Finding]) -> None:
    """Print what was found, and at the end all lines that mend it, ready to be copied."""
    for finding in findings:
        print(f"{'ok   ' if finding.ok else 'WRONG'}  {finding.subject}: {finding.text}")
    if lines := distinct(line for finding in findings for line in finding.remedy):
        print("\nRun as root, on a node of the cluster if it begins with pveum or qm:\n")
        for line in lines:
            print(f"    {line}")


def _secret(settings: Settings) -> Finding:
    if settings.security.secret_key:
        return Finding("security.secret_key", "is set")
    return wrong(
        "security.secret_key", "is not set: put there what this prints", "openssl rand -hex 32"
    )


async def _database(url: str) -> tuple[Finding, list[int], list[int]]:
    """How the database is, and the VMIDs that it knows: of templates, and all of our own."""
    try:
        if missing := await pending(url):
            text = f"lacks {', '.join(missing)}"
            return wrong("database", text, "vmlab migrate"), [], []
        async with connected(url):
            templates = [row.vmid or 0 for row in await Template.filter(vmid__isnull=False)]
            ready = await Replica.filter(status=ReplicaStatus.READY)
            templates += [row.vmid or 0 for row in ready]
            vmids = [row.vmid for row in await GuestNumber.all()]
    except Exception as error:  # drivers raise whatever they like
        return wrong("database", f"cannot be used: {type(error).__name__}: {error}"), [], []
    return Finding("database", "up to date"), templates, vmids


async def _redis(url: str) -> list[Finding]:
    if not url:
        return []
    async with open_bus(url) as bus:
        try:
            latency_s = await bus.ping()
        except ServiceUnavailable:
            return [wrong("redis", "does not answer: see redis.url")]
    return [Finding("redis", f"answers in {1000 * latency_s:.1f} ms")]
