"""The pipeline file: what is wrong in it is named, and nothing has run by then."""

from __future__ import annotations

from pathlib import Path

import pytest

from geoloom.pipeline import load_pipeline
from ontology import GeoloomError, InputError, UsageError


def refusal(folder: Path, text: str) -> GeoloomError:
    file = folder / "bad.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(GeoloomError) as caught:
        load_pipeline(file)
    assert "bad.toml" in str(caught.value)
    return caught.value


def test_paths_start_from_the_file(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder.parent)
    pipeline = load_pipeline(Path(folder.name) / "pipeline.toml")
    assert pipeline.store == Path(folder.name) / "store"
    assert pipeline.map[0].mapping == Path(folder.name) / "mappings" / "fields.rml.ttl"
    assert [step.on_bad for step in pipeline.map] == ["fail", "fail", "quarantine", "fail"]
    assert pipeline.interlink[0].relations == ("sfIntersects", "sfWithin")
    assert pipeline.validate is not None
    assert pipeline.validate.distance == 10.0


def test_one_string_stands_for_a_list_of_one(folder: Path) -> None:
    (folder / "short.toml").write_text('store = "s"\ncodelists = "hcat3"\n', encoding="utf-8")
    assert load_pipeline(folder / "short.toml").codelists == ("hcat3",)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('store = "s"\ncodelist = ["hcat3"]', ["'codelist'", "did you mean 'codelists'"]),
        (
            'store = "s"\n[[map]]\nmaping = "m.ttl"',
            ["'maping'", "did you mean 'mapping'", "[[map]]"],
        ),
        ('store = "s"\n[validate]\ndistnace = 3', ["'distnace'", "did you mean 'distance'"]),
        ('store = "s"\nzzz = 1', ["'zzz'", "known keys are store"]),
        ("codelists = []", ["'store' is missing"]),
        ('store = "s"\n[[map]]\nbase = "data"', ["which mapping", "[[map]]", "recipe and file"]),
        ('store = "s"\n[[interlink]]\nsource = "gl:Zone"', ["'target' is missing"]),
        ("store = 3", ["Expected a string", "store", "found 3"]),
        ('store = "s"\n[validate]\ndistance = "far"', ["Expected a number", "found 'far'"]),
        ('store = "s"\n[validate]\ndistance = true', ["Expected a number"]),
        ('store = "s"\n[[map]]\nmapping = "m"\non_bad = "skip"', ["'fail' or 'quarantine'"]),
        ('store = "s"\n[[map]]\nrecipe = "eurocrops"', ["recipe and file"]),
        ('store = "s"\n[[map]]\nmapping = "m"\nupdate = 1', ["Expected true or false"]),
        (
            'store = "s"\n[[map]]\nmapping = "m"\nquarantine = "q.jsonl"',
            ["quarantine file", "on_bad = 'quarantine'"],
        ),
        ('store = "s"\n[validate]\nrule = "all"', ["'nearest' or 'any'", "[validate]"]),
        ('store = "s"\n[[load]]\nfiles = [1]', ["Expected a list of strings"]),
        ('store = "s"\nmap = "m.ttl"', ["Expected tables", "[[map]]"]),
        ('store = "s"\n[[validate]]\n[[validate]]', ["Expected one table"]),
    ],
)
def test_a_wrong_key_is_wrong_usage(folder: Path, text: str, words: list[str]) -> None:
    error = refusal(folder, text)
    assert isinstance(error, UsageError)
    assert not [word for word in words if word not in str(error)], str(error)


@pytest.mark.parametrize("body", ["", 'text = "ASK {}"\nfile = "fields.rq"'])
def test_a_query_is_text_or_file(folder: Path, body: str) -> None:
    file = folder / "bad.toml"
    file.write_text(f'store = "s"\n[[query]]\nname = "q"\n{body}', encoding="utf-8")
    with pytest.raises(UsageError, match=r"text or as a file.*q"):
        load_pipeline(file)


@pytest.mark.parametrize(
    "text",
    [
        '[[map]]\nmapping = "gone.ttl"',
        '[[map]]\nmapping = "mappings/fields.rml.ttl"\nbase = "gone.ttl"',
        '[[load]]\nfiles = ["extra.ttl", "gone.ttl"]',
        '[validate]\nsources = "gone.ttl"',
        '[[query]]\nname = "q"\nfile = "gone.ttl"',
    ],
)
def test_missing_files_are_found_before_anything_runs(folder: Path, text: str) -> None:
    error = refusal(folder, f'store = "s"\n{text}')
    assert isinstance(error, InputError)
    assert str(folder / "gone.ttl") in str(error)
    assert error.remedy


def test_not_toml_names_the_line(folder: Path) -> None:
    error = refusal(folder, 'store = "s"\nmap = [\n')
    assert isinstance(error, InputError)
    assert "line" in str(error)


def test_no_such_pipeline(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"Cannot read the pipeline.*none\.toml"):
        load_pipeline(tmp_path / "none.toml")
