"""Fetch the public suites of sources.toml into a folder: ``python tests/conformance/fetch.py DIR``.

Opt-in: nothing in the tests calls it. Each suite is a shallow git checkout of one commit, and the
digest of what is kept must be the one that sources.toml pins.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

SOURCES = Path(__file__).with_name("sources.toml")


def digest(folder: Path) -> str:
    """SHA-256 over the sorted lines ``sha256  relative-path`` of a folder's files."""
    lines = sorted(
        f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.relative_to(folder).as_posix()}\n"
        for file in folder.rglob("*")
        if file.is_file()
    )
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def checkout(url: str, commit: str, folder: Path) -> None:
    """Check one commit out without its history."""
    for words in (
        ["init", "--quiet"],
        ["fetch", "--quiet", "--depth", "1", url, commit],
        ["checkout", "--quiet", "FETCH_HEAD"],
    ):
        subprocess.run(["git", "-C", str(folder), *words], check=True)


def fetch(target: Path) -> None:
    """Fetch every suite that names a url, checking digests before anything is put in place."""
    for name, source in tomllib.loads(SOURCES.read_text()).items():
        place = target / source["folder"]
        if place.exists():
            print(f"{name}: already at {place}")
            continue
        with tempfile.TemporaryDirectory() as work:
            checkout(source["url"], source["commit"], Path(work))
            kept = Path(work) / source["path"]
            found = digest(kept)
            if found != source["sha256"]:
                sys.exit(f"{name}: digest {found} is not the pinned {source['sha256']}")
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copytree(kept, place)
            print(f"{name}: {source['commit'][:12]} at {place}")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python tests/conformance/fetch.py DIR")
    fetch(Path(sys.argv[1]))
