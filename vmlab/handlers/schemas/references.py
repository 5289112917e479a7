"""How answers refer to people and things that have an address of their own."""

from __future__ import annotations

from marshmallow import fields

from vmlab.handlers.schemas.base import Output


class PersonRef(Output):
    """A user, by name."""

    id = fields.Integer()
    username = fields.String()


class NamedRef(Output):
    """Something else, by name."""

    id = fields.Integer()
    name = fields.String()
