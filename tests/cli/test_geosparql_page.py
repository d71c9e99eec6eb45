"""Every command of docs/geosparql.md prints what the page says."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from tests.cli.conftest import Geoloom

PAGE = (Path(__file__).parents[2] / "docs" / "geosparql.md").read_text(encoding="utf-8")
DATA = re.findall(r"```turtle\n(.*?)```", PAGE, re.DOTALL)
COMMANDS = re.findall(r"```sh\n(.*?)```(?:\n\n```text\n(.*?)```)?", PAGE, re.DOTALL)


def test_the_page(geoloom: Geoloom, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("places.ttl").write_text(*DATA, encoding="utf-8")
    (load, nothing), *queries = COMMANDS
    assert (shlex.split(load)[1:2], nothing) == (["load"], "")
    assert geoloom(*shlex.split(load)[1:]).code == 0
    assert len(queries) >= 10
    for command, wanted in queries:
        words = shlex.split(command.partition(" | grep")[0].replace("\\\n", " "))
        ran = geoloom(*words[1:])
        assert ran.code == 0, ran.err
        printed = ran.out.replace("\r\n", "\n")
        assert wanted in printed if " | grep" in command else wanted == printed, command
