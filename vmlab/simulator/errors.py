"""The one error that handlers and jobs raise: an HTTP status and Proxmox's own text."""

from __future__ import annotations

PARAMETERS_WRONG = "Parameter verification failed."


class ApiError(Exception):
    """What Proxmox would answer instead of data.

    Raised by a handler it becomes the response; raised in a job its text is the exit status.

    Args:
        status: HTTP status; 59x end as an empty answer, as a proxying pveproxy gives it.
        message: text without its final newline; its first line becomes the reason phrase.
        errors: texts by parameter, for status 400.
    """

    def __init__(self, status: int, message: str, errors: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.errors = errors


def invalid(**errors: str) -> ApiError:
    """A refused parameter: 400 with a text for each; `_` in a name stands for `-`."""
    return invalid_parameters({name.replace("_", "-"): text for name, text in errors.items()})


def invalid_parameters(errors: dict[str, str]) -> ApiError:
    """A refused parameter whose name is no Python identifier."""
    return ApiError(400, PARAMETERS_WRONG, errors)


def denied(what: str = "") -> ApiError:
    """403 as pve-access-control's raise_perm_exc words it."""
    return ApiError(403, f"Permission check failed ({what})" if what else "Permission check failed")


class Plain(Exception):
    """An answer by the HTTP layer itself: no JSON, only status, reason and perhaps a text."""

    def __init__(self, status: int, reason: str, body: str = "") -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason
        self.body = body


class Dropped(Exception):
    """The connection is to be cut without an answer."""
