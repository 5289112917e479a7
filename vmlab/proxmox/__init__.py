"""Proxmox VE, seen from VMLab: nothing outside this package knows a path of its API.

client.Api ── wire.Wire ── hosts.Hosts          how a call travels
    │            └── faults                     what a refusal means
    ├── guests, cluster, storage, console       what can be asked for
    ├── pve_tasks (upid)                        how the work behind an answer ends
    └── shapes, mark                            what answers look like, whose a guest is
"""
