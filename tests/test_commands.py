"""What an operator does wrong: one line on standard error that says what to do, and a status."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from vmlab.cli import main

SECRET = "0123456789012345678901234567890123456789"


@pytest.fixture
def taken() -> Iterator[int]:
    """A port on which somebody listens."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        yield server.getsockname()[1]


@pytest.fixture
def config(tmp_path: Path, sqlite_url: str) -> Path:
    """A configuration with which everything starts; tests append what is wrong."""
    path = tmp_path / "vmlab.toml"
    path.write_text(
        f"""
        server.host = "127.0.0.1"
        security.secret_key = "{SECRET}"
        database.url = "{sqlite_url}"
        storage.directory = "{tmp_path / "files"}"
        [proxmox]
        hosts = ["127.0.0.1:1"]
        token_id = "vmlab@pve!svc"
        token_secret = "none-of-your-business"
        """,
        encoding="utf-8",
    )
    return path


def said(capsys: pytest.CaptureFixture[str], *arguments: object) -> str:
    """What a command that fails says: one line."""
    assert main([str(argument) for argument in arguments]) == 1
    captured = capsys.readouterr()
    assert captured.err.startswith(f"vmlab {arguments[0]}: ")
    assert captured.err.count("\n") == 1
    assert "Traceback" not in captured.err
    assert "none-of-your-business" not in captured.err
    return captured.err


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (SECRET, "", "security.secret_key is not set: `openssl rand -hex 32` makes one"),
        ('"127.0.0.1:1"', "", "proxmox.hosts is empty"),
        ("sqlite://", "mysql://", "database.url: must begin with sqlite:// or postgres://"),
        ("sqlite://", "sqlite:///nowhere", "the database cannot be used (database.url): unable to"),
        ("[proxmox]", '[proxmox]\nca_file = "/nowhere.pem"', "proxmox.ca_file /nowhere.pem"),
        ("[proxmox]", '[proxmox]\nca_file = "/etc/hostname"', "proxmox.ca_file /etc/hostname"),
        ("[proxmox]", '[proxmox]\nfingerprint = "AB:XY"', "proxmox.fingerprint is not like"),
        (
            "[proxmox]",
            "[proxmox]\nhots = []",
            "unknown key in [proxmox]: hots; did you mean hosts?",
        ),
        ("[proxmox]", "server.port = 0\n[proxmox]", "server.port: must be 1 to 65535"),
        ("[proxmox]", "tasks.concurrency = 0\n[proxmox]", "tasks.concurrency: must be at least 1"),
        ("/files", "/../../../../../../../proc/files", "storage.directory"),
        ("[proxmox]", "[proxmox", "vmlab.toml: Expected"),
    ],
)
@pytest.mark.parametrize("command", ["serve", "worker"])
def test_a_configuration_that_cannot_work(
    capsys: pytest.CaptureFixture[str],
    config: Path,
    command: str,
    before: str,
    after: str,
    expected: str,
):
    text = config.read_text(encoding="utf-8")
    assert before in text
    config.write_text(text.replace(before, after), encoding="utf-8")
    assert expected in said(capsys, command, "--config", config)


@pytest.mark.parametrize("command", ["serve", "worker", "migrate"])
def test_a_database_that_is_not_there(
    capsys: pytest.CaptureFixture[str], config: Path, sqlite_url: str, command: str
):
    text = config.read_text(encoding="utf-8")
    nowhere = "postgres://vmlab:secret@127.0.0.1:1/vmlab"
    config.write_text(text.replace(sqlite_url, nowhere), encoding="utf-8")
    line = said(capsys, command, "--config", config)
    assert "the database cannot be used (database.url): " in line
    assert "secret@" not in line


def test_a_schema_of_before(capsys: pytest.CaptureFixture[str], config: Path, tmp_path: Path):
    text = config.read_text(encoding="utf-8")
    config.write_text(text.replace("vmlab.db", "new.db"), encoding="utf-8")
    line = said(capsys, "serve", "--config", config)
    assert "the database lacks 0_" in line
    assert line.endswith("run `vmlab migrate` first\n")


def test_a_port_in_use(capsys: pytest.CaptureFixture[str], config: Path, taken: int):
    text = config.read_text(encoding="utf-8").replace("[proxmox]", "server.port = 8000\n[proxmox]")
    config.write_text(text.replace("8000", str(taken)), encoding="utf-8")
    expected = f"cannot listen on 127.0.0.1:{taken} (server.port): Address already in use"
    assert expected in said(capsys, "serve", "--config", config)
    assert f"127.0.0.1:{taken} (--port)" in said(capsys, "demo", "--port", taken)
    assert "address already in use" in said(capsys, "simulator", "--port", taken)


def test_a_configuration_that_is_not_there(capsys: pytest.CaptureFixture[str], tmp_path: Path):
    line = said(capsys, "serve", "--config", tmp_path / "nothing.toml")
    assert line.endswith("no such file (copy config.example.toml)\n")


def test_a_folder_that_cannot_be(capsys: pytest.CaptureFixture[str]):
    assert "/proc/demo" in said(capsys, "demo", "--state", "/proc/demo")


@pytest.mark.parametrize(
    "arguments",
    [
        ["serve", "--workers", "0"],
        ["worker", "--concurrency", "none"],
        ["demo", "--port", "70000"],
        ["demo", "--students", "0"],
        ["user", "add", "ann", "--role", "king"],
        ["bogus"],
        [],
    ],
)
def test_arguments_that_make_no_sense(capsys: pytest.CaptureFixture[str], arguments: list[str]):
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert "usage: vmlab" in capsys.readouterr().err
