"""An outside world for the engine's tests, and a verb on it.

It behaves like Proxmox where that matters: objects have numbers that others can take, making one
twice fails, answers can be lost. It knows nothing of the engine, and survives it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from vmlab.models import Task, TaskStatus
from vmlab.proxmox.faults import AlreadyExists, Failure, GuestMissing, OutcomeUnknown
from vmlab.tasks import Operation, Run, Step

FOREIGN = 7


@dataclass
class Thing:
    """Something out there; `mark` says whose it is."""

    mark: str
    running: bool = False


@dataclass
class World:
    """What is out there, what was asked of it, and how it misbehaves.

    Attributes:
        fails: calls that are refused, without effect.
        loses: calls whose answer is lost once, after the effect.
        lies: calls that say that they failed although they had their effect, once.
    """

    things: dict[int, Thing] = field(default_factory=lambda: {FOREIGN: Thing("somebody's")})
    calls: list[str] = field(default_factory=list)
    fails: frozenset[str] = frozenset()
    loses: set[str] = field(default_factory=set)
    lies: set[str] = field(default_factory=set)
    boundary: Callable[[str], None] = lambda point: None
    last_number: int = FOREIGN

    def next_number(self) -> int:
        """A number that nobody was given before."""
        self.last_number += 1
        return self.last_number

    async def make(self, number: int, mark: str) -> None:
        self._called("make")
        if number in self.things:
            raise AlreadyExists(f"{number} already exists")
        self.things[number] = Thing(mark)
        self._answer("make")

    async def start(self, number: int) -> None:
        self._called("start")
        self._thing(number).running = True
        self._answer("start")

    async def remove(self, number: int) -> None:
        self._called("remove")
        self._thing(number)
        del self.things[number]
        self._answer("remove")

    def ours(self) -> dict[int, Thing]:
        """All that is not somebody else's."""
        return {number: thing for number, thing in self.things.items() if number != FOREIGN}

    def _thing(self, number: int) -> Thing:
        if number not in self.things:
            raise GuestMissing(f"{number} does not exist")
        return self.things[number]

    def _called(self, call: str) -> None:
        self.calls.append(call)
        if call in self.fails:
            raise Failure(f"{call} is refused")

    def _answer(self, call: str) -> None:
        self.boundary(f"{call}: done outside, not saved")
        if call in self.loses:
            self.loses.remove(call)
            raise OutcomeUnknown("the answer was lost", outcome_unknown=True)
        if call in self.lies:
            self.lies.remove(call)
            raise Failure("something went wrong")


def make_thing(world: World, settled: list[TaskStatus] | None = None) -> Operation:
    """Reserve a number, make a thing under it, start it."""

    def mark(run: Run) -> str:
        return f"task {run.task.id}"

    async def reserve(run: Run) -> int:
        return world.next_number()

    async def make(run: Run) -> str:
        await world.make(run.output("reserve"), mark(run))
        return mark(run)

    async def look_made(run: Run) -> str | None:
        thing = world.things.get(run.output("reserve"))
        return thing.mark if thing is not None and thing.mark == mark(run) else None

    async def unmake(run: Run) -> None:
        if await look_made(run) is not None:
            await world.remove(run.output("reserve"))

    async def start(run: Run) -> None:
        await world.start(run.output("reserve"))

    async def look_started(run: Run) -> bool | None:
        thing = world.things.get(run.output("reserve"))
        return True if thing is not None and thing.running else None

    async def settle(run: Run, status: TaskStatus) -> None:
        if settled is not None:
            settled.append(status)
        await Task.filter(id=run.task.id).update(result={"settled": status.value})

    return Operation(
        "thing.make",
        (
            Step("reserve", reserve),
            Step("make", make, unmake, look_made),
            Step("start", start, look=look_started),
        ),
        settle,
    )
