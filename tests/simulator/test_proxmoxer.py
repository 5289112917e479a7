"""proxmoxer's own synchronous client, unmodified, against the simulator."""

import asyncio
from typing import Any

import pytest
from proxmoxer import AuthenticationError, ProxmoxAPI, ResourceException

from vmlab.simulator import Simulator


def _connect(sim: Simulator, **credentials: Any) -> Any:
    host, _, port = sim.hosts[0].partition(":")
    return ProxmoxAPI(host, port=int(port), verify_ssl=str(sim.ca_path), **credentials)


def _with_token(sim: Simulator) -> dict[str, Any]:
    client = _connect(sim, user="vmlab@pve", token_name="svc", token_value=sim.token_secret)
    return {
        "version": client.version.get()["version"],
        "nodes": [row["node"] for row in client.nodes.get()],
        "config": client.nodes("pve1").qemu(9000).config.get()["name"],
        "nextid": client.cluster.nextid.get(),
    }


async def test_a_token(sim: Simulator) -> None:
    assert await asyncio.to_thread(_with_token, sim) == {
        "version": "8.4.21",
        "nodes": ["pve1", "pve2", "pve3"],
        "config": "debian-13",
        "nextid": "100",
    }


def _with_ticket(sim: Simulator) -> list[Any]:
    client = _connect(sim, user="root@pam", password="rootpassword")
    client.pools.post(poolid="made", comment="by ticket")
    with pytest.raises(ResourceException, match="Configuration file"):
        client.nodes("pve1").qemu(999).config.get()
    return [row["poolid"] for row in client.pools.get()]


async def test_a_ticket(sim: Simulator) -> None:
    sim.cluster.users["root@pam"].password = "rootpassword"
    assert await asyncio.to_thread(_with_ticket, sim) == ["made", "vmlab"]


def _upload(sim: Simulator, image: Any) -> str:
    token = sim.cluster.tokens["root@pam!vmlab"]
    client = _connect(sim, user="root@pam", token_name="vmlab", token_value=token.secret)
    with image.open("rb") as opened:
        answer = client.nodes("pve1").storage("local").upload.create(content="iso", filename=opened)
    assert isinstance(answer, str)
    return answer


async def test_an_upload(sim: Simulator, tmp_path: Any) -> None:
    image = tmp_path / "tiny.iso"
    image.write_bytes(b"image" * 1000)
    upid = await asyncio.to_thread(_upload, sim, image)
    assert (await sim.jobs.wait(upid)).status == "OK"
    assert sim.cluster.storages["local"].on("pve1")["local:iso/tiny.iso"].size == 5000


async def test_a_wrong_password(sim: Simulator) -> None:
    with pytest.raises(AuthenticationError):
        await asyncio.to_thread(_connect, sim, user="root@pam", password="wrong")
