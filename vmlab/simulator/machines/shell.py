"""The toy command line inside a synthetic guest, on its screen and on its serial line."""

import time
from collections.abc import Callable

CLEAR_SCREEN = "\x1b[H\x1b[2J"
LINE_LIMIT = 60
"""Characters that a line takes; more are not echoed."""


class Shell:
    """A line editor with a handful of commands. It knows text, not where it is shown."""

    def __init__(self, name: Callable[[], str], power_off: Callable[[], None]) -> None:
        """`name` tells the guest's present name; `power_off` is what that command does."""
        self._name = name
        self._power_off = power_off
        self._booted = time.monotonic()
        self._line = ""

    @property
    def prompt(self) -> str:
        """What stands before the line being typed."""
        return f"{self._name()}:~# "

    @property
    def uptime(self) -> str:
        """Time since boot, such as "0:12:34"."""
        minutes, seconds = divmod(int(time.monotonic() - self._booted), 60)
        hours, minutes = divmod(minutes, 60)
        return f"{hours}:{minutes:02}:{seconds:02}"

    def type(self, text: str) -> str:
        r"""Take typed characters (`\r` is Enter, `\b` backspace); return what the screen gets."""
        return "".join(self._key(character) for character in text)

    def _key(self, character: str) -> str:
        if character == "\r":
            line, self._line = self._line.strip(), ""
            return "\r\n" + self._run(line) + self.prompt
        if character in "\b\x7f" and self._line:
            self._line = self._line[:-1]
            return "\b \b"
        if character.isprintable() and len(self._line) < LINE_LIMIT:
            self._line += character
            return character
        return ""

    def _run(self, command: str) -> str:
        match command:
            case "":
                return ""
            case "help":
                return "help, hostname, uptime, clear, poweroff\r\n"
            case "hostname":
                return f"{self._name()}\r\n"
            case "uptime":
                return f"up {self.uptime}\r\n"
            case "clear":
                return CLEAR_SCREEN
            case "poweroff":
                self._power_off()
                return "Power down.\r\n"
        return f"{command.split()[0]}: command not found\r\n"
