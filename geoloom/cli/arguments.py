"""Arguments that several verbs share."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from ontology import PREFIXES, InputError, UsageError
from store import Store

store_argument = click.argument("store", type=click.Path(path_type=Path))


def open_or_create(path: Path) -> Store:
    """Open a store, or create it where there is nothing yet."""
    if (path / "CURRENT").exists() or (path.exists() and any(path.iterdir())):
        return Store.open(path)
    return Store.create(path)


def read_text(text: str | None, file: Path | None, what: str) -> str:
    """Take a query or update from the argument, a file, or ``-`` (standard input)."""
    if (text is None) == (file is None):
        raise UsageError(f"Give the {what} either as text or with -f FILE")
    if text is not None:
        return sys.stdin.read() if text == "-" else text
    assert file is not None
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            f"Cannot read the {what}",
            where=str(file),
            why=str(error),
            remedy="check the path and that the file is UTF-8",
        ) from error


def expand_iri(name: str) -> str:
    """Expand ``gl:Zone`` or ``<iri>`` to an IRI with the prefixes geoloom knows."""
    if name.startswith("<") and name.endswith(">"):
        return name[1:-1]
    prefix, colon, local = name.partition(":")
    if colon and prefix in PREFIXES:
        return PREFIXES[prefix] + local
    if colon and local.startswith("//"):
        return name
    raise UsageError(
        f"'{name}' is not an IRI",
        why=f"it has no known prefix; known are {', '.join(sorted(PREFIXES))}",
        remedy="write it whole, in angle brackets",
    )
