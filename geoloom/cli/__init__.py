"""The ``geoloom`` command: one file per verb, loaded when the verb is used."""

from .app import cli, main

__all__ = ["cli", "main"]
