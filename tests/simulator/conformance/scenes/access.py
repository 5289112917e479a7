"""Scenes of the front door: versions and formats, tokens and tickets, users and rights."""

from __future__ import annotations

from tests.simulator.conformance import cast
from tests.simulator.conformance.stage import NODE, PASSWORD, Stage


async def front_door(stage: Stage) -> None:
    """What the HTTP server itself decides."""
    await cast.guest(stage, 100, cast.BASE)
    await cast.guest(stage, 110, cast.IMPORTED, description="x", net0="virtio,bridge=vmbr0")
    await stage.replay("001-version", "002-noauth-version", "024-err-unknown-path")
    await stage.replay("024b-err-method", "024c-err-method-not-impl", "167-err-unknown-query")
    await stage.replay("168-head", "168b-options", "161-trailing-slash", "161b-double-slash")
    await stage.replay("160-extjs", "160b-extjs-error", "160c-extjs-param-error")
    await stage.replay("169b-err-body-too-large", sent={"description": "y" * 600_000})
    await stage.replay("164-node-localhost", "165-lxc-list", "165b-err-unknown-action")
    await stage.replay("165c-status-dir", "016-node-status", "158-cluster-status")
    await stage.replay("158b-node-version", "158c-domains", "158d-roles", "158g-cluster-options")
    await stage.replay("158f-cpus", "171f-nodes")
    await stage.replay_only("8.4", "157-network")
    await stage.replay_only("8.4", "023-err-unknown-node", "023b-err-unknown-node-vm")


async def authentication(stage: Stage) -> None:
    """Tokens, tickets and the CSRF token."""
    await cast.service(stage)
    for name, authorization in (
        ("026-err-wrong-token-secret", "PVEAPIToken=root@pam!vmlab=wrong"),
        ("026b-err-unknown-token-user", "PVEAPIToken=nosuch@pve!x=wrong"),
        ("026c-err-garbage-token", "PVEAPIToken=garbage"),
        ("026d-err-bearer", "Bearer abcdef"),
        (
            "026e-token-with-space",
            stage.token("root@pam!vmlab")["Authorization"].replace("=", " ", 1),
        ),
    ):
        await stage.replay(name, headers={"Authorization": authorization})
    await stage.replay("027-err-wrong-password", "027b-err-no-realm")
    form = {"username": "vmlab@pve", "password": PASSWORD}
    answer = await stage.replay("028-ticket", sent=form)
    stage.ticket, stage.csrf_token = answer.data["ticket"], answer.data["CSRFPreventionToken"]
    await stage.replay("029-cookie-get", "029b-cookie-get-unquoted")
    await stage.replay("029c-err-cookie-post-without-csrf", "029d-cookie-post")
    forged = {"Cookie": "PVEAuthCookie=PVE:vmlab@pve:00000000::forged"}
    await stage.replay("029e-err-forged-ticket", headers=forged)
    await stage.replay("029f-ticket-renew", sent={**form, "password": stage.ticket})


async def rights(stage: Stage) -> None:
    """Users, tokens and ACLs, and what a token without rights sees."""
    await cast.service(stage)
    await cast.guest(stage, 100, cast.BASE)
    await cast.guest(stage, 111, cast.TCG)
    await stage.replay("030-permissions", "030b-permissions-path", "030c-permissions-root")
    await stage.replay("031-user-create", "031b-err-user-exists")
    made = await stage.replay("031c-token-create")
    stage.secrets["low@pve!t1"] = made.data["value"]
    await stage.advance(30)
    await stage.replay("032-low-resources", "032b-low-qemu-list", "032c-err-noperm-config")
    await stage.replay("032d-err-noperm-unknown-vm", "032e-err-noperm-start")
    await stage.replay("032f-err-noperm-create", "032g-err-noperm-node-status")
    await stage.replay("032h-low-nodes", "032i-low-nextid", "032j-low-tasks")
    await stage.replay("136-err-vncproxy-noperm", "136b-err-token-create-other", "136c-token-get")
    await stage.replay("136d-users-svc", "136e-acl-svc", "136f-err-acl-svc", "136g-acl-root")
    await stage.replay("136h-permissions-privsep-token", "136i-err-privsep-token-no-acl")
    await stage.replay("136j-acl-token", "136k-privsep-token-with-acl")
    if stage.version == "8.4":
        # There pvestatd was hanging at that moment.
        stage.simulator.cluster.statd.clear()
        stage.simulator.cluster.statd_at.clear()
    await stage.replay("136l-low-resources")


async def least_privilege(stage: Stage) -> None:
    """From no rights to a clone in a pool, one privilege at a time."""
    who = "min@pve!tk"
    await cast.template(stage)
    await stage.admin("POST", "/access/users", userid="min@pve")
    await cast.token(stage, who)
    await stage.admin("POST", "/access/roles", roleid="Steps", privs="VM.Clone,VM.Audit")
    steps = (
        ("180-clone-priv-0-none", "/vms/9000", "VM.Clone,VM.Audit"),
        ("180-clone-priv-1-clone-on-template", "/pool/vmlab", "VM.Allocate,Pool.Audit"),
        ("180-clone-priv-2-alloc-on-pool", "/storage/vmdisks", "Datastore.AllocateSpace"),
        ("180-clone-priv-3-datastore-space", "/sdn/zones/localnetwork/vmbr0", "SDN.Use"),
    )
    for number, (name, path, privileges) in enumerate(steps):
        await stage.replay(name)
        role = f"Step{number}"
        await stage.admin("POST", "/access/roles", roleid=role, privs=privileges)
        await stage.admin("PUT", "/access/acl", path=path, users="min@pve", roles=role)
    await stage.replay("180-clone-priv-4-sdn-use", "181-audit-own-clone")
    await stage.advance(30)
    await stage.replay("181b-resources-min")
    await stage.replay("181c-start-min")
    pool = "VM.Allocate VM.Audit VM.PowerMgmt VM.Console VM.Config.Options VM.Config.Memory"
    privileges = f"{pool} VM.Snapshot Pool.Audit".replace(" ", ",")
    await stage.admin("PUT", "/access/roles/Step1", privs=privileges)
    await stage.replay("181d-start-min-ok")
    await stage.advance(30)
    await stage.replay("181e-tasks-min", "182-err-clone-without-pool")
    await stage.replay_only("8.4", "181f-pool")
    await stage.replay("183-permissions-min", "183b-nodes-min", "183c-storage-min")
    await stage.replay("183d-node-storage-min", "183e-content-min")
    await stage.admin("POST", f"/nodes/{NODE}/qemu/500/status/stop")
    await stage.replay("181g-delete-min")


SCENES = (front_door, authentication, rights, least_privilege)
