"""VMLab: teach with virtual machines on a Proxmox VE cluster of your own."""

__version__ = "0.1.0"
