"""What a store leaves behind if the machine stops at any step of a write."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Final

import pytest

_STEPS: Final = ("fsync", "replace", "rename", "unlink", "rmdir")


class Moments:
    """Copies a store before each durable step of what runs in :meth:`recorded`.

    A copy holds what a power cut leaves in the worst case: every name there is, and nothing in
    the files that were not forced to the disk. A killed process leaves no less.

    Attributes
    ----------
    copies : list of Path
        One a step, in order.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._safe = {path.stat().st_ino for path in root.rglob("*")}
        self._lock = Lock()
        self.copies: list[Path] = []

    @contextmanager
    def recorded(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
        """Record until the end of the block."""
        with monkeypatch.context() as patch:
            for name in _STEPS:
                patch.setattr(os, name, self._before(getattr(os, name), name == "fsync"))
            yield

    def _before(self, real: Callable[..., object], forces: bool) -> Callable[..., object]:
        def call(*args: object, **options: object) -> object:
            with self._lock:
                self._copy()
                done = real(*args, **options)
                if forces:
                    assert isinstance(args[0], int)
                    self._safe.add(os.fstat(args[0]).st_ino)
                return done

        return call

    def _copy(self) -> None:
        to = self._root.with_name(f"{self._root.name}-{len(self.copies)}")
        shutil.copytree(self._root, to, copy_function=self._surviving)
        self.copies.append(to)

    def _surviving(self, source: str, target: str) -> None:
        if os.stat(source).st_ino in self._safe:
            shutil.copy2(source, target)
        else:
            Path(target).touch()
