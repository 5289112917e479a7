"""Every answer wears the envelope, those of the framework too."""

from __future__ import annotations

from tests.handlers.conftest import Client


async def test_an_unknown_path_is_told_in_chinese_by_default(client: Client):
    answer = await client.get("/api/v1/nowhere/")
    body = await answer.json()
    assert answer.status == 404
    assert body["success"] is False
    assert body["error"]["code"] == "RESOURCE_001"
    assert body["error"]["message"] == "资源不存在"
    assert body["timestamp"].endswith("Z")
