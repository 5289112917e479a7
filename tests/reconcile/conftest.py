"""A lab with a reconciler that has no patience to lose."""

from __future__ import annotations

from tests.operations.conftest import lab, sim

__all__ = ["lab", "sim"]
