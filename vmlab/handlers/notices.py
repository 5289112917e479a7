"""What a console's page and its server tell each other beside the console itself, as JSON.

    down  {"type": "viewers", "viewers": [{"user", "mode", "since"}, …]}    who else looks on
          {"type": "limit", "limit": "idle", "seconds": 60}    it will be closed
          {"type": "renewal", "secret": "…"}    opens it again (`vmlab.handlers.renewals`)
    up    {"type": "kept"}     the secret has arrived: the one before is not needed any more
          {"type": "here"}     somebody is there: do not close it
          {"type": "resize", "cols": 80, "rows": 24}     terminals only

They stand in text frames, and go down only to those who ask for the subprotocol.
"""

from __future__ import annotations

from typing import Any

import orjson


def read_notice(text: str | bytes) -> dict[str, Any] | None:
    """What a text frame from a page says; None if it is no notice."""
    try:
        said = orjson.loads(text)
    except orjson.JSONDecodeError:
        return None
    return said if isinstance(said, dict) and isinstance(said.get("type"), str) else None
