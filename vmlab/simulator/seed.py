"""What the cluster begins with: accounts, least-privilege roles, storages, a pool, a template."""

from __future__ import annotations

import uuid

from vmlab.simulator.state import (
    AclEntry,
    Cluster,
    Guest,
    Pool,
    Role,
    Storage,
    Token,
    User,
    Volume,
)

ROOT_PASSWORD = "proxmox"  # noqa: S105
TEMPLATE_ID = 9000
_GUEST = (
    "VM.Allocate VM.Audit VM.Clone VM.Config.CDROM VM.Config.CPU VM.Config.Cloudinit "
    "VM.Config.Disk VM.Config.HWType VM.Config.Memory VM.Config.Network VM.Config.Options "
    "VM.Console VM.Migrate VM.PowerMgmt VM.Snapshot VM.Snapshot.Rollback Pool.Audit"
)
_IMPORT = "Datastore.Allocate Datastore.AllocateSpace Datastore.AllocateTemplate Datastore.Audit"
_AGENT = {8: " VM.Monitor", 9: " VM.GuestAgent.Audit VM.GuestAgent.Unrestricted"}


def plant(cluster: Cluster, *, full_seed: bool) -> tuple[str, str]:
    """Fill a cluster; returns id and secret of the token for VMLab."""
    cluster.users["root@pam"] = User("root@pam", password=ROOT_PASSWORD)
    root = Token("root@pam", "vmlab", str(uuid.uuid4()), privsep=False)
    cluster.tokens[root.full] = root
    _storages(cluster)
    if not full_seed:
        return root.full, root.secret
    _template(cluster)
    return _service_account(cluster)


def _storages(cluster: Cluster) -> None:
    upload = frozenset({"iso", "import", "vztmpl", "backup", "snippets"})
    images = frozenset({"images", "rootdir", "iso", "import"})
    for storage in (
        Storage("local", "dir", upload, path="/var/lib/vz", total_bytes=100 * 2**30),
        Storage("vmdisks", "dir", images, shared=True, path="/srv/vmdisks", total_bytes=4 * 2**40),
        Storage("local-lvm", "lvmthin", frozenset({"images", "rootdir"}), total_bytes=2**40),
    ):
        cluster.storages[storage.storage] = storage


def _template(cluster: Cluster) -> None:
    node = next(iter(cluster.nodes))
    now = int(cluster.clock.time())
    volid = f"vmdisks:{TEMPLATE_ID}/base-{TEMPLATE_ID}-disk-0.qcow2"
    cluster.storages["vmdisks"].on(node)[volid] = Volume(
        volid, "images", "qcow2", 8 * 2**30, now, used=600 * 2**20, vmid=TEMPLATE_ID
    )
    config = {
        "agent": "1",
        "boot": "order=scsi0",
        "cores": 1,
        "memory": "1024",
        "meta": f"creation-qemu=10.0.2,ctime={now}",
        "name": "debian-13",
        "net0": f"virtio={cluster.new_mac()},bridge=vmbr0",
        "ostype": "l26",
        "scsi0": f"{volid},size=8G",
        "scsihw": "virtio-scsi-pci",
        "smbios1": f"uuid={uuid.uuid4()}",
        "tags": "template",
        "template": 1,
        "vmgenid": str(uuid.uuid4()),
    }
    cluster.guests[TEMPLATE_ID] = Guest(TEMPLATE_ID, node, config, born_at=cluster.clock.time())


def plant_guests(cluster: Cluster, count: int) -> None:
    """Add linked clones of the template to its pool, spread over the nodes, VMIDs from 1000 on."""
    nodes, template = list(cluster.nodes), cluster.guests[TEMPLATE_ID]
    base = template.config["scsi0"].partition(",")[0]
    disks, now = cluster.storages["vmdisks"], cluster.clock.time()
    for number in range(count):
        vmid, node = 1000 + number, nodes[number % len(nodes)]
        volid = f"{base}/{vmid}/vm-{vmid}-disk-0.qcow2"
        disks.on(node)[volid] = Volume(
            volid, "images", "qcow2", 8 * 2**30, int(now), used=2**20, vmid=vmid, parent=base
        )
        config = {key: value for key, value in template.config.items() if key != "template"}
        config |= {
            "name": f"lab-{vmid}",
            "net0": f"virtio={cluster.new_mac()},bridge=vmbr0",
            "scsi0": f"{volid},size=8G",
            "smbios1": f"uuid={uuid.uuid4()}",
            "tags": "lab",
            "vmgenid": str(uuid.uuid4()),
        }
        cluster.guests[vmid] = Guest(vmid, node, config, born_at=now)
        cluster.pools["vmlab"].vms.add(vmid)


def _service_account(cluster: Cluster) -> tuple[str, str]:
    """A user and token with least privilege: on a pool, its storages and a bridge."""
    for name, privs in {
        "VMLabGuest": _GUEST + _AGENT[cluster.major],
        "VMLabTemplate": "VM.Audit VM.Clone",
        "VMLabStore": "Datastore.AllocateSpace Datastore.Audit",
        "VMLabImport": _IMPORT,
        "VMLabFetch": "Sys.AccessNetwork",
        "VMLabNet": "SDN.Use SDN.Audit",
        "VMLabAudit": "Sys.Audit",
    }.items():
        cluster.roles[name] = Role(name, frozenset(privs.split()))
    cluster.pools["vmlab"] = Pool("vmlab", "VMLab's guests")
    cluster.users["vmlab@pve"] = User("vmlab@pve", password=str(uuid.uuid4()))
    token = Token("vmlab@pve", "svc", str(uuid.uuid4()))
    cluster.tokens[token.full] = token
    for path, role in {
        "/pool/vmlab": "VMLabGuest",
        f"/vms/{TEMPLATE_ID}": "VMLabTemplate",
        "/storage/vmdisks": "VMLabStore",
        "/storage/local": "VMLabImport",
        "/storage/local-lvm": "VMLabStore",
        "/sdn/zones/localnetwork": "VMLabNet",
        "/nodes": "VMLabAudit",
    }.items():
        cluster.acl.add(AclEntry(path, "user", token.userid, role))
        cluster.acl.add(AclEntry(path, "token", token.full, role))
    for kind, name in (("user", token.userid), ("token", token.full)):
        cluster.acl.add(AclEntry("/", kind, name, "VMLabAudit", propagate=False))
    return token.full, token.secret
