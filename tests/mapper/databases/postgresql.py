"""A PostgreSQL server of its own for tests: a unix socket and loopback, ended with the test."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

PLACES: Final = Path("/usr/lib/postgresql")
REMEDY: Final = "install it: apt-get install postgresql postgresql-15-postgis-3"


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
        self._psql("postgres", f'DROP DATABASE IF EXISTS "{name}"')
        self._psql("postgres", f"CREATE DATABASE \"{name}\" ENCODING 'UTF8' TEMPLATE template0")
        self._psql(name, text, strict)
        return self.url(name)

    def _psql(self, name: str, text: str, strict: bool = True) -> None:
        command = [
            *(str(self.programs / "psql"), "-X", "-q", "-h", str(self.folder)),
            *("-p", str(self.port), "-U", "postgres", "-d", name, "-f", "-"),
            *("-v", f"ON_ERROR_STOP={int(strict)}"),
        ]
        done = subprocess.run(
            command, input=text, text=True, capture_output=True, check=False, timeout=60
        )
        assert done.returncode == 0, done.stderr


def programs() -> Path | None:
    """Folder of the newest installed server's programs."""
    found = sorted(PLACES.glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    return found[-1].parent if found else None


@contextmanager
def cluster() -> Iterator[Cluster]:
    """Make and start a server, and end it; skips where PostgreSQL is not installed."""
    where = programs()
    if where is None:
        if os.environ.get("GEOLOOM_REQUIRE_SUITES"):
            pytest.fail(f"PostgreSQL is needed: {REMEDY}")
        pytest.skip(f"no PostgreSQL server; {REMEDY}")
    folder = Path(tempfile.mkdtemp(prefix="gl-pg-", dir="/tmp"))
    user = _user()
    try:
        if user is not None:
            shutil.chown(folder, user)
        server, port = _start(where, folder, user)
        try:
            yield Cluster(port, folder, where)
        finally:
            server.terminate()
            server.wait(30)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _start(where: Path, folder: Path, user: str | None) -> tuple[subprocess.Popen[bytes], int]:
    data = folder / "data"
    subprocess.run(
        [
            *(where / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8"),
            *("--locale=C", "--no-sync"),
        ],
        user=user,
        cwd=folder,
        env={"PATH": os.environ["PATH"]},
        check=True,
        capture_output=True,
        timeout=60,
    )
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    settings = ("fsync=off", "shared_buffers=16MB", "max_connections=20", "timezone=UTC")
    server = subprocess.Popen(
        [
            *(where / "postgres", "-D", data, "-p", str(port), "-k", folder, "-h", "127.0.0.1"),
            *(part for setting in settings for part in ("-c", setting)),
        ],
        user=user,
        cwd=folder,
        env={"PATH": os.environ["PATH"]},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + 30
    while subprocess.run(
        [where / "pg_isready", "-q", "-h", folder, "-p", str(port)], check=False, timeout=10
    ).returncode:
        if time.monotonic() > deadline or server.poll() is not None:
            server.terminate()
            pytest.fail("the PostgreSQL server did not start")
        time.sleep(0.05)
    return server, port


def _user() -> str | None:
    """Who runs the server: PostgreSQL refuses to be run by root."""
    if os.getuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"
