"""Databases that RML test cases bring as SQL scripts, made for the time of one case."""

from __future__ import annotations

import atexit
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path
from typing import Final

from tests.mapper.databases.postgresql import Cluster, cluster

DSN: Final = "CONNECTIONDSN"


@contextmanager
def prepared(mapping: Path, folder: Path) -> Iterator[tuple[Path, str | None]]:
    """Give the mapping to run and the URL of the database that its logical tables mean.

    The cases name their database by ``CONNECTIONDSN``, which a runner has to replace.

    Parameters
    ----------
    mapping : Path
        The case's own; a script ``resource.sql`` may lie beside it.
    folder : Path
        Empty, for what has to be written.
    """
    text = mapping.read_text()
    script = mapping.with_name("resource.sql")
    if "org.postgresql" not in text or not script.exists():
        yield mapping, None
        return
    server = _server()
    name = mapping.parent.name.lower()
    server.script(name, script.read_text(), strict=False)
    own = folder / "mapping.ttl"
    own.write_text(text.replace(DSN, server.jdbc(name)))
    yield own, None


@cache
def _server() -> Cluster:
    stack = ExitStack()
    atexit.register(stack.close)
    return stack.enter_context(cluster())
