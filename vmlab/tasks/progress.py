"""How far a task is, in percent: for people, never for decisions."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from vmlab.tasks.operation import Step


def of_steps(
    steps: Sequence[Step], done: Collection[str], current: Step | None = None, percent: int = 0
) -> int:
    """Weigh the steps that are done against all of them.

    Args:
        steps: all of the operation's.
        done: names of those that are done.
        current: the one under way, if it can tell how far it is.
        percent: how far that one is.
    """
    total = sum(step.weight for step in steps)
    if not total:
        return 0
    share = sum(step.weight for step in steps if step.name in done)
    hundredths = share * 100 + (current.weight * percent if current else 0)
    # A hundred is kept for the end itself.
    return min(99, hundredths // total)


def of_children(ended: int, total: int) -> int:
    """The share of a parent's children that have ended, well or not."""
    return ended * 100 // total if total else 0
