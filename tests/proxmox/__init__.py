"""The Proxmox client: its parts, against recorded texts, and whole, against the simulator."""
