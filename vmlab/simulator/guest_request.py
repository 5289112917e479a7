"""Options as a request brings them, turned into what the configuration keeps."""

from __future__ import annotations

import re
import uuid
from typing import Any
from urllib.parse import unquote

from vmlab.simulator.errors import ApiError
from vmlab.simulator.guest_drives import DRIVE_KEYS, Drive, new_smbios, print_net
from vmlab.simulator.guest_options import normal_tags
from vmlab.simulator.sha_crypt import sha256_crypt
from vmlab.simulator.state import Cluster

_SSH_KEY = re.compile(
    r"(ssh-(rsa|ed25519|dss)|ecdsa-sha2-\S+|sk-\S+)\s+[A-Za-z0-9+/]+=*(\s.*)?", re.ASCII
)


def normalise(
    cluster: Cluster, values: dict[str, Any], *, creating: bool = False
) -> dict[str, Any]:
    """Options as the configuration keeps them: MAC addresses, tags, hashed password and so on.

    Args:
        cluster: gives new MAC addresses.
        values: checked parameters.
        creating: create keeps a cloud-init password as it came, and 8.4 the tags, too.

    Raises:
        ApiError: 500 for text that is no SSH key.
    """
    result = dict(values)
    if "cdrom" in result:
        result["ide2"] = str(Drive("ide2", result.pop("cdrom"), {"media": "cdrom"}))
    for key, value in values.items():
        if re.fullmatch(r"net\d+", key):
            result[key] = print_net(value, cluster.new_mac)
        elif key in DRIVE_KEYS:
            result[key] = str(Drive.parse(key, value))
        elif key == "tags" and not (creating and cluster.major < 9):
            result[key] = normal_tags(value)
        elif key == "sshkeys":
            check_ssh_keys(value)
        elif key == "smbios1" and "uuid=" not in value:
            result[key] = new_smbios(value)
        elif key == "vmgenid" and value == "1":
            result[key] = str(uuid.uuid4())
        elif key == "cipassword" and not creating and not value.startswith(("$5$", "$6$")):
            result[key] = sha256_crypt(value)
    return result


def check_ssh_keys(text: str) -> None:
    """Refuse anything but percent-encoded public keys, one a line."""
    lines = (line.strip() for line in unquote(text).splitlines())
    if not all(_SSH_KEY.fullmatch(line) for line in lines if line and not line.startswith("#")):
        raise ApiError(500, "SSH public key validation error")
