"""Answers' `data` as Proxmox VE 8.4.21 and 9.2.11 sent them."""

import json
from pathlib import Path
from typing import Any

RECORDED: dict[str, Any] = json.loads(Path(__file__).with_name("recorded.json").read_text())
