"""A PostgreSQL server of its own for tests, on loopback and a socket in a temporary folder."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.mapper.databases.server import absent, free_port, prepare, running, workspace

PLACES: Final = Path("/usr/lib/postgresql")
SETTINGS: Final = ("fsync=off", "shared_buffers=16MB", "max_connections=20", "timezone=UTC")


@dataclass(frozen=True, slots=True)
class Cluster:
    """A running server; every database in it belongs to the test."""

    port: int
    folder: Path
    programs: Path

    def url(self, name: str) -> str:
        """URL of a database by loopback, with a password that is not checked."""
        return f"postgresql://postgres:s3cret@127.0.0.1:{self.port}/{name}"

    def jdbc(self, name: str) -> str:
        """JDBC form of :meth:`url`, without the user."""
        return f"jdbc:postgresql://127.0.0.1:{self.port}/{name}"

    def script(self, name: str, text: str, *, strict: bool = True) -> str:
        """Make (or remake) a database from SQL text; gives its URL.

        Without ``strict`` statements that fail are passed over, as psql does.
        """
        made = (
            f'DROP DATABASE IF EXISTS "{name}";\n'
            f"CREATE DATABASE \"{name}\" ENCODING 'UTF8' TEMPLATE template0;\n"
            f'\\connect "{name}"\n'
        )
        command = [
            *(str(self.programs / "psql"), "-X", "-q", "-h", str(self.folder)),
            *("-p", str(self.port), "-U", "postgres", "-d", "postgres", "-f", "-"),
            *("-v", f"ON_ERROR_STOP={int(strict)}"),
        ]
        done = subprocess.run(
            command, input=made + text, text=True, capture_output=True, check=False, timeout=60
        )
        assert done.returncode == 0, done.stderr
        return self.url(name)


@contextmanager
def cluster() -> Iterator[Cluster]:
    """Make and start a server, and end it; skips where PostgreSQL is not installed."""
    found = sorted(PLACES.glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if not found:
        absent("PostgreSQL", "apt-get install postgresql postgresql-15-postgis-3")
    programs = found[-1].parent
    with workspace("postgres") as (folder, user):
        make = (programs / "initdb", "-D", folder / "data", "-U", "postgres", "-A", "trust")
        prepare((*make, "-E", "UTF8", "--locale=C", "--no-sync"), folder, user)
        port = free_port()
        command = (
            *(programs / "postgres", "-D", folder / "data", "-p", port, "-k", folder),
            *("-h", "127.0.0.1"),
            *(part for setting in SETTINGS for part in ("-c", setting)),
        )

        def ready() -> bool:
            asked = (programs / "pg_isready", "-q", "-h", folder, "-p", str(port))
            return not subprocess.run(asked, check=False, timeout=10).returncode

        with running(command, folder, user, ready):
            yield Cluster(port, folder, programs)
