"""Settings: from a TOML file, then `VMLAB_*` variables, frozen once read.

Second floor. Each theme is a dataclass; a field's docstring gives unit, default and consequence,
and `config.example.toml` says the same to the person who edits the file (a test compares them).
Nothing here is global: `vmlab.app` passes each part the theme that it needs.

A variable is called `VMLAB_<THEME>_<FIELD>`, e.g. `VMLAB_SERVER_PORT=8080`; lists are separated by
commas. A secret may come from a file of its own: `token_secret_file = "/run/secrets/pve"`.
"""

from __future__ import annotations

import dataclasses
import difflib
import ipaddress
import os
import re
import tomllib
import types
import typing
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

EXAMPLE_SECRET = "change-me-to-at-least-32-random-characters"  # noqa: S105
"""The secret key of `config.example.toml`: known to everybody, so refused."""

MIN_SECRET_BYTES = 32
"""HS256 wants a key at least as long as its hash (RFC 7518, section 3.2)."""

_ORIGIN = re.compile(r"https?://[a-z0-9.-]+(:\d{1,5})?|https?://\[[0-9a-f:]+\](:\d{1,5})?")
"""Scheme, host and port as browsers send them: lower case, nothing after them."""


class ConfigError(Exception):
    """A setting is missing, unknown or wrong; the text says which and what to do."""


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
    """Consoles open on one node at once; Proxmox has a hundred ports a node."""
    idle_s: float = 1800.0
    """Seconds after which an SSH console is closed in which nothing was typed or shown."""
    max_s: float = 43_200.0
    """Seconds after which an SSH console is closed in any case."""
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
    lanes: Lanes = field(default_factory=Lanes)
    tasks: Tasks = field(default_factory=Tasks)
    reconcile: Reconcile = field(default_factory=Reconcile)
    console: Console = field(default_factory=Console)
    quota: Quota = field(default_factory=Quota)
    mail: Mail = field(default_factory=Mail)
    storage: Storage = field(default_factory=Storage)
    metrics: Metrics = field(default_factory=Metrics)
    log: Log = field(default_factory=Log)


SECRETS = {
    "security": {"secret_key", "previous_secret_keys"},
    "proxmox": {"token_secret"},
    "database": {"url"},
    "mail": {"password"},
    "metrics": {"token"},
}
"""Fields that may also be given as `<field>_file`."""


def load(path: Path | None, environ: Mapping[str, str] | None = None) -> Settings:
    """Read the settings from `path` (None: no file), then from the environment.

    Raises:
        ConfigError: a key is unknown, a value is of the wrong type, or the secret key will not do.
    """
    raw: dict[str, Any] = {}
    if path is not None:
        try:
            raw = tomllib.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise ConfigError(f"{path}: no such file (copy config.example.toml)") from None
        except tomllib.TOMLDecodeError as error:
            raise ConfigError(f"{path}: {error}") from None
    environ = os.environ if environ is None else environ
    themes = {f.name: f for f in dataclasses.fields(Settings)}
    _refuse_unknown(raw, themes, "section")
    built = {
        name: _theme(name, typing.cast("type", f.default_factory), raw.get(name, {}), environ)
        for name, f in themes.items()
    }
    settings = Settings(**built)
    _check(settings)
    return settings


def _theme(name: str, cls: type, given: Any, environ: Mapping[str, str]) -> Any:
    if not isinstance(given, dict):
        raise ConfigError(f"[{name}] must be a section")
    values = dict(given)
    hints = typing.get_type_hints(cls)
    for key in SECRETS.get(name, ()):
        if file := values.pop(f"{key}_file", environ.get(f"VMLAB_{name}_{key}_FILE".upper())):
            values[key] = _from_text(Path(file).read_text(encoding="utf-8").strip(), hints[key])
    _refuse_unknown(values, hints, f"key in [{name}]")
    for key, hint in hints.items():
        if (text := environ.get(f"VMLAB_{name}_{key}".upper())) is not None:
            values[key] = _from_text(text, hint)
    checked = {k: _typed(v, hints[k], f"{name}.{k}") for k, v in values.items()}
    return cls(**checked)


def _refuse_unknown(given: Mapping[str, Any], known: Mapping[str, Any], what: str) -> None:
    for key in given:
        if key not in known:
            near = difflib.get_close_matches(key, known, n=1)
            hint = f"; did you mean {near[0]}?" if near else ""
            raise ConfigError(f"unknown {what}: {key}{hint}")


def _from_text(text: str, hint: Any) -> Any:
    if hint is bool:
        return {"1": True, "true": True, "0": False, "false": False}.get(text.lower(), text)
    if hint in (int, float):
        try:
            return hint(text)
        except ValueError:
            return text
    origin = typing.get_origin(hint)
    if origin is tuple:
        return [part.strip() for part in text.split(",") if part.strip()]
    if origin is not None and origin is not Literal:
        return dict(part.split("=", 1) for part in text.split(",") if "=" in part)
    return text


def _typed(value: Any, hint: Any, where: str) -> Any:
    origin = typing.get_origin(hint)
    if origin is Literal:
        if value not in typing.get_args(hint):
            raise ConfigError(f"{where}: must be one of {', '.join(typing.get_args(hint))}")
        return value
    if origin is tuple:
        if not isinstance(value, list) or not all(isinstance(v, str) for v in value):
            raise ConfigError(f"{where}: must be a list of texts")
        return tuple(value)
    if origin is not None:
        if not isinstance(value, dict):
            raise ConfigError(f"{where}: must be a table")
        return types.MappingProxyType(value)
    if hint is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if not isinstance(value, hint) or (hint is int and isinstance(value, bool)):
        raise ConfigError(f"{where}: must be {hint.__name__}, not {value!r}")
    return value


def _check(settings: Settings) -> None:
    security = settings.security
    _check_key("security.secret_key", security.secret_key)
    for key in security.previous_secret_keys:
        _check_key("security.previous_secret_keys", key)
    if settings.guests.vmid_first > settings.guests.vmid_last:
        raise ConfigError("guests.vmid_first is larger than guests.vmid_last")
    for network in settings.server.trusted_proxies:
        _check_network("server.trusted_proxies", network)
    for network in settings.metrics.networks:
        _check_network("metrics.networks", network)
    for origin in settings.server.cors_origins:
        if not _ORIGIN.fullmatch(origin):
            raise ConfigError(
                f"server.cors_origins: {origin} is not like https://portal.example.edu"
            )
    if settings.server.workers > 1 and settings.database.url.startswith("sqlite"):
        raise ConfigError("server.workers: more than one process needs PostgreSQL")
    _check_mail(settings.mail)


def _check_key(where: str, key: str) -> None:
    if key == EXAMPLE_SECRET:
        raise ConfigError(f"{where} is still the example's: put your own there")
    if key and len(key.encode()) < MIN_SECRET_BYTES:
        raise ConfigError(f"{where}: at least {MIN_SECRET_BYTES} characters")


def _check_mail(mail: Mail) -> None:
    if mail.username and mail.security == "none":
        raise ConfigError('mail.security: "none" would show the password to everybody on the way')
    if mail.reset_url and "{token}" not in mail.reset_url:
        raise ConfigError("mail.reset_url: must have {token} where the token goes")


def _check_network(where: str, text: str) -> None:
    try:
        ipaddress.ip_network(text)
    except ValueError as error:
        raise ConfigError(f"{where}: {error}") from None
