"""The rule that sorts the recorded exchanges into kinds."""

from __future__ import annotations

import pytest

from tests.simulator.conformance.recordings import kinds, path_pattern, recordings


@pytest.mark.parametrize(
    ("path", "pattern"),
    [
        ("/version/", "/version"),
        ("/nodes//pve1/status", "/nodes/{node}/status"),
        ("/nodes/localhost/qemu/110/config", "/nodes/{node}/qemu/{vmid}/config"),
        (
            "/nodes/pve1/qemu/120/snapshot/s1/config",
            "/nodes/{node}/qemu/{vmid}/snapshot/{snapname}/config",
        ),
        (
            "/nodes/pve1/tasks/UPID%3Apve1%3A0%3Aqmstart%3A1%3Aa%40pve%3A/log",
            "/nodes/{node}/tasks/{upid}/log",
        ),
        (
            "/nodes/pve1/storage/local/content/local%3Aiso%2Fa.iso",
            "/nodes/{node}/storage/{storage}/content/{volume}",
        ),
        ("/nodes/pve1/capabilities/qemu/cpu", "/nodes/{node}/capabilities/qemu/cpu"),
        ("/access/users/low%40pve/token/t1", "/access/users/{userid}/token/{tokenid}"),
        ("/cluster/resources", "/cluster/resources"),
    ],
)
def test_path_pattern(path: str, pattern: str):
    assert path_pattern(path) == pattern


def test_the_number_of_kinds():
    assert len(kinds("8.4")) == 169
    assert len(kinds("9.2")) == 233


def test_kinds_tell_apart_what_the_reason_phrase_does_not():
    recorded = recordings("8.4")
    refused = {recorded[name].kind for name in ("071-bool-true", "034e-err-delete-unknown-option")}
    assert sorted(map(str, refused)) == [
        "PUT /nodes/{node}/qemu/{vmid}/config 400 Parameter verification failed. delete",
        "PUT /nodes/{node}/qemu/{vmid}/config 400 Parameter verification failed. onboot",
    ]
    assert recorded["160-extjs"].kind != recorded["001-version"].kind


def test_the_text_of_a_kind_is_unambiguous():
    both = {*kinds("8.4"), *kinds("9.2")}
    assert len({str(kind) for kind in both}) == len(both)
