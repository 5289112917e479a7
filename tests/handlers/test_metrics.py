"""What Prometheus reads: by whom, and whether it is true."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.handlers.conftest import Client
from tests.handlers.event_stream import following
from tests.handlers.lab import ServedLab
from vmlab.config import Metrics, Settings

TOKEN = "a token of Prometheus's own"
SENT = {"Authorization": f"Bearer {TOKEN}"}

Values = dict[tuple[str, frozenset[tuple[str, str]]], float]


def parsed(text: str) -> Values:
    """The samples by name and labels, read by Prometheus's own reader."""
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


async def scrape(client: Client) -> Values:
    """Read them as Prometheus does."""
    answer = await client.get("/metrics", headers=SENT)
    assert answer.status == 200
    assert answer.content_type == "text/plain"
    return parsed(await answer.text())


def value(found: Values, name: str, **labels: str) -> float:
    """One sample."""
    return found[name, frozenset(labels.items())]


def total(found: Values, name: str) -> float:
    """The sum over all labels."""
    return sum(each for (found_name, _), each in found.items() if found_name == name)


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Prometheus has a token."""
    return dataclasses.replace(settings, metrics=Metrics(token=TOKEN))


async def test_requests_are_counted_by_the_pattern_of_their_address(lab: ServedLab):
    for number in (1, 2, 3):
        await lab.ask(lab.student, "GET", f"vms/{number}/")
    await lab.ask(lab.student, "GET", "vms/")
    assert (await lab.client.get("/no/such/place")).status == 404
    found = await scrape(lab.client)
    one = {"endpoint": "/api/v1/vms/{id}/", "method": "GET"}
    assert value(found, "vmlab_requests_total", **one, status="404") == 3
    every = {"endpoint": "/api/v1/vms/", "method": "GET"}
    assert value(found, "vmlab_requests_total", **every, status="200") == 1
    nowhere = {"endpoint": "(none)", "method": "GET"}
    assert value(found, "vmlab_requests_total", **nowhere, status="404") == 1
    assert value(found, "vmlab_request_seconds_count", endpoint="/api/v1/vms/{id}/") == 3
    again = await scrape(lab.client)
    own = {"endpoint": "/metrics", "method": "GET", "status": "200"}
    assert value(again, "vmlab_requests_total", **own) == 1


async def test_work_and_workers_are_told(worked_lab: ServedLab):
    lab = worked_lab
    await lab.make_vm()
    found = await scrape(lab.client)
    ended = {"kind": "vm.create", "status": "succeeded"}
    assert value(found, "vmlab_tasks_ended_24h", **ended) == 1
    assert value(found, "vmlab_tasks", kind="vm.create", status="pending") == 0
    assert value(found, "vmlab_queue_age_seconds") == 0
    assert value(found, "vmlab_workers", state="running") == 1
    assert value(found, "vmlab_database_up") == 1
    assert value(found, "vmlab_database_ping_seconds") > 0
    assert value(found, "vmlab_cluster_look_age_seconds") >= 0
    assert total(found, "vmlab_proxmox_calls_total") == sum(lab.parts.api.calls.values())
    clone = {"method": "POST", "path": "/nodes/{node}/qemu/{vmid}/clone"}
    assert value(found, "vmlab_proxmox_calls_total", **clone) == 1


async def test_a_waiting_task_has_an_age(lab: ServedLab):
    body = {"name": "web", "template_id": lab.template.id, "course_id": lab.course.id}
    assert (await lab.ask(lab.student, "POST", "vms/", body)).status == 202
    found = await scrape(lab.client)
    assert value(found, "vmlab_tasks", kind="vm.create", status="pending") == 1
    assert ("vmlab_queue_age_seconds", frozenset()) in found


async def test_calls_that_come_to_nothing_are_told(lab: ServedLab):
    for name in lab.sim.cluster.nodes:
        await lab.sim.node_down(name)
    assert (await lab.ask(lab.admin, "GET", "cluster/nodes/")).status == 503
    assert total(await scrape(lab.client), "vmlab_proxmox_faults_total") > 0


async def test_open_streams_are_counted_and_have_no_duration(lab: ServedLab):
    async with following(lab.client, lab.student) as stream:
        await stream.until("reset")
        found = await scrape(lab.client)
    assert value(found, "vmlab_event_streams_open") == 1
    assert value(found, "vmlab_consoles_open") == 0
    assert (
        "vmlab_request_seconds_count",
        frozenset({("endpoint", "/api/v1/events/")}),
    ) not in found


@pytest.mark.parametrize(
    "headers", [{}, {"Authorization": "Bearer another"}, {"Authorization": TOKEN}]
)
async def test_who_has_not_the_token_is_refused(client: Client, headers: dict[str, str]):
    answer = await client.get("/metrics", headers=headers)
    assert answer.status == 401
    assert "vmlab_" not in await answer.text()


class TestByNetwork:
    """Where networks are let in."""

    @pytest.fixture(params=[["127.0.0.0/8", "::1"], ["10.0.0.0/8"], []])
    def networks(self, request: pytest.FixtureRequest) -> list[str]:
        """Ours, another, none."""
        return list(request.param)

    @pytest.fixture
    def settings(self, settings: Settings, networks: Iterable[str]) -> Settings:
        """No token but these networks."""
        return dataclasses.replace(settings, metrics=Metrics(networks=tuple(networks)))

    async def test_there_is_no_such_place_for_anybody_else(
        self, client: Client, networks: list[str]
    ):
        answer = await client.get("/metrics")
        assert answer.status == (200 if "::1" in networks else 404)
