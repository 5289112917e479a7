"""The parts that endpoints work with; `vmlab.app` builds them, tests build them alike."""

from __future__ import annotations

from dataclasses import dataclass

from vmlab.bus import Bus
from vmlab.config import Settings
from vmlab.handlers.event_hub import EventHub
from vmlab.handlers.metrics import Measures
from vmlab.handlers.observation import Agents
from vmlab.handlers.open_consoles import OpenConsoles
from vmlab.handlers.passwords import Passwords
from vmlab.handlers.throttle import Throttle
from vmlab.handlers.tokens import Tokens
from vmlab.mail import Outbox
from vmlab.operations.avatars import Avatars
from vmlab.operations.uploads import Uploads
from vmlab.proxmox.client import Api
from vmlab.tasks import Operations
from vmlab.tasks.parts import Parts


@dataclass(frozen=True, kw_only=True)
class ApiParts:
    """Everything that lasts longer than a request."""

    settings: Settings
    bus: Bus
    tokens: Tokens
    passwords: Passwords
    login_throttle: Throttle
    reset_throttle: Throttle
    """For mails about forgotten passwords."""
    join_throttle: Throttle
    """For guesses at the codes of courses."""
    outbox: Outbox
    avatars: Avatars
    api: Api
    """The cluster, for consoles; all other work is a task's."""
    work: Parts
    """What operations work with."""
    operations: Operations
    """All that a worker can do; taking up a task again asks them."""
    agents: Agents
    consoles: OpenConsoles
    uploads: Uploads
    """Files that people upload, and the store that has their bytes."""
    events: EventHub
    measures: Measures
