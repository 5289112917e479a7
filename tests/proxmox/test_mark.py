"""VMLab's mark in a guest's notes."""

from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vmlab.proxmox import mark

ONE = UUID("5b0cf6a4-13a5-4a35-8a6b-0d2a3c4d5e6f")


@given(notes=st.text(), uuid=st.uuids())
def test_what_is_built_is_found(notes: str, uuid: UUID):
    assert mark.find(mark.build(notes, uuid)) == uuid


def test_people_read_the_notes_first():
    text = mark.build("Alice's machine in Networks 1.\nAsk her first.", ONE)
    assert text == f"Alice's machine in Networks 1.\nAsk her first.\n\nvmlab: {ONE}"
    assert mark.build("", ONE) == f"vmlab: {ONE}"


def test_proxmox_ends_notes_with_a_newline():
    assert mark.find(f"notes\nvmlab: {ONE}\n") == ONE
    assert mark.find(f"notes\r\nvmlab: {ONE}\r\n") == ONE


@pytest.mark.parametrize(
    "description",
    [
        None,
        "",
        " qmclone temporary file",
        f"vmlab: {ONE}\nbut this one is mine now",
        f"see vmlab: {ONE}",
        f"vmlab: {ONE} (copied)",
        "vmlab: 5b0cf6a4",
        f"vmlab: {str(ONE).upper()}",
    ],
)
def test_nobody_else_is_taken_for_ours(description: str | None):
    assert mark.find(description) is None


def test_the_last_mark_counts():
    other = uuid4()
    assert mark.find(mark.build(mark.build("", ONE), other)) == other
