"""Functions users keep in a Python file of their own."""

from __future__ import annotations

import runpy
import traceback
from pathlib import Path

from ontology import GeoloomError, InputError, MappingError

from .registry import registered


def load_functions(path: str | Path) -> tuple[str, ...]:
    """Run a Python file that registers functions with :func:`mapper.register`.

    Parameters
    ----------
    path : path
        The file is run as the code of the user who names it.

    Returns
    -------
    tuple of str
        IRIs of the functions that are new, sorted.

    Raises
    ------
    InputError
        There is no such file.
    MappingError
        It fails, with the line; or it registers nothing.
    """
    file = Path(path)
    if not file.is_file():
        raise InputError(
            "There is no such file of functions", where=str(file), remedy="check the path"
        )
    before = registered()
    try:
        runpy.run_path(str(file))
    except GeoloomError:
        raise
    except Exception as error:
        raise MappingError(
            "The file of functions fails",
            where=_line(file, error),
            why=f"{type(error).__name__}: {error}",
            remedy="run it with python to see the whole error",
        ) from error
    new = tuple(sorted(set(registered()) - set(before)))
    if not new:
        raise MappingError(
            "The file registers no function",
            where=str(file),
            remedy='call mapper.register("http://example.com/fn#name", function) in it',
        )
    return new


def _line(file: Path, error: Exception) -> str:
    if isinstance(error, SyntaxError) and error.lineno is not None:
        return f"{file}, line {error.lineno}"
    own = [f for f in traceback.extract_tb(error.__traceback__) if f.filename == str(file)]
    return f"{file}, line {own[-1].lineno}" if own else str(file)
