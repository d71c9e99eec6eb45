"""A writer that dies at the k-th durable step; run as a program by test_faults.

``dying_writer.py STORE FILE KIND`` forks a child for k = 1, 2, … that kills itself at its k-th
fsync, rename or unlink, prints the store each left behind, and ends with the first child that
lives.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import duckdb

from store import Store
from store import store as module


def _die_at(step: int) -> None:
    count = 0

    def counted(real: Callable[..., object]) -> Callable[..., object]:
        def call(*args: object, **options: object) -> object:
            nonlocal count
            count += 1
            if count == step:
                os.kill(os.getpid(), signal.SIGKILL)
            return real(*args, **options)

        return call

    for name in ("fsync", "replace", "rename", "unlink", "rmdir"):
        setattr(os, name, counted(getattr(os, name)))


def _work(root: Path, file: Path, kind: str) -> None:
    store = Store.open(root)
    if kind == "load":
        store.load(file)
    elif kind == "update":
        store.update(
            "DELETE { ?s ?p ?o } INSERT { ?s <http://q> ?o } WHERE { ?s ?p ?o } ;"
            f" LOAD <{file.as_uri()}> INTO GRAPH <http://g> ; COPY <http://g> TO <http://h> ;"
            " DROP GRAPH <http://g>",
            load_from=[file],
        )
    elif kind == "compact":
        store.compact()
    else:
        store.vacuum()


def main() -> None:
    module.connect = lambda **_: duckdb.connect(config={"threads": 1})  # no geometry, no wait
    pristine, file, kind = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
    for step in range(1, 200):
        root = pristine.with_name(f"{pristine.name}-{step}")
        shutil.copytree(pristine, root)
        child = os.fork()
        if child == 0:
            _die_at(step)
            _work(root, file, kind)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        print(root, flush=True)
        if status == 0:
            return
        if not os.WIFSIGNALED(status):
            sys.exit(f"step {step} failed by itself")


if __name__ == "__main__":
    main()
