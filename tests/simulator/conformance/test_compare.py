"""The comparer itself: it finds a recording equal to itself, and nothing that was changed."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tests.simulator.conformance.compare import Answer, compare, mask
from tests.simulator.conformance.recordings import VERSIONS, Recording, peers, recordings


def _answer(recording: Recording) -> Answer:
    body = copy.deepcopy(recording.body)
    return Answer(recording.status, recording.reason, dict(recording.headers), body)


def _differences(name: str, change: Callable[[Any], object]) -> list[str]:
    recording = recordings("8.4")[name]
    answer = _answer(recording)
    change(answer.body)
    return compare(recording, answer, peers("8.4", recording))


@pytest.mark.parametrize("version", VERSIONS)
def test_each_recording_agrees_with_itself(version: str):
    for recording in recordings(version).values():
        assert compare(recording, _answer(recording), peers(version, recording)) == []


@pytest.mark.parametrize("version", VERSIONS)
def test_each_recording_disagrees_when_any_part_of_its_head_or_a_key_of_its_body_changes(
    version: str,
):
    for recording in recordings(version).values():
        alike, answer = peers(version, recording), _answer(recording)
        changed = [
            replace(answer, status=418),
            replace(answer, reason=answer.reason + "?"),
            replace(answer, headers={**answer.headers, "Connection": "upgrade"}),
            replace(answer, headers={**answer.headers, "Content-Type": "text/html"}),
            replace(answer, body="something else"),
        ]
        if isinstance(answer.body, dict):
            changed.append(replace(answer, body={**answer.body, "extra": 1}))
            changed += [
                replace(answer, body={k: v for k, v in answer.body.items() if k != key})
                for key in answer.body
            ]
        for mutant in changed:
            assert compare(recording, mutant, alike), (recording.name, mutant)


@pytest.mark.parametrize("version", VERSIONS)
def test_a_single_object_must_have_exactly_the_keys_recorded(version: str):
    for recording in {each.question: each for each in recordings(version).values()}.values():
        data = recording.body["data"] if isinstance(recording.body, dict) else None
        if not isinstance(data, dict) or any(key.startswith("/") for key in data):
            continue
        alike, answer = peers(version, recording), _answer(recording)
        for key in data:
            less = {name: value for name, value in data.items() if name != key}
            mutant = replace(answer, body={**recording.body, "data": less})
            assert compare(recording, mutant, alike), (recording.name, key)
        mutant = replace(answer, body={**recording.body, "data": {**data, "extra": 1}})
        (difference,) = compare(recording, mutant, alike)
        assert difference.endswith(".extra: not recorded")


@pytest.mark.parametrize(
    ("name", "change", "difference"),
    [
        (
            "011-qemu-config",
            lambda body: body["data"].update(memory=256),
            "data.memory: integer instead of string",
        ),
        (
            "082-status-running",
            lambda body: body["data"].update(cpu="0"),
            "data(running).cpu: string instead of integer or number",
        ),
        (
            "082-status-running",
            lambda body: body["data"]["blockstat"]["scsi0"].pop("rd_bytes"),
            "data(running).blockstat.scsiN.rd_bytes: missing",
        ),
        (
            "010-qemu-create",
            lambda body: body.update(data=body["data"].replace("qmcreate", "qmclone")),
            "data: 'UPID:pve1:00004173:00033979:6B028C36:qmclone:100:root@pam!vmlab:' instead of "
            "'UPID:pve1:00004173:00033979:6B028C36:qmcreate:100:root@pam!vmlab:'",
        ),
        (
            "038-err-start-template-task-status",
            lambda body: body["data"].update(exitstatus="OK"),
            "data.exitstatus: 'OK' instead of \"you can't start a vm if it's a template\"",
        ),
        (
            "010-qemu-create-task-log",
            lambda body: body["data"][-1].update(t="TASK ERROR: no"),
            "data[-1].t: 'TASK ERROR: no' instead of 'TASK OK'",
        ),
        (
            "014-cluster-resources",
            lambda body: body["data"].pop(0),
            "data[](qemu unknown): no such object",
        ),
        (
            "166-qemu-list-full",
            lambda body: body["data"][0].pop("qmpstatus"),
            "data[](stopped).qmpstatus: missing in some rows",
        ),
        (
            "166-qemu-list-full",
            lambda body: body.update(data=[]),
            "data[]: nothing instead of object",
        ),
        (
            "022-err-invalid-params",
            lambda body: body["errors"].update(foo="no"),
            "errors.foo: 'no' instead of 'property is not defined in schema and the schema does "
            "not allow additional properties'",
        ),
    ],
)
def test_a_changed_body_is_told_by_its_place(
    name: str, change: Callable[[Any], object], difference: str
):
    assert difference in _differences(name, change)


def test_a_row_may_lack_a_key_that_other_recorded_rows_lack_but_not_all_rows_may():
    def untag(rows: list[dict[str, Any]]) -> None:
        for row in rows:
            row.pop("tags", None)

    assert _differences("166-qemu-list-full", lambda body: untag(body["data"][:1])) == []
    assert "data[](stopped).tags: missing" in _differences(
        "166-qemu-list-full", lambda body: untag(body["data"])
    )


def test_masks_ids_and_numbers_but_not_words():
    upid = "UPID:pve1:00004173:00033979:6B028C36:qmcreate:100:root@pam!vmlab:"
    assert mask(upid) == "UPID of qmcreate with id by root@pam!vmlab"
    assert mask("VM 100 already running") == mask("VM 7 already running")
    assert mask("VM 100 already running") != mask("VM 100 not running")
    assert mask("00000000-0000-4000-8000-00000000abcd") == "ID"
