"""Host names, a class's names, tags, pools and notes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vmlab.errors import Invalid
from vmlab.rules import names


@pytest.mark.parametrize("name", ["a", "ubuntu-vm-001", "A1", "x" * 63, "0"])
def test_host_names(name: str) -> None:
    assert names.is_hostname(name)


@pytest.mark.parametrize(
    "name", ["", "-a", "a-", "a.b", "a_b", "a b", "x" * 64, "é", "虚拟机", "a\n"]
)
def test_no_host_names(name: str) -> None:
    assert not names.is_hostname(name)


def expand(pattern: str, *usernames: str) -> list[str]:
    students = list(enumerate(usernames, start=1))
    made = names.class_names(pattern, course="Net 101", template="Debian 12", students=students)
    return list(made.values())


def test_a_class_is_named_by_its_pattern() -> None:
    assert expand("{course}-{n}-{username}", "Anna.K", "li_wei") == [
        "net-101-01-anna-k",
        "net-101-02-li-wei",
    ]


def test_the_usual_pattern() -> None:
    assert expand(names.DEFAULT_PATTERN, "anna") == ["debian-12-anna"]


def test_names_that_would_be_the_same_are_told_apart() -> None:
    assert expand("{username}", "a.b", "a_b") == ["a-b", "a-b-2"]


def test_a_name_without_latin_letters_becomes_a_number() -> None:
    assert expand("lab-{username}", "学生") == ["lab-user1"]


def test_numbers_grow_with_the_class() -> None:
    assert expand("vm{n}", *(f"s{i}" for i in range(100)))[0] == "vm001"


@pytest.mark.parametrize("pattern", ["lab", "{course}", "{nobody}-{n}", "lab_{n}", "lab {n}", ""])
def test_patterns_that_will_not_do(pattern: str) -> None:
    with pytest.raises(Invalid) as caught:
        expand(pattern, "anna")
    assert "name_pattern" in caught.value.details


@given(st.lists(st.text(min_size=1, max_size=64), min_size=1, max_size=30, unique=True))
def test_any_usernames_make_different_host_names(usernames: list[str]) -> None:
    students = [(10_000 + i, username) for i, username in enumerate(usernames)]
    made = names.class_names("{username}", course="c", template="t", students=students)
    assert len(set(made.values())) == len(usernames)
    assert all(names.is_hostname(name) for name in made.values())


def test_tags_stand_as_proxmox_sorts_them() -> None:
    assert names.tags(7) == "course-7;vmlab"
    assert names.tags(None) == "vmlab"


def test_pools() -> None:
    assert names.pool("vmlab", per_course=False, course_id=7) == "vmlab"
    assert names.pool("vmlab", per_course=True, course_id=7) == "vmlab-course-7"
    assert names.pool("vmlab", per_course=True, course_id=None) == "vmlab"


def test_notes_say_whose_it_is_and_how_to_let_go_of_it() -> None:
    text = names.notes("Web server", {"Owner": "anna", "Course": "Net 101"})
    assert text.startswith("Web server\n\nOwner: anna  \nCourse: Net 101\n\nManaged by VMLab.")
