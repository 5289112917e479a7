"""The scenes: which recordings are replayed, after which set-ups, in which order.

Each scene gets a stage of its own and serves both versions.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from tests.simulator.conformance.stage import Stage

Scene = Callable[[Stage], Awaitable[None]]
