"""A Proxmox VE cluster that is no cluster: its API over TLS, its rules, its error texts.

The demo runs on it and every test runs against it. It shares no code with the rest of VMLab, so
that a misunderstanding of Proxmox cannot hide by being made twice.
"""

from vmlab.simulator.clock import Clock
from vmlab.simulator.service import Simulator

__all__ = ["Clock", "Simulator"]
