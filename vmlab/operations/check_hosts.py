"""`vmlab check`, first part: whether each host of the cluster can be worked with.

reached, trusted, our token accepted, a version that we know, a clock that agrees with ours
"""

from __future__ import annotations

import time
from dataclasses import dataclass

from vmlab.proxmox.client import Api
from vmlab.proxmox.cluster import Cluster, Version
from vmlab.proxmox.faults import BadToken, PermissionMissing, ProxmoxFault, TlsRefused
from vmlab.proxmox.setup import shown_fingerprint
from vmlab.rules import privileges

OLDEST = (8, 0)
NEWEST_MAJOR = 9
SKEW_S = 10.0
"""By how much a host's clock may differ from ours: its answers tell the time to the second."""


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        subject: what.
        text: how it is.
        ok: whether it is as it should be.
        remedy: lines to run on a node of the cluster, or here, that put it right.
    """

    subject: str
    text: str
    ok: bool = True
    remedy: tuple[str, ...] = ()


def wrong(subject: str, text: str, *remedy: str) -> Finding:
    """Something is not as it should be."""
    return Finding(subject, text, ok=False, remedy=remedy)


async def check_hosts(api: Api, token_id: str) -> tuple[list[Finding], Version | None]:
    """Look at each host by itself.

    Args:
        api: of the cluster.
        token_id: as configured, for the lines that make it.

    Returns:
        What was found, and the oldest version of the hosts that answered.
    """
    findings, versions, names = [], [], set()
    for host in api.wire.hosts.names:
        here = api.at(host)
        try:
            version = await Cluster(here).version()
        except ProxmoxFault as fault:
            findings.append(await _unusable(host, fault, token_id))
            continue
        versions.append(version)
        findings += [_version(host, version), _clock(host, api)]
        try:
            names.add((await Cluster(here).status()).name)
        except PermissionMissing:
            continue  # said where the rights are looked at
        except ProxmoxFault as fault:
            findings.append(wrong(host, f"does not tell the cluster's state: {fault.reason}"))
    if len(names) > 1:
        found = ", ".join(sorted(str(name) for name in names))
        findings.append(wrong("proxmox.hosts", f"are hosts of several clusters: {found}"))
    return findings, min(versions, key=lambda each: each.release, default=None)


async def _unusable(host: str, fault: ProxmoxFault, token_id: str) -> Finding:
    if isinstance(fault, TlsRefused):
        shown = await shown_fingerprint(host)
        return wrong(
            host,
            f"its certificate is not trusted ({fault.reason}); it shows {shown}. If the node's own"
            " `pvenode cert info` says the same, set proxmox.fingerprint, or proxmox.ca_file to a"
            " copy of /etc/pve/pve-root-ca.pem",
        )
    if isinstance(fault, BadToken):
        return wrong(
            host,
            f"does not accept the token {token_id}: compare proxmox.token_id and token_secret with"
            " what `pveum user token list` shows; these lines make it, if it is not there",
            *privileges.token_lines(token_id),
        )
    return wrong(host, f"cannot be asked: {fault.reason}")


def _version(host: str, version: Version) -> Finding:
    text = f"Proxmox VE {version.text}"
    if version.release < OLDEST or version.release[0] > NEWEST_MAJOR:
        return wrong(host, f"{text}: VMLab knows 8.x and 9.x")
    return Finding(host, text)


def _clock(host: str, api: Api) -> Finding:
    shown = api.wire.server_time(host)
    skew_s = 0.0 if shown is None else shown - time.time()
    if abs(skew_s) > SKEW_S:
        text = f"its clock differs from ours by {skew_s:+.0f} s: let both be set by NTP"
        return wrong(host, text, "systemctl restart chrony")
    return Finding(host, "its clock agrees with ours")
