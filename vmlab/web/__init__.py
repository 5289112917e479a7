"""The pages: static files that need no build step, served by `vmlab.handlers.pages`."""

from pathlib import Path

STATIC = Path(__file__).parent / "static"
"""Folder of everything that a browser may fetch without signing in."""
