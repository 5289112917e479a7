"""The walk down the ACL tree, pools, tokens, and the texts of refusals."""

from typing import Any

import pytest

from vmlab.simulator import Clock, acl
from vmlab.simulator.errors import ApiError
from vmlab.simulator.permissions import authorize
from vmlab.simulator.routes import Identity
from vmlab.simulator.state import AclEntry, Cluster, Pool, Role, Token, User


@pytest.fixture
def cluster() -> Cluster:
    cluster = Cluster("8.4.21", Clock(explicit=True))
    cluster.roles = dict(acl.builtin_roles(8))
    cluster.users["a@pve"] = User("a@pve")
    return cluster


def _grant(
    cluster: Cluster,
    path: str,
    role: str,
    who: str = "a@pve",
    *,
    kind: str = "user",
    propagate: bool = True,
) -> None:
    cluster.acl.add(AclEntry(path, kind, who, role, propagate))


def _held(cluster: Cluster, path: str, who: str = "a@pve") -> set[str]:
    return set(acl.permissions(cluster, who, path))


def test_the_deepest_entry_replaces_what_is_above(cluster: Cluster) -> None:
    _grant(cluster, "/", "Administrator")
    _grant(cluster, "/vms/100", "PVETemplateUser")
    assert _held(cluster, "/vms/100") == {"VM.Audit", "VM.Clone"}
    assert "VM.Allocate" in _held(cluster, "/vms/101")


def test_without_propagate_a_grant_ends_at_its_path(cluster: Cluster) -> None:
    _grant(cluster, "/vms", "PVETemplateUser", propagate=False)
    assert acl.permissions(cluster, "a@pve", "/vms") == {"VM.Audit": 0, "VM.Clone": 0}
    assert _held(cluster, "/vms/100") == set()


def test_no_access_wins(cluster: Cluster) -> None:
    _grant(cluster, "/vms/100", "PVETemplateUser")
    _grant(cluster, "/vms/100", "NoAccess")
    assert _held(cluster, "/vms/100") == set()


def test_users_beat_groups(cluster: Cluster) -> None:
    cluster.groups["g"] = ""
    cluster.users["a@pve"].groups.add("g")
    _grant(cluster, "/vms/100", "PVEVMAdmin", "g", kind="group")
    assert "VM.Allocate" in _held(cluster, "/vms/100")
    _grant(cluster, "/vms/100", "PVETemplateUser")
    assert _held(cluster, "/vms/100") == {"VM.Audit", "VM.Clone"}


def test_a_pool_lends_its_rights_to_its_members(cluster: Cluster) -> None:
    cluster.pools["p"] = Pool("p", vms={100}, storages={"s"})
    _grant(cluster, "/pool/p", "PVEVMUser")
    _grant(cluster, "/vms/100", "PVETemplateUser")
    held = acl.permissions(cluster, "a@pve", "/vms/100")
    assert held["VM.Console"] == 0, "what a pool lends does not propagate further"
    assert held["VM.Clone"] == 1
    assert held["VM.Audit"] == 1
    assert "VM.Console" in _held(cluster, "/storage/s")
    assert _held(cluster, "/vms/101") == set()


def test_a_nested_pool_inherits(cluster: Cluster) -> None:
    cluster.pools["p/q"] = Pool("p/q", vms={100})
    _grant(cluster, "/pool/p", "PVEVMUser")
    assert "VM.Console" in _held(cluster, "/vms/100")


def test_a_token_has_what_both_it_and_its_owner_have(cluster: Cluster) -> None:
    cluster.tokens["a@pve!t"] = Token("a@pve", "t", "s")
    _grant(cluster, "/vms", "PVETemplateUser")
    assert _held(cluster, "/vms/100", "a@pve!t") == set()
    _grant(cluster, "/vms", "PVEVMUser", "a@pve!t", kind="token")
    assert _held(cluster, "/vms/100", "a@pve!t") == {"VM.Audit"}
    cluster.tokens["a@pve!t"].privsep = False
    assert _held(cluster, "/vms/100", "a@pve!t") == {"VM.Audit", "VM.Clone"}


def test_a_token_of_root_has_all_rights_but_is_not_root(cluster: Cluster) -> None:
    cluster.users["root@pam"] = User("root@pam")
    cluster.tokens["root@pam!t"] = Token("root@pam", "t", "s", privsep=False)
    assert _held(cluster, "/vms/100", "root@pam!t") == acl.privileges(8)
    with pytest.raises(ApiError, match=r"Permission check failed \(user != root@pam\)"):
        authorize(cluster, Identity("root@pam", "t"), None, {})
    authorize(cluster, Identity("root@pam"), None, {})


def test_privileges_are_the_versions() -> None:
    assert "VM.Monitor" in acl.privileges(8) - acl.privileges(9)
    assert "VM.GuestAgent.Audit" in acl.privileges(9) - acl.privileges(8)


@pytest.mark.parametrize(
    ("check", "params", "text"),
    [
        (["perm", "/vms/{vmid}", ["VM.Audit"]], {"vmid": 1}, " (/vms/1, VM.Audit)"),
        (["perm", "/vms/{vmid}", ["A", "B"], "any", 1], {"vmid": 1}, " (/vms/1, A|B)"),
        (["or", ["perm", "/a", ["X"]], ["perm", "/b", ["X"]]], {}, ""),
        (["perm", "/pool/{pool}", ["VM.Allocate"], "require_param", "pool"], {}, ""),
        (["and", ["perm", "/", ["X"]], ["perm", "/b", ["Y"]]], {}, " (/, X)"),
        (["userid-param", "self"], {"userid": "b@pve"}, ""),
        (
            ["perm-modify", "{path}"],
            {"path": "/vms/1"},
            " (/vms/1, Permissions.Modify|VM.Allocate)",
        ),
    ],
)
def test_refusals_in_proxmox_words(
    cluster: Cluster, check: list[Any], params: dict[str, Any], text: str
) -> None:
    with pytest.raises(ApiError) as refused:
        authorize(cluster, Identity("a@pve"), {"check": check}, params)
    assert refused.value.status == 403
    assert refused.value.message == f"Permission check failed{text}"


def test_an_or_rule_is_met_by_either(cluster: Cluster) -> None:
    check = ["or", ["perm", "/vms/1", ["VM.Audit"]], ["perm", "/vms/2", ["VM.Audit"]]]
    _grant(cluster, "/vms/2", "PVETemplateUser")
    authorize(cluster, Identity("a@pve"), {"check": check}, {})


def test_rights_on_a_users_group_reach_the_user(cluster: Cluster) -> None:
    cluster.users["b@pve"] = User("b@pve", groups={"class"})
    cluster.roles["Teacher"] = Role("Teacher", frozenset({"User.Modify"}))
    check = {"check": ["userid-group", ["User.Modify"]]}
    with pytest.raises(ApiError):
        authorize(cluster, Identity("a@pve"), check, {"userid": "b@pve"})
    _grant(cluster, "/access/groups/class", "Teacher")
    new = {"check": ["userid-group", ["User.Modify"], "groups_param", "create"]}
    authorize(cluster, Identity("a@pve"), new, {"userid": "c@pve", "groups": "class"})
    for groups in ("", "class,other"):
        with pytest.raises(ApiError):
            authorize(cluster, Identity("a@pve"), new, {"userid": "c@pve", "groups": groups})
    authorize(cluster, Identity("a@pve"), check, {"userid": "b@pve"})
    with pytest.raises(ApiError, match="no such user"):
        authorize(cluster, Identity("root@pam", "t"), check, {"userid": "x@pve"})


@pytest.mark.parametrize(
    ("path", "normal"),
    [("/vms//100/", "/vms/100"), ("vms", "/vms"), ("/", "/"), ("/nosuch", None), ("/vms/x", None)],
)
def test_acl_paths(path: str, normal: str | None) -> None:
    assert acl.normalize(path) == normal
