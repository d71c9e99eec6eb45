"""What private database servers of tests share: who runs them, where, and that they end."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

import pytest

ENVIRONMENT = {"PATH": f"{os.environ['PATH']}:/usr/sbin", "TZ": "UTC"}


def absent(what: str, remedy: str) -> NoReturn:
    """Skip, or fail where a run must have everything; .ci/run says if servers cannot be had."""
    required = os.environ.get("GEOLOOM_REQUIRE_SUITES")
    if required and not os.environ.get("GEOLOOM_WITHOUT_SERVERS"):
        pytest.fail(f"{what} is needed: {remedy}")
    pytest.skip(f"no {what} server; {remedy}")


@contextmanager
def workspace(owner: str) -> Iterator[tuple[Path, str | None]]:
    """A folder under /tmp (paths of sockets must be short) and who may use it.

    Database servers refuse to be run by root; then it is the system's own user for them.
    """
    user = None
    if os.getuid() == 0:
        names = {entry.pw_name for entry in pwd.getpwall()}
        user = owner if owner in names else "nobody"
    folder = Path(tempfile.mkdtemp(prefix="gl-", dir="/tmp"))
    try:
        if user is not None:
            shutil.chown(folder, user)
        yield folder, user
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def running(
    command: Sequence[object], folder: Path, user: str | None, ready: Callable[[], bool]
) -> Iterator[None]:
    """A server for the time of the context; at most 30 seconds may pass until it is ready."""
    server = subprocess.Popen(
        [str(part) for part in command],
        user=user,
        cwd=folder,
        env=ENVIRONMENT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        deadline = time.monotonic() + 30
        while not ready():
            assert server.poll() is None, "the server ended"
            assert time.monotonic() < deadline, "the server is not ready"
            time.sleep(0.05)
        yield
    finally:
        server.terminate()
        try:
            server.wait(30)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait(10)


def prepare(command: Sequence[object], folder: Path, user: str | None) -> None:
    """Run a program that makes the server's files."""
    done = subprocess.run(
        [str(part) for part in command],
        user=user,
        cwd=folder,
        env=ENVIRONMENT,
        check=False,
        capture_output=True,
        timeout=90,
    )
    assert done.returncode == 0, done.stderr.decode()


def free_port() -> int:
    """A port of loopback that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])
