"""Marshmallow schemas: what comes in is validated by them, what goes out is described."""
