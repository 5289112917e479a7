"""What an operation is: a table of steps, with what undoes each of them.

`vmlab.operations` writes such tables, `vmlab.tasks.walk` walks them. All functions of a step take
the `Run` they belong to, and each may be called again after a crash, so each must be harmless when
what it does has been done already.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

from vmlab.models import Task, TaskStatus

if TYPE_CHECKING:
    from vmlab.tasks.run import Run

Undo: TypeAlias = Callable[["Run"], Awaitable[str | None]]
Look: TypeAlias = Callable[["Run"], Awaitable[Any]]
Lanes: TypeAlias = Callable[["Run"], Awaitable[Sequence[str]]]
Settle: TypeAlias = Callable[["Run", TaskStatus], Awaitable[None]]


@dataclass(frozen=True)
class Step:
    """One thing that is done, and saved as done.

    Attributes:
        name: unique in the operation; later steps find the output under it.
        do: does it and returns what JSON can carry.
        undo: takes it back. It looks first: what is gone already, or was never there, is success.
            Returns the UPID of the Proxmox task that finishes it, or None. None for a step that
            leaves nothing behind.
        look: tells whether the effect is there already: the output, or None if it is not. Asked
            before a step is done once more, and before a failure of Proxmox is believed.
        lanes: what it takes a place in, from its beginning until another step names others; it
            waits until all have one free. None: the task stays where it is. Unwinding never waits.
            An operation whose steps wait is submitted into a line (`lanes.line_before`), or too
            many of its tasks would be claimed.
        weight: its share of the progress bar, in relation to the others.
    """

    name: str
    do: Callable[[Run], Awaitable[Any]]
    undo: Undo | None = None
    look: Look | None = None
    lanes: Lanes | None = field(default=None, kw_only=True)
    weight: int = field(default=1, kw_only=True)


@dataclass(frozen=True)
class PveStep(Step):
    """A step that starts a task in Proxmox and is done when that task has ended well.

    `do` only makes the call. It returns the UPID, which becomes the output, or None where nothing
    is left to do.

    Attributes:
        type: what Proxmox calls such a task, `qmstart` for instance.
        at: node and id under which Proxmox lists it, so that a task whose UPID was never saved
            can be found; an empty node if there is nothing to start it on. None where that does
            not tell it from others, and only `look` can: a clone is listed under its *source*,
            like all the others of that source.
        stoppable: a cancel stops the task in Proxmox; otherwise its end is waited for.
    """

    type: str = field(kw_only=True)
    at: Callable[[Run], tuple[str, int]] | None = field(default=None, kw_only=True)
    stoppable: bool = field(default=False, kw_only=True)
    weight: int = field(default=4, kw_only=True)


@dataclass(frozen=True)
class Operation:
    """A verb, as the engine knows it.

    Attributes:
        kind: its name in the `tasks` table, `vm.create` for instance.
        steps: in the order in which they are done.
        settle: writes the outcome into the domain's rows, within the transaction that ends the
            task and frees its lock: both happen, or neither. `run.stuck` tells whether something
            may have been left behind.
        readmit: called within the transaction in which a failed or cancelled task is taken up
            again; does for the domain's rows what admission did, or raises to refuse.
    """

    kind: str
    steps: tuple[Step, ...]
    settle: Settle
    readmit: Callable[[Task], Awaitable[None]] | None = None

    def __post_init__(self) -> None:
        names = [step.name for step in self.steps]
        if len(set(names)) != len(names):
            raise ValueError(f"{self.kind}: two steps of one name in {names}")


Operations: TypeAlias = Mapping[str, Operation]
"""All that can be done, by kind."""
