"""The examples of the pages on mapping, as they stand there."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from mapper import NTriplesSink, load_mapping, run_mapping

DOCS = Path(__file__).parents[3] / "docs"


def blocks(page: str, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", (DOCS / page).read_text(), re.DOTALL)


def test_the_first_mapping(run: Any) -> None:
    run.file("points.csv", "id,name,lat,lon,crop\n1,Linz,48.3,14.3,wheat\n2,,48.2,16.4,\n")
    (text,) = blocks("mapping.md", "turtle")
    found = {str(quad.object) for quad in run(text)}
    assert '"Linz"@en' in found
    assert any("POINT (14.3 48.3)" in text for text in found)
    assert run.report.rows_read == 2
    assert run.report.rows_quarantined == 0


def test_the_yarrrml_example(tmp_path: Path) -> None:
    (text,) = blocks("mapping-reference.md", "yaml")
    (tmp_path / "crops.csv").write_text("code,name\nw,wheat\n,nothing\n")
    (tmp_path / "parcels.csv").write_text("fid,area_ha,remark,crop_code\n7,2.5,klein,w\n")
    (tmp_path / "m.yml").write_text(text.replace("parcels.gpkg~gl:Vector", "parcels.csv~csv"))
    run_mapping(load_mapping(tmp_path / "m.yml"), NTriplesSink(tmp_path / "out.nt"))
    lines = (tmp_path / "out.nt").read_text()
    assert "<http://example.com/crop> <http://example.com/crop/w>" in lines
    assert '"klein"@de' in lines
    assert lines.count("\n") == 5


def test_the_target_example(run: Any, turtle: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    run.file("in.csv", "id\n1\n")
    monkeypatch.chdir(run.folder)
    example = next(b for b in blocks("mapping-reference.md", "turtle") if "LogicalTarget" in b)
    text = turtle('rml:reference "id" ; rml:logicalTarget ex:people')
    prefix = "@prefix formats: <http://www.w3.org/ns/formats/> .\n"
    assert run.objects(prefix + text + example) == []
    assert (run.folder / "people.ttl.gz").exists()
