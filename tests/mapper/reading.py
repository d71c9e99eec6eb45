"""``python -m tests.mapper.reading MODULE CLASS ITERATOR REFERENCE FILE``: rows and peak memory.

In a process of its own, because what other tests leave behind hides what reading takes.
"""

from __future__ import annotations

import resource
import subprocess
import sys
from importlib import import_module
from pathlib import Path

from mapper.language.model import LogicalSource

_ROOT = Path(__file__).parents[2]


def peak(module: str, reader: str, iterator: str, reference: str, file: Path) -> tuple[int, int]:
    """Rows of a file, and the most memory (MiB) a process needs that reads it."""
    command = [sys.executable, "-m", "tests.mapper.reading"]
    done = subprocess.run(
        [*command, module, reader, iterator, reference, str(file)],
        cwd=_ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    rows, memory = done.stdout.split()
    return int(rows), int(memory)


def main() -> None:
    """Read the file and print what was found."""
    module, reader, iterator, reference, file = sys.argv[1:]
    opened = getattr(import_module(f"mapper.sources.{module}"), reader)(
        LogicalSource("", "base", "", iterator=iterator), Path(file)
    )
    rows = sum(len(batch) for batch in opened.batches([reference]))
    print(rows, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)


if __name__ == "__main__":
    main()
