"""The three calls that the API's design document shows, as they stand there."""

from __future__ import annotations

from tests.handlers.lab import ServedLab

CREATE = """{
    "name": "ubuntu-vm-001",
    "template_id": 1,
    "cpu_cores": 2,
    "memory_mb": 2048,
    "disk_gb": 20,
    "course_id": 1
  }"""
METRICS = "start_time=2025-07-23T00:00:00Z&end_time=2025-07-23T23:59:59Z"


async def test_the_documents_own_examples(worked_lab: ServedLab):
    lab = worked_lab
    bearer = {"Authorization": lab.student.headers["Authorization"]}
    created = await lab.client.post(
        "/api/v1/vms/", data=CREATE, headers=bearer | {"Content-Type": "application/json"}
    )
    answer = await created.json()
    assert (created.status, set(answer)) == (202, {"success", "data", "message", "timestamp"})
    assert (answer["success"], answer["message"]) == (True, "操作成功")
    vm = answer["data"]
    assert (vm["id"], vm["name"], vm["cpu_cores"]) == (1, "ubuntu-vm-001", 2)
    assert (vm["memory_mb"], vm["disk_gb"], vm["course"]["id"]) == (2048, 20, 1)
    assert (await lab.ended(vm["task"]))["status"] == "succeeded"

    # curl -X POST without -d sends no body and no content type.
    started = await lab.client.post("/api/v1/vms/1/start/", headers=bearer)
    assert started.status == 202
    assert (await lab.ended((await started.json())["data"]["task"]))["status"] == "succeeded"

    measured = await lab.client.get(f"/api/v1/vms/1/metrics/?{METRICS}", headers=bearer)
    answer = await measured.json()
    assert (measured.status, answer["message"]) == (200, "查询成功")
    assert set(answer["data"]) == {"current", "series"}
    for point in answer["data"]["series"]:
        assert "2025-07-23T00:00:00Z" <= point["timestamp"] <= "2025-07-23T23:59:59Z"
