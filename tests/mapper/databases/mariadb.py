"""A MariaDB server of its own for tests, on loopback, in a temporary folder."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pymysql
from pymysql.constants import CLIENT

from tests.mapper.databases.server import (
    ENVIRONMENT,
    absent,
    free_port,
    running,
    workspace,
)


@dataclass(frozen=True, slots=True)
class Mariadb:
    """A running server; every database in it belongs to the test."""

    port: int

    def url(self, name: str) -> str:
        """URL of a database."""
        return f"mysql://tester:s3cret@127.0.0.1:{self.port}/{name}"

    def jdbc(self, name: str) -> str:
        """JDBC form of :meth:`url`, without the user."""
        return f"jdbc:mysql://127.0.0.1:{self.port}/{name}"

    def script(self, name: str, text: str) -> str:
        """Make (or remake) a database from SQL text; gives its URL."""
        with self.connected() as cursor:
            cursor.execute(f"DROP DATABASE IF EXISTS `{name}`; CREATE DATABASE `{name}`")
            cursor.execute(f"USE `{name}`")
            cursor.execute(re.sub(r"USE \w+;", "", text.replace("test.", "")))
            while cursor.nextset():
                pass
        return self.url(name)

    @contextmanager
    def connected(self) -> Iterator[Any]:
        connection = pymysql.connect(
            host="127.0.0.1",
            port=self.port,
            user="tester",
            password="s3cret",
            autocommit=True,
            client_flag=CLIENT.MULTI_STATEMENTS,
        )
        try:
            with connection.cursor() as cursor:
                yield cursor
        finally:
            connection.close()

    def ready(self) -> bool:
        try:
            with self.connected():
                return True
        except pymysql.MySQLError:
            return False


@contextmanager
def mariadb() -> Iterator[Mariadb]:
    """Make and start a server, and end it; skips where MariaDB is not installed.

    It has no tables of users, and so takes every user and password.
    """
    program = shutil.which("mariadbd", path=ENVIRONMENT["PATH"])
    if program is None:
        absent("MariaDB", "apt-get install mariadb-server-core")
    with workspace("mysql") as (folder, user):
        data = folder / "data"
        data.mkdir()
        if user is not None:
            shutil.chown(data, user)
        server = Mariadb(free_port())
        command = (
            *(program, "--no-defaults", f"--datadir={data}", f"--port={server.port}"),
            *("--bind-address=127.0.0.1", f"--socket={folder}/socket", "--skip-grant-tables"),
            *("--skip-name-resolve", "--innodb-buffer-pool-size=16M", "--skip-log-bin"),
            *("--innodb-flush-log-at-trx-commit=0", f"--pid-file={folder}/pid"),
        )
        with running(command, folder, user, server.ready):
            yield server
