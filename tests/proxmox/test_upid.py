"""UPIDs as Proxmox VE 8.4 and 9.2 wrote them."""

import pytest

from vmlab.proxmox.upid import Upid

RECORDED = [
    "UPID:pve1:00004173:00033979:6B028C36:qmcreate:100:root@pam!vmlab:",
    "UPID:pve1:000056F2:00037BB4:6B028CE0:imgdel:local:root@pam!vmlab:",
    "UPID:pve1:00003534:0005D56E:6B0292E4:vncproxy:110:vmlab@pve!svc:",
    "UPID:node-a:0003C2A1:10A1B2C3D:69A0F00D:qmclone:9000:vmlab@pve!svc:",
    "UPID:pve1:00005724:00037C15:6B028CE1:imgcopy::root@pam:",
]


@pytest.mark.parametrize("text", RECORDED)
def test_written_as_read(text: str):
    assert str(Upid.parse(text)) == text


def test_fields():
    upid = Upid.parse("UPID:pve1:00004173:00033979:6B028C36:qmclone:9000:vmlab@pve!svc:")
    assert upid == Upid("pve1", 16755, 211321, 1795329078, "qmclone", "9000", "vmlab@pve!svc")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "UPID:pve1",
        "UPID:pve1:00004173:00033979:6B028C36:qmcreate:100:root@pam!vmlab",
        "UPID:pve1:4173:00033979:6B028C36:qmcreate:100:root@pam:",
        "UPID:pve1:00004173:00033979:6B028C36:qmcreate:1/00:root@pam:",
        "UPID:../pve1:00004173:00033979:6B028C36:qmcreate:100:root@pam:",
        " UPID:pve1:00004173:00033979:6B028C36:qmcreate:100:root@pam:",
        "UPID:pve1:00004173:00033979:6B028C36:qmcreate:100:root@pam:\n",
    ],
)
def test_refused(text: str):
    with pytest.raises(ValueError, match="not a UPID"):
        Upid.parse(text)
