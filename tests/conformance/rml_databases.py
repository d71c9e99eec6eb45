"""Databases that RML test cases bring as SQL scripts, made for the time of one case."""

from __future__ import annotations

import atexit
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path
from typing import Final

from tests.mapper.databases.mariadb import Mariadb, mariadb
from tests.mapper.databases.postgresql import Cluster, cluster

DSN: Final = "CONNECTIONDSN"


@contextmanager
def prepared(mapping: Path, folder: Path) -> Iterator[tuple[Path | None, str | None]]:
    """Give the mapping to run and the URL of the database that its logical tables mean.

    The cases name their database by ``CONNECTIONDSN``, which a runner has to replace. There is no
    mapping to run where the case wants an SQL Server.

    Parameters
    ----------
    mapping : Path
        The case's own; a script ``resource.sql`` may lie beside it.
    folder : Path
        Empty, for what has to be written.
    """
    text, script = mapping.read_text(), mapping.with_name("resource.sql")
    name = mapping.parent.name.lower()
    if script.exists() and "org.postgresql" in text:
        postgresql = _postgresql()
        postgresql.script(name, script.read_text(), strict=False)
        text = text.replace(DSN, postgresql.jdbc(name))
    elif script.exists() and "com.mysql" in text:
        mysql = _mysql()
        mysql.script(name, script.read_text())
        text = text.replace(DSN, mysql.jdbc(name))
    else:
        yield None if "sqlserver" in text else mapping, None
        return
    own = folder / mapping.name
    own.write_text(text)
    yield own, None


@cache
def _postgresql() -> Cluster:
    stack = ExitStack()
    atexit.register(stack.close)
    return stack.enter_context(cluster())


@cache
def _mysql() -> Mariadb:
    stack = ExitStack()
    atexit.register(stack.close)
    return stack.enter_context(mariadb())
