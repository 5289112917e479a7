"""`vmlab check`: every single thing that is wrong is found, and the printed lines mend it."""

from __future__ import annotations

import asyncio
import dataclasses
import sys
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from tests.operations.lab import populate
from tests.support.pveum import pveum
from tests.support.servers import RedisServer
from vmlab.cli.check import check
from vmlab.config import Database, Guests, Proxmox, Redis, Security, Settings, Templates
from vmlab.models import Replica, Template, connected
from vmlab.operations.check_hosts import Finding
from vmlab.rules import privileges
from vmlab.simulator import Simulator
from vmlab.simulator.state import Guest, Pool

VERSIONS = ("8.4", "9.1")
KEY = "a-secret-key-of-more-than-32-bytes!"


@dataclass
class Site:
    """A cluster and the settings of a VMLab that is to use it."""

    sim: Simulator
    settings: Settings

    async def look(self, **changed: Any) -> list[Finding]:
        """What the check finds."""
        return await check(dataclasses.replace(self.settings, **changed))

    async def wrong(self, **changed: Any) -> list[Finding]:
        """What it finds that is wrong."""
        return [finding for finding in await self.look(**changed) if not finding.ok]

    async def mend(self, findings: list[Finding]) -> None:
        """Run the lines that were printed."""
        for line in privileges.distinct(line for f in findings for line in f.remedy):
            await pveum(self.sim, line)


@pytest.fixture(params=VERSIONS)
async def site(request: pytest.FixtureRequest, sqlite_url: str) -> AsyncIterator[Site]:
    """A cluster of each version on which a first check has been obeyed."""
    async with connected(sqlite_url):
        await populate()
    async with Simulator(version=request.param, auth_delay_s=0.0, speed=1000.0) as sim:
        settings = Settings(
            security=Security(secret_key=KEY),
            database=Database(url=sqlite_url),
            guests=Guests(vmid_first=10_000, vmid_last=10_004),
            templates=Templates(import_storage="local", disk_storage="vmdisks"),
            proxmox=Proxmox(
                hosts=tuple(sim.hosts[:1]),
                token_id=sim.token_id,
                token_secret=sim.token_secret,
                ca_file=str(sim.ca_path),
            ),
        )
        opened = Site(sim, settings)
        await opened.mend(await opened.wrong())
        assert await opened.wrong() == []
        yield opened


def places(site: Site) -> dict[str, str]:
    """Where each role is needed here."""
    return {
        privileges.GUEST: "/pool/vmlab",
        privileges.TEMPLATE: "/vms/9000",
        privileges.STORE: "/storage/vmdisks",
        privileges.IMPORT: "/storage/local",
        privileges.NET: "/sdn/zones/localnetwork/vmbr0",
        privileges.AUDIT: "/nodes",
    }


async def test_each_privilege_is_missed_by_itself_and_given_back_by_the_printed_lines(site: Site):
    wanted = privileges.roles(site.sim.cluster.major)
    for name, path in places(site).items():
        role = site.sim.cluster.roles[name]
        for privilege in sorted(wanted[name]):
            role.privs -= {privilege}
            found = await site.wrong()
            assert path in {finding.subject for finding in found}, (path, privilege)
            assert all(privilege in finding.text for finding in found), found
            assert f'--append 1 --privs "{privilege}"' in found[-1].remedy[0]
            await site.mend(found)
            assert await site.wrong() == [], privilege


async def test_each_grant_is_missed_for_the_user_and_for_the_token(site: Site):
    needed = {*places(site).values(), "/"}
    for entry in sorted(site.sim.cluster.acl, key=lambda each: (each.path, each.kind)):
        if entry.path not in needed:
            continue
        site.sim.cluster.acl.discard(entry)
        if not (found := await site.wrong()):
            # What stands further up grants it as well.
            assert entry.path.startswith("/sdn/")
            continue
        assert {finding.subject for finding in found} == {entry.path}
        assert all(line.startswith("pveum acl modify ") for line in found[0].remedy)
        await site.mend(found)
        assert await site.wrong() == [], entry


async def test_a_cluster_on_which_nothing_was_done_is_mended_in_few_rounds(site: Site):
    cluster = site.sim.cluster
    cluster.acl.clear()
    cluster.pools.clear()
    for name in privileges.roles(cluster.major):
        cluster.roles.pop(name, None)
    rounds = 0
    while found := await site.wrong():
        rounds += 1
        assert rounds <= 3, found
        await site.mend(found)
    held = {role: cluster.roles[role].privs for role in places(site)}
    assert held == {role: privileges.roles(cluster.major)[role] for role in held}


async def test_a_pool_for_each_course_needs_the_right_to_make_pools(site: Site):
    guests = replace(site.settings.guests, pool_per_course=True)
    found = await site.wrong(guests=guests)
    assert {finding.subject for finding in found} == {"/pool"}
    await site.mend(found)
    assert await site.wrong(guests=guests) == []


async def test_who_stands_in_our_range_is_named_though_hidden(site: Site):
    cluster = site.sim.cluster
    cluster.guests[10_002] = Guest(10_002, "pve1", {"name": "payroll"}, born_at=0.0)
    [hidden] = await site.wrong()
    assert hidden.subject == "VMIDs 10000-10004"
    assert "10002 (hidden from us)" in hidden.text
    cluster.pools["vmlab"].vms.add(10_002)
    [seen] = await site.wrong()
    assert "10002" in seen.text
    assert "hidden" not in seen.text


@pytest.mark.parametrize("site", VERSIONS[:1], indirect=True)
class TestAllElse:
    """What does not depend on the version."""

    async def test_a_pool_that_is_not_there(self, site: Site):
        del site.sim.cluster.pools["vmlab"]
        [found] = await site.wrong()
        assert found.remedy == ("pveum pool add vmlab",)
        await site.mend([found])
        assert site.sim.cluster.pools["vmlab"] == Pool("vmlab")
        assert await site.wrong() == []

    async def test_a_host_that_is_down_and_one_that_is_none(self, site: Site):
        await site.sim.node_down("pve2")
        proxmox = replace(site.settings.proxmox, hosts=(*site.sim.hosts, "127.0.0.1:1"))
        found = {finding.subject: finding.text for finding in await site.wrong(proxmox=proxmox)}
        assert "cannot be asked" in found["127.0.0.1:1"]
        assert "cannot be asked" in found[site.sim.hosts[1]]
        assert found["cluster"] == "nodes are offline: pve2"

    async def test_a_certificate_that_is_not_trusted(self, site: Site):
        proxmox = replace(site.settings.proxmox, ca_file="")
        [found] = await site.wrong(proxmox=proxmox)
        shown = found.text.partition("it shows ")[2].partition(".")[0]
        proxmox = replace(proxmox, fingerprint=shown)
        assert await site.wrong(proxmox=proxmox) == []

    async def test_a_token_that_is_not_accepted_is_made_by_the_printed_lines(self, site: Site):
        proxmox = replace(site.settings.proxmox, token_id="new@pve!service")
        found = await site.wrong(proxmox=proxmox)
        assert {finding.subject for finding in found} == set(proxmox.hosts)
        *before, last = privileges.distinct(found[0].remedy)
        for line in before:
            await pveum(site.sim, line)
        made = await pveum(site.sim, last)
        proxmox = replace(proxmox, token_secret=made["value"])
        for _ in range(3):
            await site.mend(await site.wrong(proxmox=proxmox))
        assert await site.wrong(proxmox=proxmox) == []

    async def test_a_clock_that_is_wrong(self, site: Site):
        assert "its clock agrees with ours" in {finding.text for finding in await site.look()}
        site.sim.clock.skew_s = -120.0
        [found] = await site.wrong()
        assert "by -120 s" in found.text or "by -121 s" in found.text
        assert found.subject == site.settings.proxmox.hosts[0]

    async def test_a_template_that_is_gone_or_is_none(self, site: Site):
        guest = site.sim.cluster.guests.pop(9000)
        assert "template 9000" in {finding.subject for finding in await site.wrong()}
        site.sim.cluster.guests[9000] = guest
        del guest.config["template"]
        [found] = await site.wrong()
        assert found.remedy == ("qm template 9000",)

    async def test_a_bridge_that_nodes_lack(self, site: Site):
        site.sim.cluster.guests[9000].config["net0"] = "virtio=BC:24:11:00:00:01,bridge=vmbr7"
        found = await site.wrong()
        await site.mend(found)
        found = await site.wrong()
        assert {finding.text.rpartition(" ")[2] for finding in found} == {"vmbr7"}
        assert len(found) == len(site.sim.cluster.nodes)

    async def test_a_storage_that_takes_no_disks(self, site: Site):
        storage = site.sim.cluster.storages["vmdisks"]
        site.sim.cluster.storages["vmdisks"] = replace(storage, content=frozenset({"iso"}))
        [found] = await site.wrong()
        assert (found.subject, "images" in found.text) == ("storage vmdisks", True)

    async def test_an_import_storage_that_takes_no_images(self, site: Site):
        storages = site.sim.cluster.storages
        storages["local"] = replace(storages["local"], content=frozenset({"iso"}))
        [found] = await site.wrong()
        assert (found.subject, "`import`" in found.text) == ("storage local", True)
        assert await site.wrong(templates=Templates()) == []

    async def test_an_import_storage_far_from_the_disks(self, site: Site):
        for name, node in ("local", "pve1"), ("local-lvm", "pve2"):
            storage = site.sim.cluster.storages[name]
            site.sim.cluster.storages[name] = replace(storage, nodes=frozenset({node}))
        imports = Templates(import_storage="local", disk_storage="local-lvm")
        await site.mend(await site.wrong(templates=imports))
        [found] = await site.wrong(templates=imports)
        assert (found.subject, found.text) == (
            "storage local",
            "is available on no node that has local-lvm",
        )

    async def test_nodes_that_are_to_fetch_images_must_know_where(self, site: Site):
        fetching = replace(site.settings.templates, download=True)
        found = await site.wrong(templates=fetching)
        assert {finding.subject for finding in found} == {"templates.download", "/nodes"}
        await site.mend(found)
        [found_still] = await site.wrong(templates=fetching)
        assert found_still.subject == "templates.download"
        public = replace(site.settings.server, public_url="https://lab.example.edu")
        assert await site.wrong(templates=fetching, server=public) == []

    async def test_without_templates_it_says_what_it_could_not_look_at(self, site: Site):
        async with connected(site.settings.database.url):
            await Template.all().delete()
        assert "templates" in {finding.subject for finding in await site.look()}
        assert await site.wrong() == []

    async def test_an_empty_database_and_no_redis_and_no_key(
        self, site: Site, tmp_path: Path, redis_server: RedisServer
    ):
        assert await site.wrong(redis=Redis(url=redis_server.url)) == []
        found = await site.wrong(
            database=Database(url=f"sqlite://{tmp_path}/empty.db"),
            redis=Redis(url="redis://127.0.0.1:1/0"),
            security=Security(),
        )
        assert {finding.subject for finding in found} == {
            "database",
            "redis",
            "security.secret_key",
        }
        assert ("vmlab migrate",) in {finding.remedy for finding in found}

    async def test_the_command_prints_what_to_run_and_its_status_tells(
        self, site: Site, tmp_path: Path
    ):
        proxmox = site.settings.proxmox
        file = tmp_path / "vmlab.toml"
        file.write_text(
            f'[security]\nsecret_key = "{KEY}"\n[database]\nurl = "{site.settings.database.url}"\n'
            "[guests]\nvmid_last = 10004\n"
            f"[proxmox]\nhosts = {list(proxmox.hosts)}\nca_file = '{proxmox.ca_file}'\n"
            f'token_id = "{proxmox.token_id}"\ntoken_secret = "{proxmox.token_secret}"\n'
        )
        status, output = await command("check", "--config", str(file))
        assert (status, "WRONG" in output) == (0, False), output
        site.sim.cluster.roles["VMLabNet"].privs = frozenset()
        status, output = await command("check", "--config", str(file))
        assert status == 1
        lines = [line.strip() for line in output.splitlines() if line.startswith("    ")]
        assert lines[0] == 'pveum role modify VMLabNet --append 1 --privs "SDN.Use"'
        for line in lines:
            await pveum(site.sim, line)
        status, output = await command("check", "--config", str(file))
        assert status == 0, output


async def command(*arguments: str) -> tuple[int | None, str]:
    """Run `vmlab` as people do; its exit status and what it printed."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "vmlab", *arguments, stdout=asyncio.subprocess.PIPE
    )
    output, _ = await process.communicate()
    return process.returncode, output.decode()


@pytest.mark.parametrize("major", [8, 9])
def test_the_documentation_grants_what_is_checked(major: int):
    """The lines of docs/proxmox.md, each role as the check wants it."""
    text = Path(__file__).parents[2].joinpath("docs", "proxmox.md").read_text("utf-8")
    documented: dict[str, frozenset[str]] = {}
    for line in text.splitlines():
        if line.startswith("pveum role add"):
            name, quoted = line.split()[3], line.partition('"')[2].rstrip('"')
            # There are two of VMLabGuest: first that of 8.x, then that of 9.x.
            if name not in documented or major >= 9:
                documented[name] = frozenset(quoted.split())
    assert documented == privileges.roles(major)
    granted = {
        privileges.Grant(path, role, propagate="--propagate 0" not in line)
        for line in text.splitlines()
        if line.startswith("pveum acl modify")
        for path, role in [(line.split()[3], line.partition("--roles ")[2].split()[0])]
    }
    needed = {
        grant
        for per_course in (False, True)
        for grant in privileges.grants(
            pool="vmlab",
            pool_per_course=per_course,
            templates=[9000],
            storages=["vmdisks"],
            bridges=["localnetwork/vmbr0"],
            import_storage="vmlab-images",
            download=True,
        )
    }
    assert granted == needed


async def test_replicas_are_looked_at_like_templates(site: Site) -> None:
    async with connected(site.settings.database.url):
        template = await Template.get()
        await Replica.create(
            uuid=uuid.uuid4(), template=template, node="pve2", vmid=10_001, status="ready"
        )
    config = dict(site.sim.cluster.guests[9000].config)
    site.sim.cluster.guests[10_001] = Guest(10_001, "pve2", config)
    site.sim.cluster.pools["vmlab"].vms.add(10_001)
    findings = await site.look()
    assert all(finding.ok for finding in findings)
    assert "template 10001" in {finding.subject for finding in findings}
    config["net0"] = "virtio=BC:24:11:00:00:01,bridge=vmbr7"
    assert any("vmbr7" in finding.text for finding in await site.wrong())
