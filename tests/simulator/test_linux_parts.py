"""The parts of which the small Linux and its seed are made, each against a tool that knows them."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from vmlab.simulator.guest_meter import Meter, Reading
from vmlab.simulator.linux import cache, elf
from vmlab.simulator.linux.cpio import Archive
from vmlab.simulator.linux.packages import BuildFailed, run
from vmlab.simulator.machines import accelerator
from vmlab.simulator.machines.gauges import Gauges
from vmlab.simulator.machines.iso import SECTOR, iso_image
from vmlab.simulator.machines.network import LAB, LabNetwork
from vmlab.simulator.scratch import Scratch
from vmlab.simulator.sha_crypt import sha256_crypt


def test_passwords_are_hashed_as_the_specification_says():
    hashed = "$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5"
    assert sha256_crypt("Hello world!", "saltstring") == hashed
    assert sha256_crypt("a") != sha256_crypt("a")


def test_an_archive_holds_what_was_added():
    archive = Archive()
    archive.file("etc/deep/file", b"content", 0o755)
    archive.link("etc/link", "file")
    archive.link("etc/deep/file", "something else")
    archive.device("dev/null", 1, 3, 0o666)
    made = archive.finish()
    heads = [part.partition(b"\0")[0] for part in made.split(b"070701")[1:]]
    names = [head[104:].decode() for head in heads]
    wanted = [".", "etc", "etc/deep", "etc/deep/file", "etc/link", "dev", "dev/null", "TRAILER!!!"]
    assert names == wanted
    assert b"content" in made
    assert len(made) % 4 == 0


def test_libraries_are_those_that_the_linker_finds():
    python = Path(sys.executable).resolve()
    listed = subprocess.run(["ldd", python], check=True, stdout=subprocess.PIPE, text=True).stdout
    needed = elf.needed(python.read_bytes())
    assert needed
    assert all(name in listed for name in needed)
    assert elf.needed(b"#!/bin/sh\n") == []


def test_a_library_in_no_package_is_named(tmp_path: Path):
    with pytest.raises(BuildFailed, match=r"needs lib\S+, which is in no package"):
        elf.libraries([Path(sys.executable).resolve()], tmp_path)


def test_a_missing_program_is_named():
    with pytest.raises(BuildFailed, match="the program no-such-program is missing"):
        run("no-such-program")
    with pytest.raises(BuildFailed, match="apt-cache: "):
        run("apt-cache", "no-such-command")


def test_a_seed_has_a_label_and_names():
    image = iso_image("cidata", {"user-data": b"#cloud-config\n", "meta-data": b"x" * 3000})
    assert len(image) % SECTOR == 0
    assert image[16 * SECTOR + 1 :].startswith(b"CD001\x01\0")
    assert image[16 * SECTOR + 40 :].startswith(b"CIDATA")
    assert "user-data".encode("utf-16-be") in image
    assert b"#cloud-config\n" in image
    assert b"x" * 3000 in image


def test_two_clusters_have_networks_of_their_own():
    one, other = LabNetwork(), LabNetwork()
    assert not one.network.overlaps(other.network)
    assert one.network.subnet_of(LAB)
    assert one.address_of(100) == one.address_of(100) != one.address_of(101)
    first = one.address_of(100)
    one.forget(100)
    assert one.address_of(102) == first
    one.close()
    other.close()


def test_kvm_is_believed_only_if_a_guest_runs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setattr(accelerator, "DEVICE", "/dev/null")
    assert accelerator.best.__wrapped__() in (accelerator.TCG, accelerator.KVM)
    monkeypatch.setattr(accelerator, "DEVICE", str(tmp_path / "none"))
    assert accelerator.best.__wrapped__() == accelerator.TCG
    monkeypatch.setattr(accelerator, "DEVICE", "/dev/null")
    monkeypatch.setattr(accelerator, "KVM", "tcg")  # an accelerator that works everywhere
    monkeypatch.setattr(accelerator, "TRIAL_S", 60.0)
    assert accelerator.best.__wrapped__() == "tcg"


def test_a_killed_simulators_folder_is_cleared_away(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    script = (
        "import os, signal\n"
        "from vmlab.simulator.scratch import Scratch\n"
        "(Scratch().path / 'disk').write_text('bytes')\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    living = Scratch()
    subprocess.run([sys.executable, "-c", script], env={"TMPDIR": str(tmp_path)}, check=False)
    assert len(list(tmp_path.glob("*/disk"))) == 1
    other = Scratch()
    assert sorted(tmp_path.iterdir()) == sorted([living.path, other.path])
    living.remove()
    other.remove()
    assert list(tmp_path.iterdir()) == []


def test_counters_are_in_proportion_between_two_readings():
    meter = Meter(1000.0)
    counters = {"netin": 100, "netout": 0, "diskread": 4000, "diskwrite": 10}
    meter.add(Reading(1010.0, Gauges(5.0, 1 << 20), counters))
    assert meter.counters(1005.0) == {"netin": 50, "netout": 0, "diskread": 2000, "diskwrite": 5}
    assert meter.counters(2000.0) == counters
    assert meter.cpu(1005.0) == meter.cpu(2000.0) == 0.5


@pytest.mark.parametrize("killed", [False, True])
async def test_two_builders_build_once(tmp_path: Path, killed: bool):
    """The second finds what the first has made, and what a killed one left is cleared away."""
    script = (
        "import os, pathlib, time\n"
        "from vmlab.simulator.linux import cache\n"
        "def build(work):\n"
        "    (work / 'disk').write_text('image')\n"
        "    print('building', flush=True)\n"
        "    time.sleep(float(os.environ['BUILD_S']))\n"
        "    return work / 'disk'\n"
        "cache.build = build\n"
        "print(cache.image().read_text(), flush=True)\n"
    )

    async def builder(build_s: str) -> asyncio.subprocess.Process:
        environment = {"XDG_CACHE_HOME": str(tmp_path), "BUILD_S": build_s}
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", script), env=environment, stdout=subprocess.PIPE
        )

    first = await builder("60" if killed else "0.5")
    assert first.stdout is not None
    assert await first.stdout.readline() == b"building\n"
    second = await builder("0")
    if killed:
        first.kill()
    said, _ = await second.communicate()
    assert said == (b"building\nimage\n" if killed else b"image\n")
    await first.wait()
    built = tmp_path / "vmlab" / "linux" / cache.recipe() / cache.IMAGE
    assert built.read_text() == "image"
    assert not list(built.parent.parent.glob("building-*"))
