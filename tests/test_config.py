"""Settings: the example file is the reference, and mistakes are named."""

from __future__ import annotations

import dataclasses
import tomllib
from pathlib import Path

import pytest

from vmlab.config import EXAMPLE_SECRET, ConfigError, Settings, load

EXAMPLE = Path(__file__).parent.parent / "config.example.toml"


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "config.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_example_has_every_setting_with_its_default():
    example = tomllib.loads(EXAMPLE.read_text(encoding="utf-8"))
    defaults = dataclasses.asdict(Settings())
    defaults["security"]["secret_key"] = EXAMPLE_SECRET
    defaults["proxmox"]["token_id"] = "vmlab@pve!service"
    plain = {
        theme: {k: list(v) if isinstance(v, tuple) else v for k, v in values.items()}
        for theme, values in defaults.items()
    }
    assert example == plain


def test_the_examples_secret_is_refused(tmp_path: Path):
    with pytest.raises(ConfigError, match=r"security\.secret_key is still the example's"):
        load(EXAMPLE, {})


def test_an_example_with_a_secret_of_ones_own_loads(tmp_path: Path):
    text = EXAMPLE.read_text(encoding="utf-8").replace(EXAMPLE_SECRET, "0123456789abcdef" * 2)
    assert load(write(tmp_path, text), {}).server.port == 8000


def test_variables_win_over_the_file(tmp_path: Path):
    path = write(tmp_path, "[server]\nport = 1\n")
    environ = {
        "VMLAB_SERVER_PORT": "2",
        "VMLAB_PROXMOX_HOSTS": "a:1, b",
        "VMLAB_PROXMOX_NODE_HOSTS": "pve1=10.0.0.1:8006",
        "VMLAB_TASKS_LEASE_S": "3",
        "VMLAB_GUESTS_PROTECT": "false",
    }
    settings = load(path, environ)
    assert settings.server.port == 2
    assert settings.proxmox.hosts == ("a:1", "b")
    assert dict(settings.proxmox.node_hosts) == {"pve1": "10.0.0.1:8006"}
    assert settings.tasks.lease_s == 3.0
    assert settings.guests.protect is False


def test_a_secret_may_come_from_a_file(tmp_path: Path):
    secret = tmp_path / "secret"
    secret.write_text("11111111-2222-3333-4444-555555555555\n", encoding="utf-8")
    path = write(tmp_path, f'[proxmox]\ntoken_secret_file = "{secret}"\n')
    assert load(path, {}).proxmox.token_secret == "11111111-2222-3333-4444-555555555555"


def test_several_secrets_may_come_from_a_file(tmp_path: Path):
    secrets = tmp_path / "secrets"
    secrets.write_text(f"{'a' * 32}, {'b' * 32}\n", encoding="utf-8")
    settings = load(None, {"VMLAB_SECURITY_PREVIOUS_SECRET_KEYS_FILE": str(secrets)})
    assert settings.security.previous_secret_keys == ("a" * 32, "b" * 32)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[sever]\nport = 1", "unknown section: sever; did you mean server?"),
        ("[server]\nprot = 1", r"unknown key in \[server\]: prot; did you mean port?"),
        ("[server]\nport = 'x'", r"server\.port: must be int, not 'x'"),
        ("[server]\nport = true", r"server\.port: must be int, not True"),
        ("[log]\nlevel = 'loud'", r"log\.level: must be one of debug, info, warning, error"),
        ("[proxmox]\nhosts = 'a'", r"proxmox\.hosts: must be a list of texts"),
        ("[security]\nsecret_key = 'short'", r"security\.secret_key: at least 32 characters"),
        ("[security]\nprevious_secret_keys = ['short']", "previous_secret_keys: at least 32"),
        ("[mail]\nusername = 'a'\nsecurity = 'none'", "would show the password to everybody"),
        ("[mail]\nreset_url = 'https://a/'", r"mail\.reset_url: must have {token} where"),
        ("[guests]\nvmid_first = 5\nvmid_last = 4", r"vmid_first is larger than"),
        ("[server]\nworkers = 2", "more than one process needs PostgreSQL"),
        ("[server]\ntrusted_proxies = ['nginx']", r"server\.trusted_proxies: 'nginx'"),
        (
            "[server]\ntrusted_proxies = ['10.0.0.1/8']",
            r"server\.trusted_proxies: .* host bits set",
        ),
        ("[server]\ncors_origins = ['*']", r"server\.cors_origins: \* is not like https://"),
        ("[server]\ncors_origins = ['https://a.edu/']", r"server\.cors_origins: https://a.edu/ is"),
        ("[server", "config.toml: "),
    ],
)
def test_a_mistake_is_named(tmp_path: Path, text: str, message: str):
    with pytest.raises(ConfigError, match=message.replace("?", r"\?")):
        load(write(tmp_path, text), {})


def test_a_missing_file_is_named(tmp_path: Path):
    with pytest.raises(ConfigError, match="no such file"):
        load(tmp_path / "nowhere.toml", {})
