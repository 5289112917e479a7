"""The simulator held against exchanges recorded on real Proxmox VE 8.4 and 9.2.

`recordings` reads the exchanges and sorts them into kinds, `wire` speaks raw HTTP, `stage` sets up
a simulator and replays recordings on it, the `scenes_*` say which and in what order, `shapes` and
`compare` judge the answers, `verdicts` adds them up, and `left_out.toml` gives the reason for each
kind that is not replayed.
"""
