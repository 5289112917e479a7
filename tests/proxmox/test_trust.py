"""Certificates as a Proxmox cluster makes them for itself, with its own commands."""

from __future__ import annotations

import asyncio
import ssl
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from vmlab.proxmox.connection import Connection, Trust

REQUEST = """
extensions = v3_req
[ req ]
distinguished_name = name
req_extensions = v3_req
prompt = no
[ name ]
organizationalUnitName = PVE Cluster Node
organizationName = Proxmox Virtual Environment
commonName = pve1.example.org
[ v3_req ]
basicConstraints = CA:FALSE
extendedKeyUsage = serverAuth
subjectAltName = IP:127.0.0.1,IP:::1,DNS:localhost,DNS:pve1
"""
CA_NAME = "/CN=Proxmox Virtual Environment/OU=1f0c/O=PVE Cluster Manager CA/"
MAKE_CA = "req -batch -days 3650 -new -x509 -nodes -newkey rsa:2048 -keyout ca.key -out ca.pem"
MAKE_REQUEST = "req -batch -new -nodes -newkey rsa:2048 -config conf -keyout host.key -out host.req"
SIGN = "x509 -req -in host.req -days 730 -out host.pem -CA ca.pem -CAkey ca.key -CAcreateserial"


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The cluster's authority and a node's certificate (pve-cluster 8.1: PVE/Cluster/Setup.pm)."""
    folder = tmp_path_factory.mktemp("pve")
    (folder / "conf").write_text(REQUEST, encoding="utf-8")
    for command in (
        [*MAKE_CA.split(), "-subj", CA_NAME],
        MAKE_REQUEST.split(),
        [*SIGN.split(), "-extfile", "conf"],
    ):
        subprocess.run(["openssl", *command], cwd=folder, check=True, capture_output=True)
    return folder


@pytest.fixture
async def port(files: Path) -> AsyncIterator[int]:
    """A TLS server with that certificate."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(files / "host.pem", files / "host.key")
    server = await asyncio.start_server(_hang_up, "127.0.0.1", 0, ssl=context)
    yield server.sockets[0].getsockname()[1]
    server.close()


async def _hang_up(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.close()


def trust(ca_path: Path | None) -> Trust:
    return Trust(
        Connection(hosts=("pve1",), token_id="a@pve!b", token_secret="secret", ca_path=ca_path)
    )


async def connect(port: int, context: ssl.SSLContext) -> None:
    _, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context)
    writer.close()
    await writer.wait_closed()


async def test_the_clusters_own_authority_is_trusted(files: Path, port: int):
    await connect(port, trust(files / "ca.pem").context)


async def test_which_strictness_would_refuse(files: Path, port: int):
    context = trust(files / "ca.pem").context
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    with pytest.raises(ssl.SSLCertVerificationError):
        await connect(port, context)


async def test_public_authorities_are_taken_as_python_takes_them(port: int):
    context = trust(None).context
    assert context.verify_flags == ssl.create_default_context().verify_flags
    with pytest.raises(ssl.SSLCertVerificationError):
        await connect(port, context)
