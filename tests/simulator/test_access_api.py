"""Users, tokens, roles, ACLs, permissions, realms."""

from collections.abc import AsyncIterator

import pytest

from tests.simulator.raw import RawClient
from vmlab.simulator import Simulator

PASSWORD = "abcdefgh"


@pytest.fixture
async def low(sim: Simulator, api: RawClient) -> AsyncIterator[RawClient]:
    """A client whose token has no rights at all."""
    await api("POST", "/access/users", {"userid": "low@pve", "password": PASSWORD})
    made = await api("POST", "/access/users/low@pve/token/t1", {"privsep": 1})
    header = f"PVEAPIToken={made.data['full-tokenid']}={made.data['value']}"
    async with RawClient(sim, header) as client:
        yield client


async def test_users(api: RawClient) -> None:
    form = {"userid": "a@pve", "password": PASSWORD, "comment": "A", "email": "a@x.org"}
    assert (await api("POST", "/access/users", form)).json == {"data": None}
    again = await api("POST", "/access/users", form)
    assert again.reason == "create user failed: user 'a@pve' already exists"
    assert (await api("GET", "/access/users/a@pve")).data == {
        "enable": 1,
        "expire": 0,
        "comment": "A",
        "email": "a@x.org",
        "groups": [],
    }
    await api("PUT", "/access/users/a@pve", {"enable": 0})
    rows = (await api("GET", "/access/users")).data
    assert {row["userid"]: row["enable"] for row in rows}["a@pve"] == 0
    assert {row["userid"]: row["realm-type"] for row in rows}["root@pam"] == "pam"
    await api("DELETE", "/access/users/a@pve")
    assert (await api("GET", "/access/users/a@pve")).reason == "no such user ('a@pve')"


async def test_a_new_user_logs_in(sim: Simulator, low: RawClient) -> None:
    async with RawClient(sim, None) as nobody:
        form = {"username": "low@pve", "password": PASSWORD}
        data = (await nobody("POST", "/access/ticket", form)).data
    assert data["username"] == "low@pve"
    assert "clustername" not in data
    assert data["cap"]["vms"] == {}


async def test_tokens(api: RawClient, low: RawClient) -> None:
    path = "/access/users/low@pve/token/t1"
    assert (await api("GET", path)).data == {"privsep": 1, "expire": 0}
    again = await api("POST", path)
    assert again.json["errors"] == {"tokenid": "Token already exists."}
    refused = await low("POST", "/access/users/root@pam/token/t2")
    assert refused.reason == "Permission check failed"
    assert [row["tokenid"] for row in (await api("GET", "/access/users/low@pve/token")).data]
    assert (await api("DELETE", path)).status == 200
    assert (await low("GET", "/version")).status == 401
    assert (await api("GET", path)).reason == "no such token 't1' for user 'low@pve'"


async def test_nine_gives_a_token_a_new_secret() -> None:
    async with Simulator(version="9.2", auth_delay_s=0.0) as sim, RawClient(sim) as api:
        path = "/access/users/root@pam/token/t9"
        first = (await api("POST", path, {"privsep": 0, "comment": "c"})).data["value"]
        data = (await api("PUT", path, {"regenerate": 1})).data
        assert set(data) == {"full-tokenid", "value", "privsep", "comment", "expire"}
        assert data["value"] != first
        assert (await api("PUT", path, {"delete": "comment"})).data == {"privsep": 0, "expire": 0}


async def test_eight_does_not_know_regenerate(api: RawClient, low: RawClient) -> None:
    answer = await api("PUT", "/access/users/low@pve/token/t1", {"regenerate": 1})
    assert set(answer.json["errors"]) == {"regenerate"}


async def test_roles(api: RawClient) -> None:
    form = {"roleid": "Lab", "privs": "VM.Audit,VM.Console"}
    assert (await api("POST", "/access/roles", form)).status == 200
    await api("PUT", "/access/roles/Lab", {"privs": "VM.Clone", "append": 1})
    assert (await api("GET", "/access/roles/Lab")).data == {
        "VM.Audit": 1,
        "VM.Clone": 1,
        "VM.Console": 1,
    }
    await api("PUT", "/access/roles/Lab", {"privs": "VM.Clone"})
    rows = (await api("GET", "/access/roles")).data
    listed = {row["roleid"]: row for row in rows}
    assert listed["Lab"] == {"roleid": "Lab", "privs": "VM.Clone", "special": 0}
    assert listed["PVETemplateUser"]["privs"] == "VM.Audit,VM.Clone"
    assert (await api("DELETE", "/access/roles/PVEAdmin")).status == 500
    await api("DELETE", "/access/roles/Lab")
    assert (await api("GET", "/access/roles/Lab")).reason == "role 'Lab' does not exist"
    taken = await api("POST", "/access/roles", {"roleid": "pvefoo", "privs": ""})
    text = "cannot use role ID starting with the (case-insensitive) 'PVE' namespace"
    assert taken.json["errors"] == {"roleid": text}


async def test_a_token_needs_a_grant_of_its_own(
    sim: Simulator, api: RawClient, low: RawClient
) -> None:
    async def seen() -> object:
        answer = await low("GET", "/access/permissions", {"path": "/vms/9000"})
        return answer.data["/vms/9000"]

    async def grant(**subject: str) -> None:
        answer = await api(
            "PUT", "/access/acl", {"path": "/vms/9000", "roles": "PVETemplateUser", **subject}
        )
        assert answer.json == {"data": None}

    assert await seen() == {}
    await grant(users="low@pve")
    assert await seen() == {}
    await grant(tokens="low@pve!t1")
    assert await seen() == {"VM.Audit": 1, "VM.Clone": 1}
    everywhere = (await low("GET", "/access/permissions")).data
    assert everywhere == {"/vms/9000": {"VM.Audit": 1, "VM.Clone": 1}}
    rows = (await api("GET", "/access/acl")).data
    assert {
        "path": "/vms/9000",
        "type": "token",
        "ugid": "low@pve!t1",
        "roleid": "PVETemplateUser",
        "propagate": 1,
    } in rows
    await grant(tokens="low@pve!t1", delete="1")
    assert await seen() == {}
    assert (await low("GET", "/access/acl")).data == []


@pytest.mark.parametrize(
    ("form", "status", "key"),
    [
        ({"path": "/nosuch", "roles": "PVEAdmin", "users": "root@pam"}, 400, "path"),
        ({"path": "/vms", "roles": "PVEAdmin"}, 400, "users"),
        ({"path": "/vms", "roles": "Nosuch", "users": "root@pam"}, 500, None),
        ({"path": "/vms", "roles": "PVEAdmin", "users": "no@pve"}, 500, None),
        ({"path": "/vms", "roles": "PVEAdmin", "tokens": "root@pam!nosuch"}, 500, None),
    ],
)
async def test_wrong_grants(
    api: RawClient, form: dict[str, str], status: int, key: str | None
) -> None:
    answer = await api("PUT", "/access/acl", form)
    assert answer.status == status
    assert key is None or key in answer.json["errors"]


async def test_one_hands_out_only_what_one_has(
    sim: Simulator, api: RawClient, low: RawClient
) -> None:
    for subject in ({"users": "low@pve"}, {"tokens": "low@pve!t1"}):
        form = {"path": "/vms/9000", "roles": "PVEVMAdmin", **subject}
        await api("PUT", "/access/acl", form)
    form = {"path": "/vms/9000", "users": "vmlab@pve"}
    assert (await low("PUT", "/access/acl", {**form, "roles": "PVEVMUser"})).status == 200
    assert (await low("PUT", "/access/acl", {**form, "roles": "Administrator"})).status == 403
    refused = await low("PUT", "/access/acl", {**form, "path": "/vms/1000", "roles": "PVEVMUser"})
    text = "Permission check failed (/vms/1000, Permissions.Modify|VM.Allocate)"
    assert refused.reason == text


async def test_permissions_of_root_and_of_others(
    sim: Simulator, api: RawClient, low: RawClient
) -> None:
    sim.cluster.acl.clear()
    sim.cluster.pools.clear()
    data = (await api("GET", "/access/permissions")).data
    tops = {"/", "/access", "/access/groups", "/nodes", "/pool", "/sdn", "/storage", "/vms"}
    assert data.keys() == tops
    assert all(privs["VM.Monitor"] == 1 for privs in data.values())
    assert (await api("GET", "/access/permissions", {"userid": "low@pve"})).data == {}
    refused = await low("GET", "/access/permissions", {"userid": "root@pam"})
    assert refused.reason == "Permission check failed (/access, Sys.Audit)"


async def test_realms_are_known_to_everybody(sim: Simulator) -> None:
    async with RawClient(sim, None) as nobody:
        rows = (await nobody("GET", "/access/domains")).data
    assert {row["realm"] for row in rows} == {"pam", "pve"}
