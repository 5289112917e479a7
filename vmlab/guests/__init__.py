"""What happens inside a guest: SSH with its keys, certificates and addresses.

Fourth floor, beside `models` and `proxmox`, which it does not know: it is handed addresses and keys
and gives back connections.
"""
