"""Reads the settings: from a TOML file, then from `VMLAB_*` variables; mistakes are named."""

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
from pathlib import Path
from typing import Any, Literal

from vmlab.config.settings import Mail, Settings

EXAMPLE_SECRET = "change-me-to-at-least-32-random-characters"  # noqa: S105
"""The secret key of `config.example.toml`: known to everybody, so refused."""

MIN_SECRET_BYTES = 32
"""HS256 wants a key at least as long as its hash (RFC 7518, section 3.2)."""

_ORIGIN = re.compile(r"https?://[a-z0-9.-]+(:\d{1,5})?|https?://\[[0-9a-f:]+\](:\d{1,5})?")
"""Scheme, host and port as browsers send them: lower case, nothing after them."""


_DATABASES = ("sqlite://", "postgres://", "postgresql://", "asyncpg://")


class ConfigError(Exception):
    """A setting is missing, unknown or wrong; the text says which and what to do."""


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
    if not 1 <= settings.server.port <= 65535:
        raise ConfigError("server.port: must be 1 to 65535")
    if not 0 <= settings.metrics.first_port + settings.server.workers <= 65535:
        raise ConfigError("metrics.first_port: there are ports up to 65535")
    for where, value in (
        ("server.workers", settings.server.workers),
        ("tasks.concurrency", settings.tasks.concurrency),
    ):
        if value < 1:
            raise ConfigError(f"{where}: must be at least 1")
    if not settings.database.url.startswith(_DATABASES):
        raise ConfigError("database.url: must begin with sqlite:// or postgres://")
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
