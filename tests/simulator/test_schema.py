"""Parameters against Proxmox's own description, with its texts."""

from typing import Any

import pytest

from tests.simulator.raw import RawClient
from vmlab.simulator import Simulator, formats, propstring
from vmlab.simulator.checks import check_object
from vmlab.simulator.errors import ApiError
from vmlab.simulator.schema import Schema

CREATE = ("POST", "/nodes/{node}/qemu")


def _errors(params: dict[str, Any], call: tuple[str, str] = CREATE, major: int = 8) -> Any:
    schema = Schema(major)
    endpoint = schema.endpoint(*call)
    assert endpoint is not None
    with pytest.raises(ApiError) as refused:
        schema.check(endpoint, {"node": "pve1", **params})
    assert refused.value.message == "Parameter verification failed."
    return refused.value.errors


def test_all_that_is_wrong_is_told_at_once() -> None:
    assert _errors({"vmid": "5", "memory": "abc", "foo": "bar"}) == {
        "foo": "property is not defined in schema and the schema does not allow "
        "additional properties",
        "vmid": "invalid format - value does not look like a valid VM ID\n",
        "memory": "invalid format - format error\n"
        "memory.current: type check ('integer') failed - got 'abc'\n",
    }


@pytest.mark.parametrize(
    ("params", "errors"),
    [
        ({}, {"vmid": "property is missing and it is not optional"}),
        (
            {"vmid": "150", "name": "bad_name!"},
            {"name": "invalid format - value does not look like a valid DNS name\n"},
        ),
        ({"vmid": "abc"}, {"vmid": "type check ('integer') failed - got 'abc'"}),
        (
            {"vmid": "100", "onboot": "true"},
            {"onboot": "type check ('boolean') failed - got 'true'"},
        ),
        ({"vmid": "100", "cores": "0"}, {"cores": "value must have a minimum value of 1"}),
        (
            {"vmid": "100", "sshkeys": "ssh-ed25519 AAAA"},
            {"sshkeys": "invalid format - invalid urlencoded string: ssh-ed25519 AAAA\n"},
        ),
        ({"vmid": "100", "bios": "x"}, None),
        (
            {"vmid": "100", "net0": "virtio,nosuch=1"},
            {
                "net0": "invalid format - invalid key in comma-separated list property: nosuch\n",
            },
        ),
        ({"vmid": "100", "net32": "virtio"}, None),
    ],
)
def test_texts(params: dict[str, str], errors: dict[str, str] | None) -> None:
    found = _errors(params)
    if errors is None:
        assert len(found) == 1
    else:
        assert found == errors


def test_values_become_what_the_schema_says() -> None:
    schema = Schema(8)
    endpoint = schema.endpoint(*CREATE)
    assert endpoint is not None
    sent = {"node": "pve1", "vmid": "100", "onboot": True, "cores": 2, "memory": "512", "tags": "a"}
    values = schema.check(endpoint, {**sent, "cpulimit": "1.5"})
    assert values["vmid"] == 100
    assert values["onboot"] == 1
    assert values["cores"] == 2
    assert values["memory"] == "512"
    assert values["cpulimit"] == "1.5"


def test_lists_may_be_repeated_keys() -> None:
    schema = Schema(9)
    endpoint = schema.endpoint("POST", "/nodes/{node}/qemu/{vmid}/agent/exec")
    assert endpoint is not None
    path = {"node": "pve1", "vmid": "100"}
    assert schema.check(endpoint, {**path, "command": ["ls", "-l"]})["command"] == ["ls", "-l"]
    assert schema.check(endpoint, {**path, "command": "ls"})["command"] == ["ls"]


def test_versions_differ() -> None:
    role = ("POST", "/access/roles")
    endpoint = Schema(8).endpoint(*role)
    assert endpoint is not None
    Schema(8).check(endpoint, {"roleid": "R", "privs": "VM.Monitor"})
    text = "invalid format - invalid privilege 'VM.Monitor'\n"
    schema = Schema(9)
    nine = schema.endpoint(*role)
    assert nine is not None
    with pytest.raises(ApiError) as refused:
        schema.check(nine, {"roleid": "R", "privs": "VM.Audit,VM.Monitor"})
    assert refused.value.errors == {"privs": text}
    assert Schema(8).endpoint("POST", "/cluster/sdn/lock") is None
    assert schema.endpoint("POST", "/cluster/sdn/lock") is not None


def test_requires() -> None:
    call = ("POST", "/nodes/{node}/storage/{storage}/upload")
    sent = {"storage": "local", "content": "iso", "filename": "x.iso", "checksum": "0"}
    text = "missing property required by 'checksum'"
    assert _errors(sent, call) == {"checksum-algorithm": text}


NET: dict[str, dict[str, Any]] = {
    "model": {"default_key": 1, "type": "string"},
    "macaddr": {"type": "string", "optional": True},
    "virtio": {"alias": "macaddr", "keyAlias": "model"},
    "bridge": {"type": "string", "optional": True},
    "firewall": {"type": "boolean", "optional": True},
}


def test_property_strings() -> None:
    assert propstring.parse("virtio=AA:BB,bridge=vmbr0,firewall=on", NET) == {
        "model": "virtio",
        "macaddr": "AA:BB",
        "bridge": "vmbr0",
        "firewall": "1",
    }
    assert propstring.parse("virtio", NET) == {"model": "virtio"}
    stored = propstring.split("virtio,bridge=vmbr0", "model")
    assert stored == {"model": "virtio", "bridge": "vmbr0"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("e1000,x=1", "invalid key in comma-separated list property: x\n"),
        ("e1000,bridge=a,bridge=b", "duplicate key in comma-separated list property: bridge\n"),
        ("e1000,=b", "missing key in comma-separated list property\n"),
        ("e1000,virtio=AA", "key alias 'model' is already defined\n"),
    ],
)
def test_wrong_property_strings(text: str, message: str) -> None:
    with pytest.raises(propstring.PropertyStringError) as wrong:
        propstring.parse(text, NET)
    assert str(wrong.value) == message


def test_a_property_string_without_default_key() -> None:
    with pytest.raises(propstring.PropertyStringError, match="does not define a default key"):
        propstring.parse("x", {"a": {"type": "string"}})


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("pve-vmid", "100", "99"),
        ("pve-storage-id", "local-lvm", "1x"),
        ("pve-poolid", "a/b/c", "a/b/c/d"),
        ("pve-tag-list", "a;b,c", "a;!"),
        ("mac-addr", "BC:24:11:00:00:01", "BD:24:11:00:00:01"),
        ("ip", "2001:db8::1", "300.1.1.1"),
        ("pve-qm-ipconfig", "ip=10.0.0.1/24,gw=10.0.0.254", "ip=10.0.0/x"),
        ("pve-userid", "a@pve", "a"),
        ("email-opt", "a.b@x.org", "a@"),
        ("a-format-that-nobody-knows", "x", None),
    ],
)
def test_named_formats(name: str, good: str, bad: str | None) -> None:
    assert formats.check(name, good, 8) is None
    if bad is not None:
        assert formats.check(name, bad, 8)


def test_errors_inside_a_property_string_carry_their_path() -> None:
    errors: dict[str, str] = {}
    schema = {"net0": {"type": "string", "format": NET}}
    check_object("", schema, {"net0": "virtio,firewall=maybe"}, errors, 8)
    text = "net0.firewall: type check ('boolean') failed - got 'maybe'\n"
    assert errors == {"net0": f"invalid format - format error\n{text}"}


async def test_a_parameter_that_contradicts_the_path(api: RawClient) -> None:
    answer = await api("GET", "/nodes/pve1/status", {"node": "pve2"})
    text = "duplicate parameter (already defined in URI) with conflicting values"
    assert answer.json["errors"] == {"node": text}
    assert (await api("GET", "/nodes/pve1/status", {"node": "pve1"})).status == 200


async def test_rights_are_looked_at_before_parameters(sim: Simulator) -> None:
    authorization = f"PVEAPIToken={sim.token_id}={sim.token_secret}"
    async with RawClient(sim, authorization) as client:
        answer = await client("GET", "/nodes/pve1/qemu/100/config", {"x": "1"})
        assert (answer.status, answer.reason) == (
            403,
            "Permission check failed (/vms/100, VM.Audit)",
        )
