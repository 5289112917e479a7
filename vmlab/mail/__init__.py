"""Mail: what is written to people, and how it goes.

Fourth floor, beside `models`, which it does not know: a letter says by itself who gets it and what
stands in it.
"""

from vmlab.mail.letters import Letter, compose
from vmlab.mail.outbox import Outbox

__all__ = ["Letter", "Outbox", "compose"]
