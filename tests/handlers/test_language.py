"""Chinese by default, English where it is preferred, and no sentence that only speaks English."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from marshmallow import fields, validate

import vmlab
from tests.handlers.conftest import Client
from vmlab.app import all_endpoints
from vmlab.errors import VMLabError
from vmlab.handlers.language import negotiate, sentences

PACKAGE = Path(vmlab.__file__).parent
SPEAKING = ["errors.py", "rules", "operations", "tasks", "storage", "proxmox", "handlers"]
"""Modules whose sentences may reach a client."""

SAID_ELSEWHERE = "Managed by VMLab."
"""Begins the notes of guests in Proxmox, which are for the administrators there."""

SENTENCE = re.compile(r"[A-Z\"'{][^\n]* [^\n]*\.", re.DOTALL)
REGISTER = "/api/v1/auth/register/"


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("", "zh"),
        ("en", "en"),
        ("en-GB,en;q=0.9", "en"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("zh;q=0.3, en;q=0.7", "en"),
        ("en;q=0, zh", "zh"),
        ("fr", "zh"),
        ("fr, en;q=0.5", "en"),
        ("*", "zh"),
        ("de-DE, *;q=0.5, en;q=0.1", "zh"),
        (";;;q=,=", "zh"),
        ("en;q=banana", "zh"),
    ],
)
def test_the_preferred_language_is_found(accepted: str, language: str):
    assert negotiate(accepted) == language


async def test_messages_and_field_errors_speak_the_language(client: Client):
    said = {}
    for language in "zh", "en":
        headers = {"Accept-Language": language}
        body = {"username": "x" * 65, "email": "no", "password": "long enough"}
        answer = await client.post(REGISTER, json=body, headers=headers)
        said[language] = (await answer.json())["error"]
        assert answer.headers["Content-Language"] == language
    assert said["zh"]["code"] == said["en"]["code"]
    assert said["zh"]["message"] == "参数验证失败"
    assert said["zh"]["details"] == {
        "username": ["长度必须在 1 到 64 之间"],
        "email": ["不是有效的邮箱地址"],
    }
    assert said["en"]["details"] == {
        "username": ["Length must be between 1 and 64."],
        "email": ["Not a valid email address."],
    }


def test_parameters_are_said_in_the_translation():
    say = sentences().say
    assert say("Cannot be ordered by {name}.", "zh", {"name": "x"}) == "不能按 x 排序"
    assert say("Cannot be ordered by {name}.", "en", {"name": "x"}) == "Cannot be ordered by x."
    assert say("Cannot be ordered by x.", "zh") == "不能按 x 排序"
    assert say("Nobody knows this.", "zh") == "Nobody knows this."


def test_translations_keep_to_the_parameters_of_their_sentence():
    for sentence, translation in sentences().translations.items():
        assert _parameters(translation) <= _parameters(sentence), sentence


def _parameters(text: str) -> set[str]:
    return set(re.findall(r"\{(\w+)\}", text))


def test_every_sentence_of_the_source_has_a_translation():
    said = {*_in_source(), *_of_errors(VMLabError), *_of_schemas()}
    said |= {endpoint.message for endpoint in all_endpoints() if endpoint.message}
    assert sorted(said - sentences().translations.keys()) == []


def test_every_translation_is_of_a_sentence_that_is_said():
    said = {*_in_source(), *_of_errors(VMLabError), *_of_schemas()}
    assert sorted(sentences().translations.keys() - said) == []


def _in_source() -> Iterator[str]:
    for name in SPEAKING:
        path = PACKAGE / name
        for file in [path] if path.is_file() else sorted(path.rglob("*.py")):
            yield from _sentences(ast.parse(file.read_text(encoding="utf-8")))


def _sentences(node: ast.AST) -> Iterator[str]:
    """Texts below a node that are sentences, but for documentation."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant):
            continue
        if isinstance(child, ast.keyword) and child.arg in ("metadata", "description"):
            continue
        if isinstance(child, ast.Constant) and isinstance(child.value, str):
            text = child.value
            if SENTENCE.fullmatch(text) and not text.startswith(SAID_ELSEWHERE):
                yield text
        elif not _describes(child):
            yield from _sentences(child)


def _describes(node: ast.AST) -> bool:
    """Whether this is a piece of the OpenAPI document."""
    keys = node.keys if isinstance(node, ast.Dict) else []
    return any(isinstance(key, ast.Constant) and key.value == "description" for key in keys)


def _of_errors(error: type[VMLabError]) -> Iterator[str]:
    yield (error.__doc__ or "").partition("\n")[0]
    for child in error.__subclasses__():
        yield from _of_errors(child)


def _of_schemas() -> Iterator[str]:
    for endpoint in all_endpoints():
        stream = endpoint.streams
        streamed = (stream.schema, stream.form) if stream is not None else ()
        for schema in endpoint.accepts, endpoint.query, *streamed:
            if schema is not None:
                yield from (str(text) for text in schema().error_messages.values())
                for field in schema().fields.values():
                    yield from _of_field(field)


def _of_field(field: fields.Field[Any]) -> Iterator[str]:
    yield from (str(text) for text in field.error_messages.values())
    for validator in field.validators:
        yield from _of_validator(validator)
    if isinstance(field, fields.List):
        yield from _of_field(field.inner)
    if isinstance(field, fields.Nested):
        for inner in field.schema.fields.values():
            yield from _of_field(inner)


def _of_validator(validator: Any) -> Iterator[str]:
    if isinstance(validator, validate.And):
        for part in validator.validators:
            yield from _of_validator(part)
    elif error := getattr(validator, "error", None):
        yield error
    else:
        for name in dir(validator):
            text = getattr(validator, name)
            if "message" in name and isinstance(text, str) and text.endswith("."):
                yield text
