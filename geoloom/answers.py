"""Answers and reports into files: whole, or not at all."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from ontology import GeoloomError, UsageError
from store import Result


def write_answer(result: Result, file: Path, result_format: str | None = None) -> None:
    """Write a result to a file, in the format its extension says unless one is given.

    Raises
    ------
    UsageError
        If neither says a format that fits the kind of query.
    GeoloomError
        If the file cannot be written.
    """
    chosen = result_format or file.suffix.lstrip(".")
    if not chosen:
        raise UsageError(
            "Say the result's format", where=str(file), remedy="give --format or an extension"
        )
    write_file(file, result.serialize(chosen))


def partial_of(file: Path) -> Path:
    """Where a file is written before it is whole."""
    return file.with_name(file.name + ".part")


def write_file(file: Path, chunks: Iterable[bytes]) -> None:
    """Write a file through a partial one beside it, so that a stop leaves none half-written.

    Raises
    ------
    GeoloomError
        If it cannot be written.
    """
    partial = partial_of(file)
    try:
        with partial.open("wb") as stream:
            stream.writelines(chunks)
        partial.replace(file)
    except OSError as error:
        raise GeoloomError(
            "Cannot write the file",
            where=str(file),
            why=error.strerror or str(error),
            remedy="choose a folder that exists and that you may write to",
        ) from error
    finally:
        partial.unlink(missing_ok=True)
