"""Images are told apart by content, and what could hurt is refused before any tool sees it."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.storage.corpus import by_qemu, good, patched
from tests.storage.hostile import Hostile, hostile
from vmlab.rules.images import SENTENCES, ImageFormat, Purpose, Reason, fits
from vmlab.storage.images import ImageReport, Refusal, inspect

GOOD = list(good())
HOSTILE = list(hostile())


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where an image goes."""
    return tmp_path / "image"


@pytest.mark.parametrize(("name", "content", "format_", "size"), GOOD, ids=[g[0] for g in GOOD])
def test_a_good_image_is_recognised(
    path: Path, name: str, content: bytes, format_: ImageFormat, size: int
):
    path.write_bytes(content)
    tool_sees_it = format_ not in (ImageFormat.RAW, ImageFormat.ISO, ImageFormat.OVA)
    seen = inspect(path)
    assert seen == ImageReport(
        format=format_,
        virtual_size_bytes=size,
        size_bytes=len(content),
        checked_by_qemu=tool_sees_it,
        disk_start=seen.disk_start,
        disk_bytes=seen.disk_bytes,
    )
    disk = content[seen.disk_start :][: seen.disk_bytes]
    assert disk == (by_qemu("vmdk stream") if format_ is ImageFormat.OVA else content)


@pytest.mark.parametrize("case", HOSTILE, ids=lambda case: case.name)
def test_a_hostile_image_is_refused_before_any_tool_sees_it(
    path: Path, case: Hostile, monkeypatch: pytest.MonkeyPatch
):
    path.write_bytes(case.content)
    monkeypatch.setenv("PATH", str(path.parent))
    tool, seen = path.parent / "qemu-img", path.parent / "seen"
    tool.write_text(f"#!/bin/sh\ntouch {seen}\n", encoding="utf-8")
    tool.chmod(tool.stat().st_mode | stat.S_IXUSR)
    with pytest.raises(Refusal) as refused:
        inspect(path)
    assert refused.value.reason is case.reason
    assert refused.value.details["reason"] == case.reason.value
    assert str(refused.value) == SENTENCES[case.reason]
    assert not seen.exists()


def test_the_corpus_is_large_enough():
    assert len(HOSTILE) >= 100
    assert len(GOOD) >= 15
    assert len({case.name for case in HOSTILE}) == len(HOSTILE)


def test_without_the_tool_our_own_check_stands(path: Path, monkeypatch: pytest.MonkeyPatch):
    path.write_bytes(by_qemu("qcow2"))
    monkeypatch.setenv("PATH", str(path.parent))
    report = inspect(path)
    assert (report.format, report.checked_by_qemu) == (ImageFormat.QCOW2, False)


def test_what_only_the_tool_finds_is_refused_too(path: Path):
    image = by_qemu("qcow2")
    refcounts = int.from_bytes(image[48:56], "big")
    block = int.from_bytes(image[refcounts : refcounts + 8], "big")
    path.write_bytes(patched(image, (block, bytes(64))))
    with pytest.raises(Refusal) as refused:
        inspect(path)
    assert refused.value.reason is Reason.TOOL_REFUSED


@pytest.mark.parametrize("script", ["exit 0", "echo '[]'", "echo rubbish; exit 1", "echo '{}'"])
def test_a_tool_that_says_nothing_is_a_refusal(
    path: Path, monkeypatch: pytest.MonkeyPatch, script: str
):
    path.write_bytes(by_qemu("vdi"))
    tool = path.parent / "qemu-img"
    tool.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    tool.chmod(tool.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", str(path.parent))
    with pytest.raises(Refusal) as refused:
        inspect(path)
    assert refused.value.reason is Reason.TOOL_REFUSED


def test_a_check_that_takes_too_long_is_given_up(path: Path):
    path.write_bytes(by_qemu("qcow2"))
    with pytest.raises(Refusal) as refused:
        inspect(path, check_s=0.0)
    assert refused.value.reason is Reason.TOO_COMPLEX


def test_a_link_is_not_followed(path: Path):
    real = path.parent / "real"
    real.write_bytes(by_qemu("qcow2"))
    path.symlink_to(real)
    with pytest.raises(OSError, match="symbolic"):
        inspect(path)


def test_a_purpose_takes_its_kinds_only():
    assert fits(Purpose.ISO, ImageFormat.ISO)
    assert not fits(Purpose.ISO, ImageFormat.QCOW2)
    assert not fits(Purpose.TEMPLATE, ImageFormat.ISO)
    assert all(fits(Purpose.TEMPLATE, f) for f in ImageFormat if f is not ImageFormat.ISO)
    assert all(fits(Purpose.ATTACHMENT, f) for f in ImageFormat)


def test_every_reason_has_its_sentence():
    assert SENTENCES.keys() == set(Reason)


def outcome(path: Path) -> Reason | None:
    """Why the image is refused; None if it is not."""
    try:
        inspect(path)
    except Refusal as refused:
        return refused.reason
    return None


MUTATIONS = st.lists(
    st.tuples(
        st.one_of(st.integers(0, 1024), st.integers(0, 1 << 18), st.integers(0, 3 << 20)),
        st.binary(min_size=1, max_size=16),
    ),
    min_size=1,
    max_size=8,
)


@given(
    content=st.sampled_from([g[1] for g in GOOD] + [h.content for h in HOSTILE]),
    mutations=MUTATIONS,
    kept=st.one_of(st.none(), st.integers(0, 1 << 20)),
)
@settings(
    max_examples=400,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_a_mutant_is_accepted_or_refused_and_nothing_else(
    path: Path,
    monkeypatch: pytest.MonkeyPatch,
    content: bytes,
    mutations: list[tuple[int, bytes]],
    kept: int | None,
):
    monkeypatch.setenv("PATH", str(path.parent))  # our own check alone
    size = len(content)
    within = [(offset % max(size, 1), new) for offset, new in mutations]
    path.write_bytes(patched(content, *within)[:kept])
    # The check's own limit is far away: it never comes near it.
    assert outcome(path) is not Reason.TOO_COMPLEX


@given(content=st.binary(max_size=2048))
@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes_are_recognised_or_refused(path: Path, content: bytes):
    path.write_bytes(content)
    outcome(path)
