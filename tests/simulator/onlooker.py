"""Looks at a QEMU machine's screen: how much of it is lit tells what is on it."""

from collections.abc import Callable

from tests.rfb_client import RfbClient
from tests.simulator.some_guest import PASSWORD
from vmlab.simulator.machines import QemuMachine

TEXT_WIDTH = 720  # of the guest's screen; the firmware's own comes before it
CURSOR = 100  # more lit bytes than its blinking makes


def banner_is_out(lit: int) -> bool:
    """The firmware's text screen is blank; the banner lights some 6,400 bytes."""
    return lit > 6000


async def view(machine: QemuMachine) -> RfbClient:
    client = RfbClient(*await machine.connect_vnc(PASSWORD))
    await client.log_in(PASSWORD)
    return client


async def until_lit(client: RfbClient, enough: Callable[[int], bool]) -> int:
    """Look on until the number of lit bytes on the screen is as wanted; return it."""
    lit = _lit(await client.screenshot())
    while client.width != TEXT_WIDTH or not enough(lit):
        lit = _lit(await client.wait_for_change())
    return lit


def _lit(screen: bytes) -> int:
    return len(screen) - screen.count(0)
