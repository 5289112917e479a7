"""Settings: from a TOML file, then `VMLAB_*` variables, frozen once read.

Second floor. `settings` has the themes, `load` reads them. Nothing here is global: `vmlab.app`
passes each part the theme that it needs.

A variable is called `VMLAB_<THEME>_<FIELD>`, e.g. `VMLAB_SERVER_PORT=8080`; lists are separated by
commas. A secret may come from a file of its own: `token_secret_file = "/run/secrets/pve"`.
"""

from vmlab.config.loading import EXAMPLE_SECRET, ConfigError, load
from vmlab.config.settings import (
    Console,
    Database,
    Guests,
    Lanes,
    Log,
    Mail,
    Metrics,
    Proxmox,
    Quota,
    Reconcile,
    Redis,
    Security,
    Server,
    Settings,
    Storage,
    Tasks,
    Templates,
)

__all__ = [
    "EXAMPLE_SECRET",
    "ConfigError",
    "Console",
    "Database",
    "Guests",
    "Lanes",
    "Log",
    "Mail",
    "Metrics",
    "Proxmox",
    "Quota",
    "Reconcile",
    "Redis",
    "Security",
    "Server",
    "Settings",
    "Storage",
    "Tasks",
    "Templates",
    "load",
]
