from __future__ import annotations

import os

import pytest

from mapper import load_mapping, run_mapping
from mapper.sources import Unchanged
from ontology import InputError


def _rewritten(path) -> None:
    path.write_text(path.read_text() + "9,9\n")


def _touched(path) -> None:
    os.utime(path, ns=(1, 1))


def _replaced(path) -> None:
    other = path.with_suffix(".new")
    other.write_bytes(path.read_bytes())
    before = path.stat()
    os.utime(other, ns=(before.st_atime_ns, before.st_mtime_ns))
    other.replace(path)


@pytest.mark.parametrize("change", [_rewritten, _touched, _replaced, lambda path: path.unlink()])
def test_source_that_changes_while_read_ends_the_run(run, turtle, collector, change) -> None:
    path = run.file("in.csv", "id,v\n1,2\n")
    mapping = load_mapping(turtle('rml:reference "v"'))

    changes = [change]

    def interfere(done: int, total: int | None) -> None:
        if changes:
            changes.pop()(path)

    with pytest.raises(InputError, match="changed while it was read") as caught:
        run_mapping(mapping, collector, base_dir=run.folder, progress=interfere)
    assert caught.value.where == str(path)
    assert collector.state == "aborted"


def test_a_file_that_stays_is_no_error(run) -> None:
    path = run.file("a", "x")
    unchanged = Unchanged([path, run.folder / "missing"])
    path.read_bytes()
    unchanged.check()
    run.file("missing", "")
    with pytest.raises(InputError, match="missing"):
        unchanged.check()
