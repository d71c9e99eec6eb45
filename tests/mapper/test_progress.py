from __future__ import annotations

from pathlib import Path

import pytest

from mapper.runs.progress import Meter, positions, sizes


def test_positions_of_open_files(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"x" * 100_000)
    assert positions([path]) == {}
    with path.open("rb") as file:
        file.read(50_000)
        at = positions([path])
    if not at:
        pytest.skip("this system does not tell positions: /proc is not there")
    assert 50_000 <= at[path] <= 100_000


def test_rows_in_all_are_estimated_from_bytes(tmp_path: Path) -> None:
    first, second = tmp_path / "a", tmp_path / "b"
    first.write_bytes(b"x" * 1000)
    second.write_bytes(b"x" * 3000)
    told: list[tuple[int, int | None]] = []
    meter = Meter(lambda done, total: told.append((done, total)), None, sizes([first, second]))
    meter.advance(10)
    meter.finish(sizes([first]))
    meter.advance(10)
    with second.open("rb", buffering=0) as file:
        file.read(1000)
        meter.advance(20)
    assert told[:2] == [(10, None), (20, 80)]
    assert told[2] in ((40, 80), (40, 160))


def test_known_rows_are_told_as_they_are() -> None:
    told: list[tuple[int, int | None]] = []
    Meter(lambda done, total: told.append((done, total)), 50, {}).advance(10)
    assert told == [(10, 50)]


def test_files_that_are_not_there_have_no_size(tmp_path: Path) -> None:
    assert sizes([tmp_path / "none"]) == {}
