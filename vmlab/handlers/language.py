"""Says sentences in Chinese (as the API was designed) or in English (where a client prefers it).

Message ids are the English sentences. The catalogue is the `.po` file itself, read once by Babel.
Some sentences arrive with their parameters already in them, marshmallow's above all ("Length must
be between 3 and 64."); those are recognised by their template.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from contextvars import ContextVar
from pathlib import Path
from typing import Any

from aiohttp import hdrs, web
from babel.core import negotiate_locale
from babel.messages.pofile import read_po

DEFAULT = "zh"
LANGUAGES = (DEFAULT, "en")

_WEIGHTED = re.compile(r"\s*([\w*-]+)\s*(?:;\s*q\s*=\s*([01](?:\.\d{0,3})?))?\s*", re.ASCII)
_PLACE = re.compile(r"\\\{(\w+)\\\}")
_KEY = "language"
_spoken: ContextVar[str] = ContextVar("spoken", default=DEFAULT)


def language_of(request: web.Request) -> str:
    """The language to answer a request in: `zh` or `en`."""
    if _KEY not in request:
        request[_KEY] = negotiate(request.headers.get(hdrs.ACCEPT_LANGUAGE, ""))
    return str(request[_KEY])


def speak_to(request: web.Request) -> None:
    """Let `spoken` speak this request's language from now on."""
    _spoken.set(language_of(request))


def spoken(said: Any) -> Any:
    """A sentence, or details with sentences in them, in the language of the request at hand.

    For what was said when nobody knew who would read it, such as why a task has failed.
    """
    return sentences().say_all(said, language_spoken())


def language_spoken() -> str:
    """The language of the request at hand."""
    return _spoken.get()


def negotiate(accepted: str) -> str:
    """The best of our languages for an `Accept-Language` header; Chinese if it names none."""
    weighted = []
    for part in accepted.split(","):
        match = _WEIGHTED.fullmatch(part)
        if match and float(match[2] or 1) > 0:
            weighted.append((-float(match[2] or 1), match[1].replace("*", DEFAULT)))
    preferred = [language for _, language in sorted(weighted, key=lambda pair: pair[0])]
    return negotiate_locale(preferred, LANGUAGES, sep="-") or DEFAULT


class Sentences:
    """A catalogue of sentences."""

    def __init__(self, path: Path) -> None:
        with path.open("rb") as file:
            catalogue = read_po(file, locale=DEFAULT)
        self.translations = {
            str(message.id): str(message.string)
            for message in catalogue
            if message.id and message.string
        }
        self._templates = [
            (_pattern(sentence), translation)
            for sentence, translation in self.translations.items()
            if "{" in sentence
        ]

    def say(
        self, sentence: str, language: str, parameters: Mapping[str, object] | None = None
    ) -> str:
        """A sentence, or a template with its parameters, in a language."""
        if language == DEFAULT:
            sentence, parameters = self.translated(sentence, parameters)
        return sentence.format_map(parameters) if parameters else sentence

    def say_all(self, details: Any, language: str) -> Any:
        """Say every known sentence inside an error's details; the rest stays as it is."""
        if isinstance(details, Mapping):
            return {key: self.say_all(value, language) for key, value in details.items()}
        if isinstance(details, list | tuple):
            return [self.say_all(value, language) for value in details]
        return self.say(details, language) if isinstance(details, str) else details

    def translated(
        self, sentence: str, parameters: Mapping[str, object] | None = None
    ) -> tuple[str, Mapping[str, object] | None]:
        """The translation, and what is to be put into it; the sentence itself if there is none."""
        if (exact := self.translations.get(sentence)) is not None:
            return exact, parameters
        for pattern, translation in self._templates:
            if match := pattern.fullmatch(sentence):
                return translation, match.groupdict()
        return sentence, parameters


@functools.cache
def catalogue(name: str) -> Sentences:
    """One of the catalogues that come with VMLab."""
    package = Path(__file__).resolve().parent.parent
    return Sentences(package / "locale" / DEFAULT / "LC_MESSAGES" / f"{name}.po")


def sentences() -> Sentences:
    """What VMLab says in answers and mails."""
    return catalogue("messages")


def _pattern(sentence: str) -> re.Pattern[str]:
    """What a template's sentences look like once their parameters are in."""
    return re.compile(_PLACE.sub(r"(?P<\1>.*)", re.escape(sentence)), re.DOTALL)
