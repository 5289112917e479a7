"""The themes of the settings, each a frozen dataclass.

A field's docstring gives unit, default and consequence; `config.example.toml` says the same to the
person who edits the file, and a test compares the two.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, kw_only=True)
class Server:
    """Where the API listens and what the world calls it."""

    host: str = "127.0.0.1"
    """Address to listen on."""
    port: int = 8000
    """TCP port to listen on."""
    public_url: str = ""
    """Base of the addresses handed out, `https://lab.example.edu`; empty: as the request says."""
    workers: int = 1
    """Processes that serve; more than one needs PostgreSQL."""
    max_body_bytes: int = 1_048_576
    """Largest JSON body accepted."""
    body_timeout_s: float = 30.0
    """Seconds in which a body must have arrived."""
    trusted_proxies: tuple[str, ...] = ()
    """Addresses or networks of reverse proxies whose X-Forwarded-For and -Proto are believed."""
    cors_origins: tuple[str, ...] = ()
    """Origins of other web pages that may call the API, `https://portal.example.edu`."""


@dataclass(frozen=True, kw_only=True)
class Database:
    """Where the truth is kept."""

    url: str = "sqlite://vmlab.db"
    """`sqlite://FILE` (one process) or `postgres://USER:PASSWORD@HOST/NAME`."""


@dataclass(frozen=True, kw_only=True)
class Redis:
    """Wakes the other processes up; holds nothing that may not be lost."""

    url: str = ""
    """`redis://HOST:6379/0`; empty: one process, nothing needed."""


@dataclass(frozen=True, kw_only=True)
class Security:
    """Secrets, and how long credentials live."""

    secret_key: str = ""
    """Signs access tokens: at least 32 random characters."""
    previous_secret_keys: tuple[str, ...] = ()
    """Keys whose access tokens still count; drop them `access_token_s` after a change of key."""
    access_token_s: int = 900
    """Seconds an access token is good for."""
    refresh_token_s: int = 1_209_600
    """Seconds a login lasts without being used."""
    registration: Literal["open", "invitation", "closed"] = "open"
    """Who may make an account for themselves: anybody, who has an invitation, or nobody."""
    login_limit: str = "10/minute"
    """Failed logins allowed an account, and ten times that an address."""
    reset_limit: str = "5/hour"
    """Password mails that may be asked for an e-mail address, and ten times that by one client."""
    reset_token_s: int = 3600
    """Seconds in which a mail about a forgotten password must be used."""
    join_limit: str = "10/minute"
    """Codes of courses that somebody may try, and ten times that wrong ones from an address."""
    first_password_s: int = 604_800
    """Seconds in which the owner of an imported account must set its first password."""
    secure_cookies: bool = True
    """Session cookies go over TLS only; browsers count localhost as secure."""


@dataclass(frozen=True, kw_only=True)
class Proxmox:
    """The cluster and the token that VMLab uses there."""

    hosts: tuple[str, ...] = ()
    """API hosts of one cluster, `HOST` or `HOST:PORT`, tried in turn."""
    node_hosts: Mapping[str, str] = field(default_factory=dict)
    """Node name to its own `HOST:PORT`, where the cluster's own answer would not do."""
    token_id: str = ""
    """`USER@REALM!NAME`."""
    token_secret: str = ""
    """The token's secret, a UUID."""
    ca_file: str = ""
    """PEM file to verify the hosts with; empty: the system's authorities."""
    fingerprint: str = ""
    """SHA-256 of the hosts' certificate, as an alternative to `ca_file`."""
    connections_per_host: int = 8
    """Requests under way at once on each host."""


@dataclass(frozen=True, kw_only=True)
class Guests:
    """What VMLab's machines are made of."""

    vmid_first: int = 10_000
    """First VMID of the range that VMLab has for itself."""
    vmid_last: int = 19_999
    """Last VMID of that range."""
    pool: str = "vmlab"
    """Proxmox pool for machines outside a course; a course's pool is `<pool>-course-<id>`."""
    pool_per_course: bool = False
    """A pool for each course; the token then needs Pool.Allocate on /pool."""
    full_clone: bool = False
    """Copy the template's disks in place of linking to them."""
    full_clone_storage: str = ""
    """Storage for full clones; empty: the template's."""
    protect: bool = True
    """Set Proxmox's protection flag, so that nobody deletes a machine there by a slip."""
    snapshots_per_vm: int = 8
    """Snapshots that a machine may have, those taken in the Proxmox interface included."""
    lab_networks: tuple[str, ...] = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")
    """Networks in which guests' addresses are believed."""
    ssh_port: int = 22
    """TCP port of the guests' SSH servers."""


@dataclass(frozen=True, kw_only=True)
class Templates:
    """Where the templates are made that VMLab makes itself."""

    import_storage: str = ""
    """Storage that images are sent to: content `import` (8.3); empty: no templates from images."""
    disk_storage: str = ""
    """Storage of the disks of templates made of images; empty: the import storage."""
    bridge: str = "vmbr0"
    """Bridge of the network device that they get; empty: they get none."""
    download: bool = False
    """The node fetches an image from `server.public_url` by itself, in place of being sent it."""

    @property
    def disks_on(self) -> str:
        """The storage of the disks."""
        return self.disk_storage or self.import_storage


@dataclass(frozen=True, kw_only=True)
class Lanes:
    """How much VMLab asks of Proxmox at once, over all workers."""

    linked_clones_per_storage: int = 4
    """Linked clones under way on one storage (Proxmox waits 10 s for its storage lock)."""
    full_clones_per_storage: int = 2
    """Full clones under way on one storage."""
    per_node: int = 8
    """Tasks under way on one node."""
    cluster: int = 24
    """Tasks under way in all."""


@dataclass(frozen=True, kw_only=True)
class Tasks:
    """The task engine's rhythm."""

    concurrency: int = 16
    """Tasks that one worker runs at once."""
    lease_s: float = 15.0
    """After this long without a sign of life a worker's tasks go to another."""
    beat_s: float = 5.0
    """How often a worker gives a sign of life."""
    poll_s: float = 1.0
    """How often a worker looks for work that nobody woke it for."""
    pve_tick_s: float = 1.0
    """How often a node is asked about the Proxmox tasks waited for."""
    step_timeout_s: float = 900.0
    """Longest wait for one Proxmox task."""
    back_off_s: float = 1.0
    """First pause before something that failed for the moment is tried again; it doubles."""


@dataclass(frozen=True, kw_only=True)
class Reconcile:
    """How often VMLab looks at the whole cluster."""

    tick_s: float = 10.0
    """Proxmox itself refreshes these figures every ten seconds."""


@dataclass(frozen=True, kw_only=True)
class Console:
    """Limits of console sessions."""

    grant_s: int = 30
    """Seconds in which a console grant must be used."""
    per_node: int = 80
    """Screens open on one node at once, over all servers; Proxmox has a hundred ports a node."""
    idle_s: float = 1800.0
    """Seconds after which a console is closed that nobody uses; who only watches may go on."""
    max_s: float = 43_200.0
    """Seconds after which a console is closed in any case."""
    ssh_ca_file: str = ""
    """Private key of VMLab's SSH authority; empty: `ssh_ca` in `storage.directory`, made there."""


@dataclass(frozen=True, kw_only=True)
class Quota:
    """What a new user may have; an admin changes it for each."""

    cpu_cores: int = 8
    """Cores over all of a user's machines."""
    memory_mb: int = 16_384
    """Memory in MiB over all of them."""
    disk_gb: int = 200
    """Disk in GiB over all of them."""
    vm_limit: int = 5
    """How many machines."""


@dataclass(frozen=True, kw_only=True)
class Mail:
    """How VMLab sends mail; without host and folder it sends none."""

    host: str = ""
    """The SMTP server that takes our mail."""
    port: int = 587
    """Its TCP port: 587 with STARTTLS, 465 with TLS, 25 without either."""
    security: Literal["starttls", "tls", "none"] = "starttls"
    """How the connection is kept private; the password never goes over "none"."""
    ca_file: str = ""
    """PEM file to verify the server with; empty: the system's authorities."""
    username: str = ""
    """Who VMLab is there; empty: the server asks for nothing."""
    password: str = ""
    """The password that goes with it."""
    sender: str = "VMLab <vmlab@localhost>"
    """What stands under From."""
    folder: str = ""
    """Write mails here as .eml files and send none: for trying things out."""
    reset_url: str = ""
    """Page where a password is set, with `{token}` in it; empty: the mail has the token alone."""

    @property
    def configured(self) -> bool:
        """Whether there is any way for a mail to go."""
        return bool(self.host or self.folder)


@dataclass(frozen=True, kw_only=True)
class Storage:
    """Where VMLab keeps files."""

    directory: str = "vmlab-files"
    """Folder of everything that people upload; processes on several machines must share it."""
    file_limit_mb: int = 65_536
    """Largest file in MiB."""
    user_limit_mb: int = 131_072
    """MiB that one user's files may have in all."""
    total_limit_mb: int = 0
    """MiB that everybody's files may have in all; 0: as much as the disk holds."""
    keep_free_mb: int = 2_048
    """MiB of the disk that uploads leave free."""
    chunk_limit_mb: int = 64
    """Largest chunk of an upload in chunks, in MiB."""
    upload_expiry_s: int = 86_400
    """Seconds after which an upload that nobody goes on with is given up."""
    upload_stall_s: float = 60.0
    """Seconds without a byte after which a connection that uploads is given up."""


@dataclass(frozen=True, kw_only=True)
class Metrics:
    """Who may read `/metrics`; nobody where both are empty."""

    token: str = ""
    """What Prometheus sends as its bearer token."""
    networks: tuple[str, ...] = ()
    """Addresses or networks that need no token."""
    first_port: int = 0
    """With several processes each also listens on a port of its own, from this one on; 0: none."""


@dataclass(frozen=True, kw_only=True)
class Log:
    """What is written to standard error."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    """Least level that is written."""
    format: Literal["text", "json"] = "text"
    """For people or for machines."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """All themes together."""

    server: Server = field(default_factory=Server)
    database: Database = field(default_factory=Database)
    redis: Redis = field(default_factory=Redis)
    security: Security = field(default_factory=Security)
    proxmox: Proxmox = field(default_factory=Proxmox)
    guests: Guests = field(default_factory=Guests)
    templates: Templates = field(default_factory=Templates)
    lanes: Lanes = field(default_factory=Lanes)
    tasks: Tasks = field(default_factory=Tasks)
    reconcile: Reconcile = field(default_factory=Reconcile)
    console: Console = field(default_factory=Console)
    quota: Quota = field(default_factory=Quota)
    mail: Mail = field(default_factory=Mail)
    storage: Storage = field(default_factory=Storage)
    metrics: Metrics = field(default_factory=Metrics)
    log: Log = field(default_factory=Log)
