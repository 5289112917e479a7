"""The recorded exchanges, and the rule that sorts them into kinds.

Everything else in this folder starts here: the scenes replay recordings by name, the comparer takes
the kind's other recordings to know which keys are optional, the table of what is left out names
kinds.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

SAMPLES = Path(__file__).parent / "samples"
VERSIONS = ("8.4", "9.2")

_FORMATS = {"/api2/json": "json", "/api2/extjs": "extjs"}

_PLACEHOLDERS = tuple(
    (re.compile(pattern), placeholder)
    for pattern, placeholder in (
        (r"UPID:[^/]*", "{upid}"),
        (r"^/nodes/[^/]+", "/nodes/{node}"),
        (r"^(/nodes/{node}/qemu)/[^/]+", r"\1/{vmid}"),
        (r"^(/nodes/{node}/storage)/[^/]+", r"\1/{storage}"),
        (r"/content/.+", "/content/{volume}"),
        (r"/snapshot/[^/]+", "/snapshot/{snapname}"),
        (r"^/pools/.+", "/pools/{poolid}"),
        (r"^/access/users/[^/]+", "/access/users/{userid}"),
        (r"/token/[^/]+", "/token/{tokenid}"),
        (r"^/access/roles/[^/]+", "/access/roles/{roleid}"),
        (r"/zones/[^/]+", "/zones/{zone}"),
        (r"/vnets/[^/]+", "/vnets/{vnet}"),
    )
)


@dataclass(frozen=True, order=True)
class Kind:
    """What makes two exchanges the same sort of exchange.

    The rule: the method; the format (`json` or `extjs`, which answer differently); the path without
    its query, empty segments dropped and ids replaced by placeholders; the status; the reason
    phrase with numbers and quoted names taken out; and, because every 400 has the same phrase, the
    names of the parameters that were refused. By this rule the recordings of 8.4 have 169 kinds.
    """

    path: str
    method: str
    format: str
    status: int
    reason: str
    refused: tuple[str, ...]

    @property
    def endpoint(self) -> str:
        """Method, path and format."""
        return f"{self.method} {self.path}{' as extjs' if self.format == 'extjs' else ''}"

    @property
    def answer(self) -> str:
        """Status, reason phrase and refused parameters."""
        return " ".join([str(self.status), self.reason, ", ".join(self.refused)]).strip()

    def __str__(self) -> str:
        """One line, also the key of the table of what is left out."""
        return f"{self.endpoint} {self.answer}"


@dataclass(frozen=True, eq=False)
class Recording:
    """One exchange: what was asked, by whom, and what Proxmox VE answered."""

    name: str
    method: str
    target: str
    identity: str | None
    csrf: bool
    content_type: str | None
    sent: str | None
    status: int
    reason: str
    headers: Mapping[str, str]
    body: Any

    @cached_property
    def kind(self) -> Kind:
        """The kind that this exchange is of."""
        url = urlsplit(self.target)
        prefix = url.path[: url.path.index("/", len("/api2/"))]
        errors = self.body.get("errors", {}) if isinstance(self.body, dict) else {}
        return Kind(
            path=path_pattern(url.path.removeprefix(prefix)),
            method=self.method,
            format=_FORMATS[prefix],
            status=self.status,
            reason=re.sub(r"\d+", "N", re.sub(r"'[^']*'", "'…'", self.reason)),
            refused=tuple(sorted(errors)),
        )

    @cached_property
    def question(self) -> tuple[Kind, str | None, tuple[str, ...]]:
        """What the shape of the answer depends on: kind, asker, names of the query's parameters."""
        query = sorted({name for name, _ in parse_qsl(urlsplit(self.target).query)})
        return self.kind, self.identity, tuple(query)


def path_pattern(path: str) -> str:
    """`path` (percent-encoded, without the format's prefix) with placeholders for its ids."""
    pattern = "/" + "/".join(segment for segment in unquote(path).split("/") if segment)
    for expression, placeholder in _PLACEHOLDERS:
        pattern = expression.sub(placeholder, pattern)
    return pattern


def _read(line: str) -> Recording:
    fields = json.loads(line)
    request, response = fields["request"], fields["response"]
    return Recording(
        name=fields["name"],
        method=request["method"],
        target=request["path"],
        identity=request["as"],
        csrf=request["csrf"],
        content_type=request["type"],
        sent=request["body"],
        status=response["status"],
        reason=response["reason"],
        headers=response["headers"],
        body=response["body"],
    )


@lru_cache
def recordings(version: str) -> Mapping[str, Recording]:
    """All recordings of `version` ("8.4" or "9.2") by name."""
    text = (SAMPLES / f"samples-{version}.jsonl").read_text(encoding="utf-8")
    read = [_read(line) for line in text.splitlines()]
    return {recording.name: recording for recording in read}


@lru_cache
def kinds(version: str) -> Mapping[Kind, tuple[Recording, ...]]:
    """The kinds of `version`, each with its recordings."""
    grouped: dict[Kind, list[Recording]] = {}
    for recording in recordings(version).values():
        grouped.setdefault(recording.kind, []).append(recording)
    return {kind: tuple(grouped[kind]) for kind in sorted(grouped)}


@lru_cache
def peers(version: str, recording: Recording) -> tuple[Recording, ...]:
    """The recordings of `version` that ask the same as `recording`, itself among them."""
    same_kind = kinds(version)[recording.kind]
    return tuple(peer for peer in same_kind if peer.question == recording.question)
