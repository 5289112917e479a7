"""Tests of the Proxmox VE simulator."""
