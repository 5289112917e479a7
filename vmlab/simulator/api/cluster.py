"""Calls about the cluster as a whole: version, resources, nextid, status, tasks of all nodes."""

from __future__ import annotations

from typing import Any

from vmlab.simulator.routes import Call, route

REPOID = {8: "2606ac850d46da29", 9: "f6e0a1c9d3b57e42"}


def version_of(call: Call) -> dict[str, Any]:
    """What /version and /nodes/N/version answer."""
    cluster = call.cluster
    repoid = REPOID[cluster.major]
    return {"version": cluster.version, "release": cluster.release, "repoid": repoid}


@route("GET", "/version")
async def version(call: Call) -> Any:
    """Version of the node contacted."""
    return version_of(call)
